"""Plus Codes (Open Location Code) in a text: the middle of the area that a full code names."""

import re
from collections.abc import Iterator

from openlocationcode import openlocationcode

from schemas.point import Point
from webhook.location.readers.pair import METRES_PER_DEGREE, Pair

# Ten digits are 14 m wide; shorter full codes cover more than a house.
_FULL = re.compile(r"(?<![0-9A-Z])[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7}(?![0-9A-Z+])", re.I)


# Four digits short, as Google Maps shows it beside a town.
_SHORT = re.compile(
    r"(?<![0-9A-Z+])([23456789CFGHJMPQRVWX]{4}\+[23456789CFGHJMPQRVWX]{2,3})(?![0-9A-Z+])", re.I
)


def short(text: str) -> tuple[str, str] | None:
    """A short code and the words beside it that name its town: after it, as maps write it, or before."""
    if (match := _SHORT.search(text)) and openlocationcode.isShort(match[1]):
        before, behind = text[: match.start()], text[match.end() :]
        return match[1], behind if re.search(r"[^\W\d_]", behind) else before
    return None


def near(code: str, town: Point) -> Pair:
    """The place that a short code means in a town."""
    return _middle(openlocationcode.recoverNearest(code, *town))


def pairs(text: str) -> Iterator[Pair]:
    """A pair per full code."""
    for match in _FULL.finditer(text) if "+" in text else ():
        if openlocationcode.isFull(match[0]):
            yield _middle(match[0])


def _middle(code: str) -> Pair:
    area = openlocationcode.decode(code)
    metres = (area.latitudeHi - area.latitudeLo) / 2 * METRES_PER_DEGREE
    return Pair(Point(round(area.latitudeCenter, 7), round(area.longitudeCenter, 7)), metres, certain=True)
