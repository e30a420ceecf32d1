"""Map links with coordinates in them: Google Maps, Apple Maps, Waze, OpenStreetMap, `geo:`.

Only the text of the link is read, never the page, so any host will do.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote_plus

from webhook.location.readers import text
from webhook.location.readers.pair import Pair

MOST_SEGMENTS = 20
"""The last segments of a path that are read: no map link has more."""
AFTER_A_LINK = ".,;:!?)>]\"'"
"""Punctuation after a link that does not belong to it."""

_LINK = re.compile(r"(?:https?://|geo:|(?:www\.)?(?:google|waze|maps|openstreetmap)\.)\S+", re.IGNORECASE)
_NUMBER = r"([+-]?[0-9]{1,3}\.[0-9]{1,20})"
_TWO = re.compile(rf"(?:ll\.|loc:)?\s*{_NUMBER}\s*,\s*{_NUMBER}")

# The pin of a Google place; a link may have several, the last is the place itself.
_PIN = re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}")
# Parameters that name a place, best first; the centre of the map comes last.
_PLACES = ["destination", "daddr", "query", "q", "to", "ll", "coordinate", "latlng", "center", "sll"]
_WORDS = ["destination", "daddr", "query", "q", "address"]
_SPLIT = [("mlat", "mlon"), ("lat", "lng"), ("lat", "lon"), ("latitude", "longitude")]
# The centre of the map, for links that name no place. That of a route or a search is no customer's house.
_PICTURES = [re.compile(rf"@{_NUMBER},{_NUMBER}"), re.compile(rf"#map=[0-9.]+/{_NUMBER}/{_NUMBER}")]
_NO_PICTURE = re.compile(r"/(?:dir|search|place)/")
# A map of a whole town shows no house.
_ZOOM = re.compile(r"@[0-9.,+-]+,([0-9]{1,2})(?:\.[0-9]+)?z|#map=([0-9]{1,2})")
_STREETS = 15
_UNCERTAIN = re.compile(r";u=([0-9]{3,})")
_WAZE_HASH = re.compile(r"waze\.com/ul/h([0-9b-hjkmnp-z]{8,12})(?![0-9a-z])", re.IGNORECASE)
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


def pairs(text: str) -> Iterator[Pair]:
    """At most one pair per link of the text."""
    for match in _LINK.finditer(text):
        if pair := _pair(match[0].rstrip(AFTER_A_LINK)):
            yield pair


def addresses(text: str) -> Iterator[str]:
    """The address or name that each link of the text has in words, if it has one."""
    for match in _LINK.finditer(text):
        link = match[0].rstrip(AFTER_A_LINK)
        values = _values(link)
        path = re.split(r"[?#]", link)[0].split("/")
        words = [values[name] for name in _WORDS if values.get(name)]
        for kind, which in (("place", 0), ("search", 0), ("dir", -1)):
            if kind in path:
                behind = path[path.index(kind) + 1 :]
                names = [part for part in behind if part and not part.startswith(("@", "data="))]
                words += [unquote_plus(name) for name in names[which:][:1]]
        yield from words[:1]


def _values(link: str) -> dict[str, str]:
    query = link.partition("?")[2].partition("#")[0]
    return {name.lower(): value for name, value in parse_qsl(query)}


def without_links(text: str) -> str:
    """The words around the links."""
    return _LINK.sub(" ", text)


def _pair(link: str) -> Pair | None:
    plain = unquote_plus(link)
    # A pin on a map of this scale is the middle of a town.
    if (zoom := _ZOOM.search(plain)) and int(zoom[1] or zoom[2]) < _STREETS and "/dir/" not in plain:
        return None
    if pins := _PIN.findall(plain):
        return _of(pins[-1])
    if link.lower().startswith("geo:"):
        return _of_geo(plain)
    if match := _WAZE_HASH.search(link):
        return _of_geohash(match[1].lower())
    return _of_values(_values(link)) or _of_path(plain)


def _of_values(values: dict[str, str]) -> Pair | None:
    for name in _PLACES:
        if match := _TWO.match(values.get(name, "")):
            return _of(match.groups())
    for lat, lng in _SPLIT:
        if match := _TWO.fullmatch(f"{values.get(lat)},{values.get(lng)}"):
            return _of(match.groups())
    return None


def _of_path(plain: str) -> Pair | None:
    """/place/lat,lng, /search/lat,lng, and /dir/from/to, whose last one is the destination."""
    for segment in reversed(plain.split("/")[-MOST_SEGMENTS:]):
        if match := _TWO.match(segment):
            return _of(match.groups())
        if "°" in segment and (written := next(text.pairs(text.plain(segment)), None)):
            return written
    for picture in () if _NO_PICTURE.search(plain) else _PICTURES:
        if match := picture.search(plain):
            return _of(match.groups())
    return None


def _of(numbers: Sequence[str]) -> Pair:
    return Pair(float(numbers[0]), float(numbers[1]))


def _of_geo(link: str) -> Pair | None:
    """RFC 5870, and Android's `geo:0,0?q=lat,lng(name)`, in which the query is the place."""
    if _UNCERTAIN.search(link):
        return None
    start, _, query = link[4:].partition("?")
    match = _TWO.match(dict(parse_qsl(query)).get("q", "")) or _TWO.match(start)
    return _of(match.groups()) if match else None


def _of_geohash(code: str) -> Pair:
    """The centre of a geohash: bits of longitude and latitude alternate."""
    bits = "".join(f"{_GEOHASH.index(letter):05b}" for letter in code)
    lat, lng = _halve(bits[1::2], 90.0), _halve(bits[0::2], 180.0)
    return Pair(round(lat, 7), round(lng, 7), certain=True)


def _halve(bits: str, size: float) -> float:
    """The middle of the range that is left of -size..size when each bit picks a half."""
    return ((int(bits, 2) + 0.5) / (1 << len(bits)) * 2 - 1) * size
