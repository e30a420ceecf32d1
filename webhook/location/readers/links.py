"""Map links with coordinates in them: Google Maps, Apple Maps, Waze, OpenStreetMap, `geo:`.

Only the text of the link is read, never the page, so any host will do. What names a place wins over what
shows a picture: its middle is a place only if nothing is named and the picture shows single streets.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import unquote, unquote_plus

from schemas.fields import number
from schemas.point import Point
from webhook.location.readers import address, text
from webhook.location.readers.pair import METRES_PER_DEGREE, Pair

MOST_SEGMENTS = 20
"""The last segments of a path that are read: no map link has more."""
MOST_VALUES = 40
MOST_WRAPPERS = 3
"""Links around a link: search engines, chats and mail programs send their own link, which leads to it."""
AFTER_A_LINK = ".,;:!?)>]\"'"
"""Punctuation after a link that does not belong to it."""

_SIGNS = ("://", "geo:", "navigation:", "google.", "waze.", "maps.", "openstreetmap.", "plus.")
_BEFORE_A_NUMBER = "-+=,;:(\"'"
# With the second number of a pair, where a blank stands before it.
_LINK = re.compile(
    r"(?:[a-z][a-z.+-]{1,20}://|geo:|google\.navigation:|(?:www\.)?(?:google|waze|maps|openstreetmap|plus)\.[a-z])\S+"
    r"(?:(?<=[0-9][,;])\s[+-]?\s?[0-9]{1,3}[.,][0-9]\S*|(?<=[0-9])\s[,;]?\s?-\s?[0-9]{1,3}[.,][0-9]\S*)?",
    re.IGNORECASE,
)
_PIN = re.compile(r"!3d([+-]?[0-9]{1,3}\.[0-9]{1,20})!4d([+-]?[0-9]{1,3}\.[0-9]{1,20})")
# Parameters that name a place, best first.
_PLACES = [
    "destination", "daddr", "query", "q", "to", "coordinate", "coordinates", "latlng", "marker", "markers",
    "pin", "point", "pos", "loc", "location", "address", "viewpoint", "sp", "pt",
]  # fmt: skip
_WORDS = ["destination", "daddr", "query", "q", "address"]
# Where the map is centred. `ll` is the pin for the apps that say so in their documentation.
_CENTRES = ["ll", "center", "cbll", "cp"]
_PIN_IS_LL = re.compile(r"(?:^|[/.])waze\.|^(?:waze|om|mapsme|mapswithme):", re.IGNORECASE)
_APPLE = re.compile("maps.apple.com", re.IGNORECASE)
_SPLIT = [("lat", "lng"), ("lat", "lon"), ("lat", "long"), ("latitude", "longitude")]
_SHOWN_AT = re.compile(r"(?:^|[/#])@([+-]?[0-9]{1,3}\.[0-9]+),([+-]?[0-9]{1,3}\.[0-9]+)")
_HASH = re.compile(r"#(?:map=)?[0-9.]{1,6}/([+-]?[0-9]{1,3}\.[0-9]+)/([+-]?[0-9]{1,3}\.[0-9]+)")
# How wide the picture is: as a zoom, or in metres, or in degrees.
_ZOOM = re.compile(r"(?:@[0-9.,+-]{3,60}?,|#(?:map=)?)([0-9.]{1,6})(?=[z/])")
_METRES = re.compile(r",([0-9.]{1,12})[mad](?![a-z])")
_ZOOMS = ["z", "zoom", "lvl", "level", "zoomlevel"]
_SPANS = ["spn", "span", "sspn"]
_READ = {*_PLACES, *_WORDS, *_CENTRES, *_ZOOMS, *_SPANS, "mlat", "mlon", *chain.from_iterable(_SPLIT)}
_STREETS = 15.0
"""The zoom from which a phone's map shows single streets."""
_STREETS_M = 2000.0
"""Metres, width or height, of such a map."""
# An id of a place that a map knows by name: the pin may be the middle of a town.
_NAMED = re.compile("!1s0x[0-9a-f]+:0x", re.IGNORECASE)
_BUSINESS = re.compile(r"!16s/g/1")
_REGION = re.compile(r",|\s-\s[A-Z]{2}\b")
_CODE_PLUS = re.compile(
    r"(?<![0-9A-Za-z])([23456789CFGHJMPQRVWX]{4}|[23456789CFGHJMPQRVWX]{8})(?:\+|%2B)"
    r"(?=[23456789CFGHJMPQRVWX]{2,3}(?![0-9A-Za-z]))", re.IGNORECASE,
)  # fmt: skip
_INNER = re.compile("(?<=.[?&=/])(https?(?:://|%3A%2F%2F)|geo(?::|%3A)-?[0-9])", re.IGNORECASE)
_WAZE_HASH = re.compile(r"waze\.com/ul/h([0-9b-hjkmnp-z]{8,12})(?![0-9a-z])", re.IGNORECASE)
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


