"""Two numbers that name a place, and which of them is the latitude."""

from dataclasses import dataclass

from schemas.countries import Area
from schemas.point import Point


@dataclass(frozen=True)
class Pair:
    """Degrees. `certain` if the hemispheres are named, so that the order cannot be wrong."""

    lat: float
    lng: float
    certain: bool = False


def settle(pair: Pair, country: Area) -> Point | None:
    """The point in the country, with the numbers swapped if only that is in it; None if neither order is."""
    for lat, lng in ((pair.lat, pair.lng), (pair.lng, pair.lat))[: 1 if pair.certain else 2]:
        # 0, 0 is the sea off Africa, where no customer is: what broken GPS code sends.
        if (lat or lng) and country.holds(Point(lat, lng)):
            return Point(lat, lng)
    return None
