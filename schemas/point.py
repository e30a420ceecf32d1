"""A place on the earth, and the metres between two of them."""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


class Point(NamedTuple):
    """Degrees, WGS 84. OZmap's own order is (lng, lat): convert only in schemas/ozmap_fields.py."""

    lat: float
    lng: float


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine: exact enough for metres at street scale)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat = sin((lat_b - lat_a) / 2)
    half_lng = sin(radians(b.lng - a.lng) / 2)
    return 2 * EARTH_RADIUS_M * asin(sqrt(half_lat**2 + cos(lat_a) * cos(lat_b) * half_lng**2))
