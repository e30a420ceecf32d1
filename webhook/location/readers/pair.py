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
    """A point as two numbers name it, in their order."""

    point: Point
    metres: float
    """How far the real place may be from it: half of the last digit written, or what the sender says."""
    certain: bool = False
    """Whether the hemispheres are named, so that the order cannot be wrong."""


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


def settle(pair: Pair, country: Area) -> Pair | None:
    """The pair in the country, with the numbers swapped if only that is in it; None if neither order is."""
    for point in (pair.point, Point(pair.point.lng, pair.point.lat))[: 1 if pair.certain else 2]:
        # 0, 0 is the sea off Africa, where no customer is: what broken GPS code sends.
        if any(point) and country.holds(point):
            return Pair(point, pair.metres)
    return None


def only_one(pairs: Iterable[Pair], country: Area) -> Pair | None:
    """The best known of the places, None if they are several: nobody can tell which is meant."""
    places = [found for pair in pairs if (found := settle(pair, country))]
    if len(places) == 1:
        return places[0]
    best = min(places, key=lambda found: found.metres, default=None)
    return best if best and all(distance_m(best.point, found.point) <= SAME_M for found in places) else None
