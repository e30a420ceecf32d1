"""What a geocoder module tells of its service, and what it makes of an answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from geopy.geocoders.base import Geocoder as GeopyGeocoder

from schemas.countries import Area, Country
from schemas.point import Point
from webhook.location.address import Address
from webhook.location.place import Precision

LIMIT = 5
"""Results asked for: enough to see that two towns have the same street."""


@dataclass(frozen=True)
class Match:
    """One result. `precision` is what the service's own class of it says, whatever was asked."""

    point: Point
    precision: Precision
    address: Address
    towns: tuple[str, ...] = ()
    """Every name of a town or district that the result has: services differ in what they call a city."""


@dataclass(frozen=True)
class Service:
    """A geocoding service that geopy knows. `key_name` is how geopy calls its key; None: it takes none."""

    name: str
    geocoder: Callable[..., GeopyGeocoder]
    search: Callable[[Country, Area | None], Mapping[str, Any]]
    """geopy's options for a search biased to a country and, where set, to an area in it."""
    language: str
    """How geopy calls its option for the language; empty: it has none."""
    read: Callable[[Mapping[str, Any]], tuple[Precision, Address, Iterable[str]]]
    """A result, as the service sends it, to what it is. Raises KeyError, TypeError and the like."""
    key_name: str | None = None


def first(parts: Mapping[str, str], names: Iterable[str]) -> str:
    """The part under the first of these names that the result has; empty if it has none of them."""
    return next((parts[name] for name in names if name in parts), "")


def corners(area: Area) -> list[tuple[float, float]]:
    """As geopy takes a box."""
    return [(area.south, area.west), (area.north, area.east)]


def postcode(text: str) -> str:
    """The digits of a CEP."""
    return "".join(digit for digit in text if digit.isdigit())