def pairs(text: str) -> Iterator[Pair]:
    """The pairs of the place that each link of the text names."""
    for link in _links(text):
        yield from _pairs(link)


def are_in(text: str) -> bool:
    """Whether a text may have a link: most have none."""
    lower = text.lower()
    return any(sign in lower for sign in _SIGNS)


def addresses(text: str) -> Iterator[str]:
    """The address or name that each link of the text has in words, if it has one."""
    for link in _links(text):
        inner = _unwrapped(link)
        if words := _words(inner, _values(inner)):
            yield words


def without_links(text: str) -> str:
    """The words around the links. A sign at the end of a link may belong to the number behind it."""
    if not are_in(text):
        return text
    return _LINK.sub(lambda link: f" {link[0][len(link[0].rstrip(_BEFORE_A_NUMBER)) :]}", text)


def decoded(text: str) -> str:
    """The text with its links as people would write them."""
    return text if not are_in(text) else _LINK.sub(lambda link: f" {_plain(link[0])} ", text)


def _links(text: str) -> list[str]:
    return [match[0].rstrip(AFTER_A_LINK) for match in _LINK.finditer(text)] if are_in(text) else []


def _plain(part: str) -> str:
    """A part of a link, decoded. The plus of a Plus Code is a plus even where it should be a blank."""
    if "%" not in part and "+" not in part:
        return part  # as plain as its link
    return text.plain(unquote_plus(_CODE_PLUS.sub(r"\1%2B", part)))


def _unwrapped(link: str) -> str:
    """The link that this one leads to, if it has another as a value."""
    for _ in range(MOST_WRAPPERS):
        if not (inner := _INNER.search(link)):
            break
        value = link[inner.start(1) :]
        # What is encoded ends where the value does; what is not takes the rest along.
        first = value.partition("&")[0]
        link = unquote(first) if re.search("%3[AD]", first, re.IGNORECASE) else value
    return link


def _values(link: str) -> list[tuple[str, str]]:
    """Name and value of the parameters, wherever in the link they stand."""
    pieces = re.split(r"[?&#]|/(?=[a-z]{1,12}=)|google\.navigation:", link)[1:MOST_VALUES]
    parts = ((name.lower(), value) for name, _, value in (piece.partition("=") for piece in pieces))
    return [(name, _plain(value)) for name, value in parts if value and name in _READ]


def _pairs(link: str) -> list[Pair]:
    link = _unwrapped(link)
    if link.lower().startswith("geo:"):
        return _of_geo(link)
    if match := _WAZE_HASH.search(link):
        return [_of_geohash(match[1].lower())]
    values = _values(link)
    return _named(link, values) or ([] if _words(link, values) else _pictured(link, values))


def _named(link: str, values: list[tuple[str, str]]) -> list[Pair]:
    """The place that the link names: with its pin, or in a parameter, or in its path."""
    pins = _PIN.findall(unquote(link)) if "3d" in link else []
    # A link may have several pins: the last is the place itself.
    if pins and not _is_region(link, values):
        return text.of_values(*pins[-1])
    documented = _PIN_IS_LL.search(link) or (_APPLE.search(link) and _words(link, values))
    names = [*_PLACES, *(["ll"] if documented else [])]
    if found := _first(value for name in names for key, value in values if key == name):
        return found
    by_name = dict(values)
    if marked := text.of_values(by_name.get("mlat"), by_name.get("mlon")):
        return marked
    return _first(segment for segment in reversed(_segments(link)) if re.search("[0-9]", segment))


