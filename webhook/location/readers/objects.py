"""Finds the pair of coordinates in location objects of chat channels, at any level.

WhatsApp Cloud API and Telegram say `latitude`/`longitude`, Baileys `degreesLatitude`/`degreesLongitude`,
green-api puts them into `locationMessageData`, GeoJSON and OZmap have lists in the order [lng, lat].
"""

import re
from collections.abc import Iterator

from schemas.fields import number
from webhook.location.readers.pair import Pair

_NAMES = [
    ("latitude", "longitude"),
    ("lat", "lng"),
    ("lat", "lon"),
    ("lat", "long"),
    ("degreeslatitude", "degreeslongitude"),
]
_SHOWN = re.compile(r"(?!.*://).*\w.*", re.DOTALL)  # never show a stranger's link to people
_LONGEST = 200
"""Characters of an address that is shown to people."""
_DEEPEST = 8
"""Levels: the request body is limited, but JSON text inside it is not."""


def pairs(value: object, depth: int = 0) -> Iterator[Pair]:
    """Every pair in the object, however deep."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        yield from _listed(value, depth)
        return
    if not isinstance(value, dict):
        return
    lower = {str(key).lower(): inner for key, inner in value.items()}
    for lat_name, lng_name in _NAMES:
        lat, lng = number(lower.get(lat_name)), number(lower.get(lng_name))
        if lat is not None and lng is not None:
            yield Pair(lat, lng)
            return
    for inner in value.values():
        yield from pairs(inner, depth + 1)


def address(value: object, depth: int = 0) -> str:
    """The address that comes with a pin, empty if none does: WhatsApp and Telegram's venues have it."""
    if not isinstance(value, dict | list) or depth > _DEEPEST:
        return ""
    if isinstance(value, dict) and isinstance(given := value.get("address"), str) and _SHOWN.fullmatch(given):
        return " ".join(given.split())[:_LONGEST]
    inside = value.values() if isinstance(value, dict) else value
    return next((text for inner in inside if (text := address(inner, depth + 1))), "")


def _listed(value: list[object], depth: int) -> Iterator[Pair]:
    numbers = [number(entry) for entry in value]
    if len(numbers) in {2, 3} and numbers[0] is not None and numbers[1] is not None:
        yield Pair(lat=numbers[1], lng=numbers[0])
        return
    for inner in value:
        yield from pairs(inner, depth + 1)
