"""Coordinates as people and programs write them: `-27.59, -48.54`, `27°35'43"S 48°32'53"O` and the like.

A sign that may as well be a dash between words is read both ways: only one of them may be in the country.
"""

import math
import re
from collections.abc import Iterator
from itertools import pairwise, product
from typing import NamedTuple

from schemas.fields import metres, number
from schemas.plain import plain as one_spelling
from schemas.point import Point
from webhook.location.readers.pair import METRES_PER_DEGREE, Pair, decimal_metres, half_of_digit

_MARKS = str.maketrans(
    {**dict.fromkeys("º˚", "°"), **dict.fromkeys("′’‘´`", "'"), **dict.fromkeys("″”“", '"')}
)
LONGEST = 4096
"""Characters of a message. Longer ones are refused: a cut could be in the middle of a number."""
_SPEAKS = ("menos", "minus", "negativ", "ponto", "rgula", "(")
_SPOKEN = [
    (re.compile(r"\b(?:menos|minus|negativ[oa])\s(?=[0-9])|\(\s?-\s?\)\s?(?=[0-9])", re.I), "-"),
    (re.compile(r"(?<=[0-9])\sponto\s(?=[0-9])", re.I), "."),
    (re.compile(r"(?<=[0-9])\sv[ií]rgula\s(?=[0-9])|(?<=[0-9])\s?v[ií]rgula\b", re.I), ","),
]

