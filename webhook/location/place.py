"""A place, and how precisely it is known."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.point import Point


class Precision(StrEnum):
    """Of a place, in the flow author's words."""

    EXACT = "exata"


@dataclass(frozen=True)
class Place:
    """`address` is text for people, None where only the point is known."""

    point: Point
    precision: Precision
    address: str | None = None
