"""Finds the pair of coordinates in location objects of chat channels, at any level.

WhatsApp Cloud API and Telegram say `latitude`/`longitude`, Baileys `degreesLatitude`/`degreesLongitude`,
green-api puts them into `locationMessageData`, GeoJSON and OZmap have lists in the order [lng, lat].
"""

import re
from collections.abc import Iterator, Mapping, Sequence

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
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return
    if pair := _of_keys(value) if isinstance(value, dict) else _of_list(value):
        yield pair
        return
    for inner in value.values() if isinstance(value, dict) else value:
        yield from pairs(inner, depth + 1)


def _of_keys(value: Mapping[object, object]) -> Pair | None:
    lower = {str(key).lower(): inner for key, inner in value.items()}
    for lat_name, lng_name in _NAMES:
        lat, lng = number(lower.get(lat_name)), number(lower.get(lng_name))
        if lat is not None and lng is not None:
            return Pair(lat, lng)
    return None


def _of_list(value: Sequence[object]) -> Pair | None:
    lng, lat = map(number, value[:2]) if len(value) in {2, 3} else (None, None)
    return None if lat is None or lng is None else Pair(lat, lng)


def address(value: object, depth: int = 0) -> str:
    """The address that comes with a pin, empty if none does: WhatsApp and Telegram's venues have it."""
    if not isinstance(value, dict | list) or depth > _DEEPEST:
        return ""
    if isinstance(value, dict) and isinstance(given := value.get("address"), str) and _SHOWN.fullmatch(given):
        return " ".join(given.split())[:_LONGEST]
    inside = value.values() if isinstance(value, dict) else value
    return next((text for inner in inside if (text := address(inner, depth + 1))), "")
