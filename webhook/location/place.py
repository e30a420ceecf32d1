"""A place, and how precisely it is known."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.point import Point


class Precision(StrEnum):
    """Of a place, in the flow author's words, best first."""

    EXACT = "exata"
    """A pin or coordinates."""
    ADDRESS = "endereco"
    """The house that was asked for."""
    STREET = "rua"
    POSTCODE = "cep"
    DISTRICT = "bairro"
    CITY = "cidade"


@dataclass(frozen=True)
class Place:
    """A place precise enough to ask OZmap about."""

    point: Point
    precision: Precision
    """EXACT, ADDRESS or STREET."""
    address: str | None = None
    """Text for people, None where only the point is known."""
    missing: str = ""
    """Where the point is not the house: what to ask the customer for, in Portuguese."""

    @property
    def is_the_house(self) -> bool:
        """Whether any verdict about it may be given. From the middle of a street only a yes may."""
        return self.precision in {Precision.EXACT, Precision.ADDRESS}

    @property
    def map_url(self) -> str:
        """A link that any phone opens (developers.google.com/maps/documentation/urls/get-started)."""
        lat, lng = (format(Decimal(repr(degrees)), "f") for degrees in self.point)
        return f"https://www.google.com/maps/search/?api=1&query={lat},{lng}"


@dataclass(frozen=True)
class Rough:
    """What is known of a place that is not precise enough."""

    precision: Precision
    address: str | None
