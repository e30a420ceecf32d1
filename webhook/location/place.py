"""A place, and how precisely it is known."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.plain import digits
from schemas.point import Point

HOUSE_M = 100.0
"""A point that is known better than this is a house: a GPS fix is, the circle of a mobile cell is not."""
_DISTRICT_M = 2000.0


class Precision(StrEnum):
    """The precision of a place in the flow author's words, best first."""

    EXACT = "exata"
    """A pin or coordinates."""
    ADDRESS = "endereco"
    """The house that was asked for."""
    STREET = "rua"
    POSTCODE = "cep"
    DISTRICT = "bairro"
    CITY = "cidade"

    @classmethod
    def of(cls, metres: float) -> "Precision":
        """What a point names that may be so far from the real place."""
        if metres < HOUSE_M:
            return cls.EXACT
        return cls.DISTRICT if metres < _DISTRICT_M else cls.CITY


@dataclass(frozen=True)
class Place:
    """A place precise enough to ask OZmap about."""

    point: Point
    precision: Precision
    """EXACT, ADDRESS or STREET."""
    address: str | None = None
    """Text for people, None if only the point is known."""
    missing: str = ""
    """If the point is not the house: what to ask the customer for, in Portuguese."""
    metres: float | None = None
    """How far the real place may be from the point; None if a map or the customer's own hand marked it."""

    @property
    def is_the_house(self) -> bool:
        """Whether a "no" may be given about it. The middle of a street only allows a yes."""
        return self.precision in {Precision.EXACT, Precision.ADDRESS}

    @property
    def map_url(self) -> str:
        """A link that any phone opens (developers.google.com/maps/documentation/urls/get-started)."""
        lat, lng = map(digits, self.point)
        return f"https://www.google.com/maps/search/?api=1&query={lat},{lng}"


@dataclass(frozen=True)
class Rough:
    """A place that is not precise enough to ask OZmap about."""

    precision: Precision
    address: str | None
