"""Coordinates as people and programs write them: `-27.59, -48.54`, `27°35'43"S 48°32'53"O` and the like."""

import re
import unicodedata
from collections.abc import Iterator

from webhook.location.readers.pair import Pair

_MARKS = str.maketrans(
    {
        **dict.fromkeys("−–‐‑", "-"),
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("′’‘´`", "'"),
        **dict.fromkeys("″”“", '"'),
    }
)

# Numbers without decimals are ignored: "12, 34" is as likely a house number as a place.
_LABEL = r"(?:[\"']?(?P<label{n}>lat|lng|lon)[a-z]*\.?\s*[\"']?\s*[:=]?\s*[\"']?\s*)?"
_BEFORE = r"(?:(?P<before{n}>[NSLOEW])\s*)?"
_SEXAGESIMAL = (
    r"(?P<sign{n}>[+-]?)(?P<degrees{n}>[0-9]{{1,3}})\s*(?:°|[dg]|graus)\s*"
    r"(?P<minutes{n}>[0-9]{{1,2}}(?:[.,][0-9]+)?)\s*(?:'|m(?:in)?)"
    r"(?:\s*(?P<seconds{n}>[0-9]{{1,2}}(?:[.,][0-9]+)?)\s*(?:\"|''|s(?:eg)?(?![a-z])))?"
)
_DECIMAL = r"(?P<decimal{n}>[+-]?[0-9]{{1,3}}{mark}[0-9]{{1,20}})(?![0-9])\s*°?"
_AFTER = r"(?(before{n})|(?:\s*(?P<after{n}>[NSLOEW])(?:ul|orte|este|ste)?(?![a-z]))?)"
_BETWEEN = r"[\"']?\s*(?:[,;/|]|\se\s|\s)\s*"


def _pattern(number: str) -> re.Pattern[str]:
    part = _LABEL + _BEFORE + number + _AFTER
    both = part.format(n=1) + _BETWEEN + part.format(n=2)
    return re.compile(rf"(?<![0-9.,a-z+-]){both}(?![0-9])", re.IGNORECASE)


# The order matters: with decimal commas, a decimal point would pass for a thousands separator.
_PATTERNS = [
    _pattern(_SEXAGESIMAL),
    _pattern(_DECIMAL.replace("{mark}", r"\.")),
    _pattern(_DECIMAL.replace("{mark}", ",")),
]


def plain(text: str) -> str:
    """The text with one spelling of each sign, and single spaces."""
    # The patterns would try every way to divide a run of spaces between their parts.
    return " ".join(unicodedata.normalize("NFKC", text.translate(_MARKS)).split())


def pairs(text: str) -> Iterator[Pair]:
    """The coordinate pairs of a plain text, in the first spelling that matches."""
    for pattern in _PATTERNS:
        if matches := list(pattern.finditer(text)):
            yield from (_pair(match) for match in matches)
            return


def _pair(match: re.Match[str]) -> Pair:
    values, hemispheres, labels = [], [], []
    for n in "12":
        part = {name.removesuffix(n): text for name, text in match.groupdict().items() if name.endswith(n)}
        letter = (part["after"] or part["before"] or "").upper()
        values.append(-abs(_degrees(part)) if letter in {"S", "O", "W"} else _degrees(part))
        hemispheres.append(letter)
        labels.append((part["label"] or "").lower())
    swapped = labels[0] in {"lng", "lon"} or labels[1] == "lat" or hemispheres[0] in {"L", "O", "E", "W"}
    lat, lng = reversed(values) if swapped else values
    return Pair(lat, lng, certain=all(hemispheres))


def _degrees(part: dict[str, str | None]) -> float:
    if decimal := part.get("decimal"):
        return _number(decimal)
    minutes, seconds = _number(part["minutes"] or "0"), _number(part["seconds"] or "0")
    size = _number(part["degrees"] or "0") + minutes / 60 + seconds / 3600
    return -size if part["sign"] == "-" else size


def _number(text: str) -> float:
    return float(text.replace(",", "."))
