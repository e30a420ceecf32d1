"""Location objects of chat channels: their coordinates at any level, how accurate they are, and their texts.

WhatsApp Cloud API and Telegram say `latitude`/`longitude`, Baileys `degreesLatitude`, Chatwoot
`coordinates_lat`, green-api puts them into `locationMessageData`, GeoJSON and OZmap have lists in the order
[lng, lat]. So a key counts by the word in it, if the other half of the pair has the same name beside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from schemas.fields import metres as metres_in
from schemas.fields import number
from schemas.point import Point
from webhook.location.readers import text
from webhook.location.readers.pair import Pair

_LATITUDE = ["latitude", "latitud", "lat"]
_LONGITUDE = ["longitude", "longitud", "long", "lng", "lon"]
_SCALED = re.compile("e([67])$")  # Google's latitudeE7
_ACCURACY = re.compile("(?!.*(?:vertical|altitude|heading|speed|course)).*accura|acc$|precisao|uncertainty")
_SAID = {
    "body", "text", "message", "conversation", "caption", "content", "value", "input", "answer", "response",
    "url", "texto", "mensagem", "valor", "conteudo", "resposta", "localizacao",
}  # fmt: skip
"""Keys in which channels and blocks have what the customer wrote."""
_SHOWN = re.compile(r"(?!.*://).*\w.*", re.DOTALL)  # never show a stranger's link to people
_LONGEST = 200
"""Characters of an address that is shown to people."""
_LONGEST_TEXT = 4096
_MOST_TEXTS = 40
_DEEPEST = 8
"""Levels: the request body is limited, but JSON text inside it is not."""


def pairs(value: object, depth: int = 0) -> Iterator[Pair]:
    """Every pair in the object, however deep."""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return
    if found := _of_keys(value) if isinstance(value, dict) else _of_list(value):
        yield from found
        return
    for inner in value.values() if isinstance(value, dict) else value:
        yield from pairs(inner, depth + 1)


def metres(value: object) -> float:
    """The worst accuracy in the object: how far from the point the place may be; 0 if none is stated."""
    stated = (metres_in(inner) or 0.0 for name, inner in _leaves(value) if _ACCURACY.match(name))
    return max(stated, default=0.0)


def texts(value: object) -> list[str]:
    """The texts of an object without coordinates, which may have them in words or in a link."""
    found = (inner for _, inner in _leaves(value) if isinstance(inner, str))
    # A thumbnail is one long word.
    return [
        inner for inner in found if 0 < len(inner) <= _LONGEST_TEXT and not re.match(r"[\w+/=]{200}", inner)
    ][:_MOST_TEXTS]


def said(value: object) -> str:
    """What the customer wrote, if the object wraps one text; otherwise empty."""
    words = {inner for name, inner in _leaves(value) if isinstance(inner, str) and name in _SAID | {""}}
    return words.pop() if len(words) == 1 else ""


def address(value: object, depth: int = 0) -> str:
    """The address that comes with a pin, empty if none does: WhatsApp and Telegram's venues have it."""
    if not isinstance(value, dict | list) or depth > _DEEPEST:
        return ""
    if isinstance(value, dict) and isinstance(given := value.get("address"), str) and _SHOWN.fullmatch(given):
        return " ".join(given.split())[:_LONGEST]
    inside = value.values() if isinstance(value, dict) else value
    return next((text for inner in inside if (text := address(inner, depth + 1))), "")


@lru_cache(1024)
def _plain_name(key: str) -> str:
    return re.sub("[^a-z0-9]", "", key.lower())


def _leaves(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Name and value of everything that is no object. What stands in a list has the list's name."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, _plain_name(str(key)), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name, depth + 1)
    else:
        yield name, value


def _of_keys(value: Mapping[object, object]) -> list[Pair]:
    plain = {_plain_name(str(key)): inner for key, inner in value.items()}
    for name in sorted((name for name in plain if "lat" in name), key=len):
        word = next(word for word in _LATITUDE if word in name)
        for twin in (name.replace(word, other) for other in _LONGITUDE):
            if twin in plain and (found := _scaled(name, plain[name], plain[twin])):
                return found
    return []


def _scaled(name: str, lat: object, lng: object) -> list[Pair]:
    found = text.of_values(lat, lng)
    if match := _SCALED.search(name):
        size = 10 ** int(match[1])
        return [Pair(Point(one.point.lat / size, one.point.lng / size), one.metres / size) for one in found]
    return found


def _of_list(value: Sequence[object]) -> list[Pair]:
    lng, lat = value[:2] if len(value) in {2, 3} else (None, None)
    return text.of_values(lat, lng) if number(lng) is not None and number(lat) is not None else []
