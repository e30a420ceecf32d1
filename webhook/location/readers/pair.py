"""Two numbers that name a place, which of them is the latitude, and how precisely they name it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from schemas.countries import Area
from schemas.point import Point, distance_m

METRES_PER_DEGREE = 111_320.0
_MOST_DIGITS = 20
SAME_M = 10.0
"""Points that are no farther apart are one place, rounded twice."""


@dataclass(frozen=True)
class Pair:
    """Degrees. `certain` if the hemispheres are named, so that the order cannot be wrong."""

    lat: float
    lng: float
    metres: float
    """What the spelling leaves open: half of the last digit written."""
    certain: bool = False


@dataclass(frozen=True)
class Found:
    """A point in the country, and how far the real place may be from it."""

    point: Point
    metres: float


def of_numbers(lat: str | float, lng: str | float) -> Pair:
    """The pair of two numbers, or of their texts with points as decimal marks."""
    return Pair(float(lat), float(lng), decimal_metres(lat, lng))


def decimal_metres(*degrees: str | float) -> float:
    """Half of the last digit of decimal degrees; programs drop trailing zeros, so the longer number decides.

    Two decimals count as three: they too may have lost a zero, and they stay accepted.
    """
    digits = max(map(_decimals, degrees))
    return half_of_digit(METRES_PER_DEGREE, 3 if digits == 2 else digits)


def _decimals(degrees: str | float) -> int:
    text = degrees if isinstance(degrees, str) else repr(degrees)
    if "e" in text:
        text = format(Decimal(text), "f")
    decimals = text.replace(",", ".").partition(".")[2]
    return len(decimals) if decimals.isdecimal() else sum(map(str.isdigit, decimals))


def half_of_digit(unit: float, digits: int) -> float:
    """Metres that a number of units leaves open, with so many decimals."""
    return float(unit / 2 / 10 ** min(digits, _MOST_DIGITS))


def settle(pair: Pair, country: Area) -> Found | None:
    """The point in the country, with the numbers swapped if only that is in it; None if neither order is."""
    for lat, lng in ((pair.lat, pair.lng), (pair.lng, pair.lat))[: 1 if pair.certain else 2]:
        # 0, 0 is the sea off Africa, where no customer is: what broken GPS code sends.
        if (lat or lng) and country.holds(Point(lat, lng)):
            return Found(Point(lat, lng), pair.metres)
    return None


def only_one(pairs: Iterable[Pair], country: Area) -> Found | None:
    """The best known of the places, None if they are several: nobody can tell which is meant."""
    places = [found for pair in pairs if (found := settle(pair, country))]
    if len(places) == 1:
        return places[0]
    best = min(places, key=lambda found: found.metres, default=None)
    return best if best and all(distance_m(best.point, found.point) <= SAME_M for found in places) else None
