"""Two numbers that are a place, and which of them is the latitude."""

from dataclasses import dataclass

from schemas.countries import Area
from schemas.point import Point


@dataclass(frozen=True)
class Pair:
    """Degrees. `certain` where the writer named the hemispheres, so that the order cannot be wrong."""

    lat: float
    lng: float
    certain: bool = False


def settle(pair: Pair, country: Area) -> Point | None:
    """The point in the country, turned round where only that makes sense; None where neither does."""
    for lat, lng in ((pair.lat, pair.lng), (pair.lng, pair.lat))[: 1 if pair.certain else 2]:
        # 0, 0 is the sea off Africa, where no customer is: what broken GPS code sends.
        if (lat or lng) and country.holds(Point(lat, lng)):
            return Point(lat, lng)
    return None
