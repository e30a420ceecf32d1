"""Rough boxes around countries, to tell which of two numbers is the latitude."""

from typing import NamedTuple

from schemas.point import Point


class Area(NamedTuple):
    """Degrees, WGS 84; none of ours crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, point: Point) -> bool:
        """Borders belong to it."""
        return self.south <= point.lat <= self.north and self.west <= point.lng <= self.east


class Country(NamedTuple):
    """Where a tenant's customers are. `alpha2` is its ISO 3166-1 code, empty for "anywhere"."""

    area: Area
    alpha2: str = ""


COUNTRIES = {
    "br": Country(Area(-34.0, -74.1, 5.4, -28.8), "br"),  # with Trindade and Fernando de Noronha
    "ar": Country(Area(-55.2, -73.7, -21.7, -53.5), "ar"),
    "py": Country(Area(-27.7, -62.8, -19.2, -54.2), "py"),
    "uy": Country(Area(-35.1, -58.6, -30.0, -53.0), "uy"),
    "mundo": Country(Area(-90.0, -180.0, 90.0, 180.0)),
}
"""By the value of the setting `pais`, in lower case; in "mundo" a pair is taken as it is written."""
