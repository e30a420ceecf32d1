"""The pole network around a place, and what of it is remembered from one lookup to the next.

What is remembered is a piece per tile of the map, so that neighbours share it: poles and the ways between
them, never a box and never a splitter. With it a lookup waits for two reads of OZmap instead of three.
"""

from dataclasses import dataclass, replace
from math import cos, floor, radians

from schemas.ozmap import BasePoint, Pole
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.net.cache import SharedCache
from webhook.ozmap.api import TOPOLOGY_AGE, Ozmap
from webhook.ozmap.errors import OzmapUnavailable
from webhook.viability.graph import Graph, build

TILE = 0.002
"""Degrees of latitude, 222 m: a lookup's circle, some hundred metres, grows by 160 m to serve it all."""
MOST_POLES = 20_000
"""Remembered by a process, over all tenants: 0.6 kB each."""


@dataclass(frozen=True)
class Piece:
    """The network in a circle."""

    poles: list[Pole]
    """The usable ones. What each is joined to is in the graph alone: it is a third of their memory."""
    graph: Graph

    @classmethod
    def read(cls, ozmap: Ozmap, centre: Point, radius_m: float) -> "Piece":
        """Two reads of OZmap, at once. Raises OzmapError."""
        poles: list[Pole]
        base_points: list[BasePoint]
        poles, base_points = ozmap.at_once(
            lambda: ozmap.poles_near(centre, radius_m), lambda: ozmap.base_points_near(centre, radius_m)
        )
        graph = build([*base_points, *poles])
        return cls([replace(pole, adjacents=()) for pole in poles if pole.usable], graph)


class Pieces:
    """What a process remembers, for TOPOLOGY_AGE."""

    def __init__(self) -> None:
        self._kept: SharedCache[Piece] = SharedCache(
            "pieces", MOST_POLES, TOPOLOGY_AGE, size_of=lambda piece: len(piece.graph) + 1
        )

    def around(self, tenant: Tenant, point: Point, radius_m: float) -> "Around":
        """The piece that holds all within `radius_m` of the point."""
        row = floor(point.lat / TILE)
        middle = (row + 0.5) * TILE
        width = TILE / max(cos(radians(middle)), 0.01)
        column = floor(point.lng / width)
        centre = Point(middle, (column + 0.5) * width)
        corner = max(distance_m(centre, Point(edge * TILE, column * width)) for edge in (row, row + 1))
        return Around(self._kept, (tenant.slug, row, column, radius_m), centre, radius_m + corner)


@dataclass(frozen=True)
class Around:
    """One piece: known already, or to be read."""

    _kept: SharedCache[Piece]
    _key: tuple[str, int, int, float]
    centre: Point
    radius_m: float

    def known(self) -> Piece | None:
        """As it was at some time of the last TOPOLOGY_AGE."""
        return self._kept.known(self._key)

    def forget(self) -> None:
        """It may have changed."""
        self._kept.forget(self._key)

    def read(self, ozmap: Ozmap) -> Piece:
        """As it is now, read once for all that ask at the same time. Raises OzmapError."""
        try:
            return self._kept.get(
                self._key, lambda: Piece.read(ozmap, self.centre, self.radius_m), ozmap.deadline
            )
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None
