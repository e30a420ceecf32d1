"""Writes a text so that a reader of Markdown shows it as it is: Typebot reads its bubbles as Markdown.

Without escapes, which a reader of plain text would show: a mark becomes a sign that looks like it.
"""

import re

from schemas.plain import one_line

_LINK = re.compile(r"(https?://[^\s<>]+)")
# Emphasis, code, links, images, HTML, tables, strikethrough, entities and escapes.
_LOOKALIKES = str.maketrans(
    {
        "*": "•", "_": " ", "`": "'", "~": "-", "[": "(", "]": ")", "<": "‹", ">": "›", "\\": "/", "|": "/",
        "&": "e", "^": "", "\t": " ",
    }
)  # fmt: skip
_HEADING = re.compile("^#+ ?")
_BULLET = re.compile(r"^[-+•](?=\s|$)")
_NUMBER = re.compile(r"^(\d+)[.)](?=\s|$)")
_RULE = re.compile(r"[-=+]+\s*")


def plain(text: str) -> str:
    """The text without anything that Markdown would change. Links stay as they are."""
    lines = "\n".join(map(_line, text.splitlines()))
    return re.sub("\n{3,}", "\n\n", lines).strip("\n")


def _line(line: str) -> str:
    pieces = _LINK.split(line.strip())
    shown = "".join(piece if n % 2 else piece.translate(_LOOKALIKES) for n, piece in enumerate(pieces))
    shown = one_line(shown)
    if _RULE.fullmatch(shown):
        return ""
    return _NUMBER.sub(r"\1 –", _BULLET.sub("–", _HEADING.sub("", shown)))
