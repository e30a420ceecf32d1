"""Readers turn what a customer sends into a point. Pure: no network, and no guess if it is unclear.

The numbers of a pair change places if only the other order is in the tenant's country. A pair that is there
in neither order is no location.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from schemas.countries import Area
from schemas.plain import unescaped
from webhook.location.readers import links, objects, plus_code, text
from webhook.location.readers.pair import Pair, only_one
from webhook.location.readers.text import LONGEST

LONGEST_JSON = 65_536
"""Characters of an object as text: a pin's thumbnail may be long."""

_JSON = re.compile(r"\s*\\*[\[{\"“]")


@dataclass(frozen=True)
class Step:
    """What one reader found in a value. The first step with pairs decides."""

    reader: str
    pairs: list[Pair]
    metres: float = 0.0
    """How inaccurate the value itself says that it is."""


def read(value: object, country: Area) -> Pair | None:
    """The point in whatever a flow has in its location variable."""
    step = _deciding(value)
    found = only_one(step.pairs, country) if step else None
    if step and found and step.metres > found.metres:
        return replace(found, metres=step.metres)
    return found


def _deciding(value: object) -> Step | None:
    return next((step for step in steps(value) if step.pairs), None)


def steps(value: object) -> Iterator[Step]:
    """What each reader finds, in the order in which they are asked."""
    if isinstance(value, dict | list):
        metres = objects.metres(value)
        yield Step("objects", list(objects.pairs(value)), metres)
        for step in _steps_inside(value):
            yield replace(step, metres=max(metres, step.metres))
    if not isinstance(value, str):
        return
    if (inner := in_json(value)) is not None:
        yield from steps(inner)
    if not (line := plain(value)):
        return
    for reader, found in _WITH_LINKS if links.are_in(line) else _WITHOUT_LINKS:
        pairs = list(found(line))
        yield Step(reader, pairs, text.stated_metres(line) if pairs else 0.0)


def _plus_codes(line: str) -> Iterator[Pair]:
    return plus_code.pairs(links.decoded(line))


def _words(line: str) -> Iterator[Pair]:
    # Numbers in a link are a place only in the parameters that `links` knows, so remove links from the words.
    return text.pairs(links.without_links(line))


_WITHOUT_LINKS = (("plus_code", plus_code.pairs), ("text", text.pairs))
_WITH_LINKS = (("links", links.pairs), ("plus_code", _plus_codes), ("text", _words))


def _steps_inside(value: object) -> Iterator[Step]:
    """What the texts of an object have: all of them at once, since two may name different places."""
    if found := [step for words in objects.texts(value) if (step := _deciding(words))]:
        readers = " ".join(dict.fromkeys(step.reader for step in found))
        pairs = [pair for step in found for pair in step.pairs]
        yield Step(readers, pairs, max(step.metres for step in found))


def plain(value: str) -> str:
    """A message in one spelling, without the escapes that programs leave in; empty if it is too long."""
    if len(value) > LONGEST:
        return ""
    if "%" in value and "://" not in value and re.search("%[0-9A-Fa-f]{2}", value):
        value = unquote(value)
    # Normalization turns some characters into eighteen, so check the length again.
    line = text.plain(unescaped(value))
    return line if len(line) <= LONGEST else ""


def in_json(value: str) -> object:
    """The object or text in a JSON text, even if its quotes were escaped or replaced; None if it is none."""
    if not _JSON.match(value) or len(value) > LONGEST_JSON:
        return None
    for spelling in (value, unescaped(value), plain(value)):
        try:
            inner = json.loads(spelling)
        except (ValueError, RecursionError):
            continue
        return None if inner == value or isinstance(inner, int | float) else inner
    return None
