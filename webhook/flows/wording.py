"""The text that a customer reads: fixed words, values in them, and options, within a chat's limits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.plain import one_line
from webhook.flows.definition import split_at_variables

LONGEST_TEXT = 1024
"""WhatsApp: developers.facebook.com/docs/whatsapp/cloud-api, text of interactive messages."""
MOST_BUTTONS = 3
LONGEST_BUTTON = 20
OWN_WORDS = {"mensagem", "link", "mapa_url", "opcoes"}
"""Variables that hold our own sentences and links: they keep their lines and marks."""

_LINK = re.compile(r"(https?://\S+)")
_MARKS = str.maketrans(dict.fromkeys("*_~`", " "))
_SHORTEST = 20
"""Characters that a value keeps, however long the text is."""


@dataclass(frozen=True)
class Part:
    """A piece of a text. A value may be cut, the fixed words around it and links may not."""

    text: str
    is_value: bool = False


def fill(text: str, values: Mapping[str, str]) -> list[Part]:
    """The text with values in place of its variables. One without a value stays as it is written."""
    parts = []
    for fixed, name in split_at_variables(text):
        parts.append(Part(fixed))
        if name in values:
            parts += _value(values[name], name in OWN_WORDS)
        elif name:
            parts.append(Part(f"{{{name}}}"))
    return [part for part in parts if part.text]


def text_of(parts: Iterable[Part]) -> str:
    """The whole text."""
    return "".join(part.text for part in parts)


def options_of(options: Sequence[str]) -> str:
    """The options as lines of a text, each with the number that an answer may name."""
    return "\n".join(f"{number} - {option}" for number, option in enumerate(options, start=1))


def fitted(texts: Iterable[Sequence[Part]], options: str = "") -> str:
    """One message of the texts and the options behind them. If it is too long, its values are cut."""
    parts: list[Part] = []
    for text in texts:
        parts += [Part("\n\n"), *text] if parts else text
    if options:
        parts.append(Part(f"\n\n{options}"))
    while (over := len(text_of(parts)) - LONGEST_TEXT + 1) > 0:
        values = [n for n, part in enumerate(parts) if part.is_value and len(part.text) > _SHORTEST]
        if not values:
            break
        longest = max(values, key=lambda n: len(parts[n].text))
        keep = max(_SHORTEST, len(parts[longest].text) - over) - 1
        parts[longest] = Part(parts[longest].text[:keep].rstrip() + "…", is_value=True)
    return text_of(parts).strip()


def _value(text: str, is_ours: bool) -> list[Part]:
    if not is_ours:
        text = one_line(text)
    pieces = _LINK.split(text)
    return [
        Part(piece if n % 2 or is_ours else piece.translate(_MARKS), is_value=not n % 2)
        for n, piece in enumerate(pieces)
    ]
