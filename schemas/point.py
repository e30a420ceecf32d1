"""A place on the earth, and the metres between two of them."""

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


class Point(NamedTuple):
    """Degrees, WGS 84. OZmap's own order is (lng, lat): convert only in schemas/ozmap_fields.py."""

    lat: float
    lng: float


def point_in(values: Mapping[str, str]) -> Point | None:
    """The point of a form's `latitude` and `longitude`; None unless they are numbers and on the earth."""
    try:
        point = Point(float(values["latitude"]), float(values["longitude"]))
    except (KeyError, ValueError):
        return None
    return point if abs(point.lat) <= 90 and abs(point.lng) <= 180 else None


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine: exact enough for metres at street scale)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat = sin((lat_b - lat_a) / 2)
    half_lng = sin(radians(b.lng - a.lng) / 2)
    return 2 * EARTH_RADIUS_M * asin(sqrt(half_lat**2 + cos(lat_a) * cos(lat_b) * half_lng**2))