def _pictured(link: str, values: list[tuple[str, str]]) -> list[Pair]:
    """The middle of the picture, unless it shows more than single streets."""
    if _is_wide(link, values):
        return []
    by_name = dict(values)
    if found := _first(by_name.get(name, "").replace("~", ",") for name in _CENTRES):
        return found
    for lat, lng in _SPLIT:
        if found := text.of_values(by_name.get(lat), by_name.get(lng)):
            return found
    plain = unquote_plus(link)
    match = _SHOWN_AT.search(plain) or _HASH.search(plain)
    return text.of_values(*match.groups()) if match and not re.search("/(?:dir|search|place)/", plain) else []


def _first(texts: Iterable[str]) -> list[Pair]:
    """The pairs of the first text that has any."""
    return next(filter(None, (list(text.pairs(part)) for part in texts)), [])


def _is_region(link: str, values: list[tuple[str, str]]) -> bool:
    """Whether the pin of a named place is on a map so wide that the place may be a town."""
    if not _is_wide(link, values):
        return False
    segments, plain = _segments(link), unquote(link)
    has_region = any(_REGION.search(segment) for segment in segments)
    if not (has_region or (_NAMED.search(plain) and not _BUSINESS.search(plain))):
        return False
    has_pair = any(list(text.pairs(segment)) for segment in segments)
    return not (has_pair or address.parse(_words(link, values)).number)


def _is_wide(link: str, values: list[tuple[str, str]]) -> bool:
    """Whether the link says that its picture shows more than single streets."""
    plain = unquote_plus(link)
    zooms = [value for name, value in values if name in _ZOOMS] + _ZOOM.findall(plain)
    metres = _METRES.findall(plain[plain.find("@") :])
    spans = [part for name, value in values if name in _SPANS for part in value.split(",")]
    return (
        any(zoom < _STREETS for zoom in _sizes(zooms))
        or any(size > _STREETS_M for size in _sizes(metres))
        or any(size * METRES_PER_DEGREE > _STREETS_M for size in _sizes(spans))
    )


def _sizes(texts: list[str]) -> list[float]:
    sizes = (number(text.strip("z.")) for text in texts)
    return [size for size in sizes if size is not None]


def _segments(link: str) -> list[str]:
    """The parts of the path that may name the place: of a route only the last, which is the destination."""
    path = re.split("[?#]", link.partition("://")[2] or link)[0].split("/")[-MOST_SEGMENTS:]
    parts = [part for part in path if part and not part.startswith(("@", "data=")) and "!" not in part]
    if "dir" in parts:
        parts = parts[parts.index("dir") + 1 :][-1:]
    return [_plain(part) for part in parts]


def _words(link: str, values: list[tuple[str, str]]) -> str:
    """The words that name the place; empty if there are none, or only numbers."""
    by_name = dict(reversed(values))
    found = [by_name[name] for name in _WORDS if name in by_name]
    path = re.split(r"[?#]", link)[0].split("/")
    for kind in ("place", "search", "dir"):
        if kind in path:
            behind = path[path.index(kind) + 1 :]
            names = [part for part in behind if part and not part.startswith(("@", "data="))]
            found += [_plain(name) for name in (names[-1:] if kind == "dir" else names[:1])]
    if re.search(r"plus\.codes", link):
        found.append(_plain(path[-1]))
    return next((words for words in found if re.search(r"[^\W\d_]", words)), "")


def _of_geo(link: str) -> list[Pair]:
    """RFC 5870, and Android's `geo:0,0?q=lat,lng(name)`, in which the query is the place."""
    queries = [value for name, value in _values(link) if name == "q"]
    return _first((*queries, _plain(link[4:].partition("?")[0])))


def _of_geohash(code: str) -> Pair:
    """The centre of a geohash: bits of longitude and latitude alternate."""
    bits = "".join(f"{_GEOHASH.index(letter):05b}" for letter in code)
    lat, lng = _halve(bits[1::2], 90.0), _halve(bits[0::2], 180.0)
    metres = 90.0 / (1 << len(bits[1::2])) * METRES_PER_DEGREE
    return Pair(Point(round(lat, 7), round(lng, 7)), metres, certain=True)


def _halve(bits: str, size: float) -> float:
    """The middle of the range that is left of -size..size when each bit picks a half."""
    return ((int(bits, 2) + 0.5) / (1 << len(bits)) * 2 - 1) * size
