"""Reads coordinates from numbers and text. Pure: no network, and no guess: what is unclear gives None."""

import re
import unicodedata

from schemas.fields import number
from schemas.point import Point

_SEPARATOR = r"\s*[,;\s]\s*"
# Text needs decimals in both numbers: "12, 34" is as likely a house number as a place.
_WITH_POINT = r"([+-]?[0-9]{1,3}\.[0-9]+)"
_WITH_COMMA = r"([+-]?[0-9]{1,3},[0-9]+)"
_PAIRS = [re.compile(kind + _SEPARATOR + kind) for kind in (_WITH_POINT, _WITH_COMMA)]


def from_pair(latitude: object, longitude: object) -> Point | None:
    """A Point from two numbers, JSON numbers or text (`-27.59`, `"-27,59"`), in degrees."""
    lat, lng = number(latitude), number(longitude)
    if lat is None or lng is None or not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return None
    # The sea off Africa, where no customer is: what broken GPS code sends.
    return None if lat == lng == 0 else Point(lat, lng)


def from_text(text: object) -> Point | None:
    """A Point from `lat, lng` in one text, with decimal points or decimal commas."""
    if not isinstance(text, str):
        return None
    plain = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip()
    for pair in _PAIRS:
        if found := pair.fullmatch(plain):
            return from_pair(*found.groups())
    return None
