"""What a geocoder module tells of its service, and what it makes of an answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geopy.geocoders.base import Geocoder as GeopyGeocoder

from schemas.countries import Area, Country
from schemas.point import Point
from webhook.location.address import Address, house_number
from webhook.location.place import Precision
from webhook.location.words import state_of

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


def precision(found: Address, *, is_postcode: bool, is_district: bool) -> Precision:
    """What a result names: the finest part that its address has, else what the service says that it is."""
    if found.number:
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    if is_postcode:
        return Precision.POSTCODE
    return Precision.DISTRICT if is_district else Precision.CITY


def named(parts: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """The parts under those of these names that the result has."""
    return [parts[name] for name in names if name in parts]


def address(parts: Mapping[str, str], *names: Sequence[str]) -> Address:
    """The address in the parts of a result.

    `names` has the service's names for each part of an Address, in its order: the first that the result has
    counts.
    """
    found = Address(*(next(iter(named(parts, one)), "") for one in names))
    digits = "".join(sign for sign in found.postcode if sign.isdigit())
    state = state_of(found.state.removeprefix("BR-"))
    return replace(found, number=house_number(found.number), state=state, postcode=digits)


def corners(area: Area) -> list[tuple[float, float]]:
    """As geopy takes a box."""
    return [(area.south, area.west), (area.north, area.east)]