# A lower-case letter beside a blank may be a word of Portuguese: "e", "o", "a".
_WORDS = "norte|north|sul|south|leste|este|east|oeste|west|(?-i:[NSLEOW])"
_COORDINATE = re.compile(
    r"(?:(?=[+-])|(?<![0-9a-z])(?<![0-9a-z]\.)|(?<=[0-9°'\"][nsleow]))"
    r"(?:(?P<label>lat|lng|lon)[a-z]{0,7}\.?[\s\"':=]{0,6})?"
    rf"(?:(?P<before>{_WORDS})(?![a-z])[\s:=]{{0,3}})?"
    r"(?P<sign>[+-][\s+-]{0,4})?"
    r"(?:(?P<degrees>[0-9]{1,3})\s?(?:°|[dg](?![a-z])|graus?|deg)[\s,]{0,2}(?:e\s)?"
    r"(?P<minutes>[0-9]{1,3}(?:[.,][0-9]{1,9})?)\s?(?:'(?!')|min(?:utos?)?(?![a-z])|m(?![a-z]))"
    r"(?:[\s,]{0,2}(?:e\s)?(?P<seconds>[0-9]{1,3}(?:[.,][0-9]{1,9})?)(?![0-9.,]*\s?(?:°|[dg]|'(?!')))"
    r"(?:\s?(?:\"|''|seg(?:undos?)?(?![a-z])|(?-i:s)(?![a-z])))?)?"
    r"|(?P<decimal>[0-9]{1,3}(?:[.,][0-9]{1,20})?)(?![0-9]|\.[0-9])(?:\s?(?P<mark>°|graus?(?![a-z])|deg(?![a-z])))?)"
    r"(?(before)|(?:(?P<joined>[nsleow])(?![a-z])"
    rf"|\s?(?:de\s(?:lat|lon)[a-z]{{0,7}}\s)?\(?(?P<after>{_WORDS}|[nsw])(?![a-z])\)?)?)"
    r"(?P<tail>-(?=\s?(?:[,;/|)]|$)))?",
    re.IGNORECASE,
)
# At least one number of a pair has decimals, or is in degrees: "12, 34" is as likely a house number.
_SIZED = re.compile("[.,][0-9]|°|gr|[0-9] ?[dg]", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[\s\"')\]}>]*(?:[,;/|&~_]|(?:e|x|por)(?![a-z])|\.(?=\s|$))?[\s\"'(\[{<]*", re.IGNORECASE
)
_IN_LIST = re.compile("[0-9],$")
_DASH_BEFORE = re.compile(r"-[^0-9a-z]{0,9}$", re.IGNORECASE)

# What nobody writes in an address, even where the numbers cannot be read.
_MEANT = re.compile(
    r"[0-9]\s?°\s?[0-9]{1,3}(?:[.,][0-9]+)?\s?'|[0-9]\s?graus?\b|[.,][0-9]+\s?°"
    r"|\b(?:lat|latitude|lng|lon|long|longitude)\b[\s\"':=+-]{0,6}[0-9]"
    r"|[0-9][.,][0-9]+\s?(?:sul|norte|oeste|leste)\b|-[0-9]{7,10}\b|-\s?[0-9]{1,3}(?:\.[0-9]{3}){2}",
    re.IGNORECASE,
)
_DATA = re.compile(r"\{|\[\s?[\[{\"]")
_FINE = re.compile(r"(?<![0-9.,])[0-9]{1,3}\s?[.,]\s?[0-9]{4,}")
_WORD = re.compile(r"[^\W\d_]{2}")
_STATES = ("±", "+/-", ";u=", "acc", "precis", "margem", "erro")
_STATED = re.compile(
    r"(?:±|\+/-|;u=|\b(?:[a-z]+_)?acc(?:uracy)?|precis[aã]o|margem|\berro)[\s:=\"']{0,4}(?:de\s)?"
    r"([0-9]{1,6}(?:[.,][0-9]{1,9})?)\s?(km)?",
    re.IGNORECASE,
)


class _Number(NamedTuple):
    values: list[float]
    """Degrees; two if the sign may as well be a dash, none if the number is impossible."""
    metres: float
    style: str
    """The decimal mark; empty without one, `°` for minutes and seconds."""
    label: str
    letter: str
    signed: bool
    """With a sign or a letter of its own."""
    marked: bool
    """So, or with a degree sign: certainly no house number."""


def plain(text: str) -> str:
    """The text with one spelling of each sign, and single spaces."""
    line = one_spelling(text if text.isascii() and "`" not in text else text.translate(_MARKS))
    # A longer text is not read, and few are spoken.
    lower = line.lower() if len(line) <= LONGEST else ""
    for spoken, sign in _SPOKEN if any(word in lower for word in _SPEAKS) else ():
        line = spoken.sub(sign, line)
    return line


def pairs(text: str) -> Iterator[Pair]:
    """The coordinate pairs of a plain text. A number that cannot be makes none."""
    matches = list(_COORDINATE.finditer(text))
    used = -1
    for place, (one, two) in enumerate(pairwise(matches)):
        between = text[one.end() : two.start()]
        if place == used or not (_SIZED.search(one[0]) or _SIZED.search(two[0])):
            continue
        if not _BETWEEN.fullmatch(between) or _IN_LIST.search(text[: one.start()][-2:]):
            continue
        first, second = _number(one, text, None), _number(two, text, one)
        if _belong(first, second, between, bool(one["mark"] and two["mark"])):
            used = place + 1
            yield from _pairs(first, second)


def of_values(latitude: object, longitude: object) -> list[Pair]:
    """The pair in two values of their own: numbers, or texts in any spelling."""
    lat, lng = number(latitude), number(longitude)
    if not isinstance(latitude, str | int | float) or not isinstance(longitude, str | int | float):
        return []
    if lat is not None and lng is not None:
        return [Pair(Point(lat, lng), decimal_metres(latitude, longitude))]
    return list(pairs(plain(f"{latitude}, {longitude}")))


def stated_metres(text: str) -> float:
    """How far from the point the text says that the place may be; 0 if it does not say it."""
    lower = text.lower()
    if not any(word in lower for word in _STATES):
        return 0.0
    found = [(metres(size) or 0.0) * (1000 if unit else 1) for size, unit in _STATED.findall(text)]
    return max(found, default=0.0)


def is_meant(text: str) -> bool:
    """Whether a text in which no place could be read was meant as coordinates or as data.

    A geocoder would find something similar to such a text, somewhere.
    """
    return bool(_DATA.match(text) or _MEANT.search(text) or len(_FINE.findall(text)) > 1)


def is_numbers(text: str) -> bool:
    """Whether a text has no words."""
    return not _WORD.search(text)


def _number(match: re.Match[str], text: str, prior: re.Match[str] | None) -> _Number:
    letter = (match["before"] or match["joined"] or match["after"] or "")[:1].upper()
    size, metres, style = _sexagesimal(match) if match["degrees"] else _decimal(match)
    values = [sign * size for sign in _signs(match, letter, text, prior)] if size <= 180 else []
    label, signed = (match["label"] or "").lower(), bool(match["sign"] or match["tail"] or letter)
    marked = signed or bool(match["mark"])
    return _Number(values, metres, style, label, letter, signed, marked)


def _sexagesimal(match: re.Match[str]) -> tuple[float, float, str]:
    """Degrees, metres and style. Minute 60 is what rounding makes of 59.999, and 95 is a mistake."""
    (minutes, parts), (seconds, fine) = _amount(match["minutes"]), _amount(match["seconds"] or "0")
    possible = minutes < 60 or (minutes == 60 and parts)
    if not possible or seconds > 60 or (parts and match["seconds"]):
        return math.inf, 0.0, "°"
    unit, digits = (3600, fine) if match["seconds"] else (60, parts)
    size = float(match["degrees"]) + minutes / 60 + seconds / 3600
    return size, half_of_digit(METRES_PER_DEGREE / unit, digits), "°"


def _decimal(match: re.Match[str]) -> tuple[float, float, str]:
    size, _ = _amount(match["decimal"])
    return size, decimal_metres(match["decimal"]), match["decimal"].strip("0123456789")


def _amount(text: str) -> tuple[float, int]:
    """A number and how many decimals it is written with."""
    plain_text = text.replace(",", ".")
    return float(plain_text), len(plain_text.partition(".")[2])


def _signs(match: re.Match[str], letter: str, text: str, prior: re.Match[str] | None) -> list[int]:
    """What the number may have to be multiplied with; nothing if sign and letter contradict each other."""
    # A plus before the minus is a blank of a form.
    sign = (match["sign"] or "").replace(" ", "").replace("+-", "-") + ("-" if match["tail"] else "")
    if letter:
        return [-1] if letter in "SOW" else [] if "-" in sign else [1]
    if match["tail"]:
        return [-1] if len(sign) == 1 else []
    before = text[prior.end() if prior else max(0, match.start() - 10) : match.start()]
    if "-" not in sign:
        return [1, -1] if not sign and _DASH_BEFORE.search(before) else [1]
    start = match.start("sign")
    last = text[:start].rstrip()[-1:] if start and text[start - 1] == " " else text[start - 1 : start]
    joins_words = last.isalnum() or last in set("°'\")]}")
    is_sign = not match["sign"].endswith(" ") and text[start - 1 : start] == " "
    return [-1] if sign == "-" and (is_sign or not joins_words) else [-1, 1]


def _belong(first: _Number, second: _Number, between: str, degrees: bool) -> bool:
    """Whether two numbers beside each other are the halves of a pair."""
    styles = {first.style, second.style}
    if len(styles - {""}) > 1 or ("°" in styles and len(styles) > 1):
        return False
    # "12, 34" is as likely a house number as a place.
    numbers = (first, second)
    if not all(one.style or one.marked for one in numbers) or (styles == {""} and not degrees):
        return False
    if not (between or second.signed or first.letter or second.label):
        return False
    # "2.53, 44.30 W" may be south as well as north.
    if bool(first.letter) != bool(second.letter) and not (first.signed and second.signed):
        return False
    # In "2.53 - 44.30" nobody can tell a sign from a dash.
    return len(second.values) < 2 or first.signed


def _pairs(first: _Number, second: _Number) -> Iterator[Pair]:
    swapped = first.label in {"lng", "lon"} or second.label == "lat" or first.letter in set("LOEW")
    certain = bool(first.letter and second.letter)
    for values in product(first.values, second.values):
        lat, lng = reversed(values) if swapped else values
        yield Pair(Point(lat, lng), min(first.metres, second.metres), certain)
