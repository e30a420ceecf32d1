"""The pole network around a place, and the part of it that a process remembers between lookups.

The memory has one network per tile of the map, so that neighbours share it: poles and the distances between
them, never a box or a splitter. With it a lookup reads boxes and splitters alone.
"""

from dataclasses import dataclass, replace
from math import cos, floor, radians

from schemas.ozmap import BasePoint, Pole
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.net.cache import SharedCache
from webhook.ozmap.api import Ozmap
from webhook.ozmap.calls import in_our_errors
from webhook.ozmap.topology import TOPOLOGY_AGE
from webhook.viability.graph import Graph, build

TILE = 0.002
"""Degrees of latitude, 222 m: a lookup's circle of some hundred metres grows by 160 m to cover a tile."""
MOST_POLES = 20_000
"""Poles that a process remembers, of all tenants: 0.6 kB each."""


@dataclass(frozen=True)
class Network:
    """The poles in a circle."""

    poles: list[Pole]
    """The usable ones. Their adjacencies are only in the graph: they take a third of a pole's memory."""
    graph: Graph

    @classmethod
    def read(cls, ozmap: Ozmap, centre: Point, radius_m: float) -> "Network":
        """Two simultaneous reads of OZmap. Raises OzmapError."""
        poles: list[Pole]
        base_points: list[BasePoint]
        poles, base_points = ozmap.at_once(
            lambda: ozmap.poles_near(centre, radius_m), lambda: ozmap.base_points_near(centre, radius_m)
        )
        graph = build([*base_points, *poles])
        return cls([replace(pole, adjacents=()) for pole in poles if pole.usable], graph)


class Tiles:
    """The networks that a process remembers, each for TOPOLOGY_AGE."""

    def __init__(self) -> None:
        self._networks: SharedCache[Network] = SharedCache(
            "pieces", MOST_POLES, TOPOLOGY_AGE, size_of=lambda network: len(network.graph) + 1
        )

    def around(self, tenant: Tenant, point: Point, radius_m: float) -> "Tile":
        """The point's tile, whose network contains everything within `radius_m` of the point."""
        row = floor(point.lat / TILE)
        middle = (row + 0.5) * TILE
        # Degrees of longitude shrink towards the poles of the earth: wider there, tiles stay about square.
        width = TILE / max(cos(radians(middle)), 0.01)
        column = floor(point.lng / width)
        centre = Point(middle, (column + 0.5) * width)
        # The point may be in any corner of its tile, and the corners nearer to the equator are farther out.
        corner = max(distance_m(centre, Point(edge * TILE, column * width)) for edge in (row, row + 1))
        return Tile(self._networks, (tenant.slug, row, column, radius_m), centre, radius_m + corner)


@dataclass(frozen=True)
class Tile:
    """A tile, and the circle around it that its network covers."""

    _networks: SharedCache[Network]
    _key: tuple[str, int, int, float]
    centre: Point
    radius_m: float

    def remembered(self) -> Network | None:
        """The network as it was at some time in the last TOPOLOGY_AGE, None if it is not in memory."""
        return self._networks.known(self._key)

    def forget(self) -> None:
        """The next `read` asks OZmap again."""
        self._networks.forget(self._key)

    def read(self, ozmap: Ozmap) -> Network:
        """The network, read once for all threads that ask at the same time. Raises OzmapError."""
        with in_our_errors():
            return self._networks.get(
                self._key, lambda: Network.read(ozmap, self.centre, self.radius_m), ozmap.deadline
            )
