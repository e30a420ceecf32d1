"""Feasibility by pole: the nearest pole, and from it along the adjacencies to a box.

OZmap has such a check of its own, but how to call it is not documented, so this walks over documented
reads. All that lies on a permitted way lies within that length of the first pole, so circles bring the
whole piece of graph: four reads for a lookup that finds a box, however large the network. Only a lookup
that reaches no box reads once more, twice as far, to name the reason.

The walk counts free outputs of drop splitters. It cannot see boxes that serve customers through a connector
or a fusion instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.ozmap import Box, Pole, PoleType, ViableBox
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.outcomes import BUSCA_INCOMPLETA
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapUnreadable
from webhook.viability.graph import shortest_ways
from webhook.viability.pieces import Piece, Pieces
from webhook.viability.verdict import Reason, Verdict, not_viable, viable

UNDECIDED = Verdict(BUSCA_INCOMPLETA)
"""A bound or a gap in OZmap's records kept the search from proving a no."""


@dataclass(frozen=True)
class _Drops:
    """The longest permitted way to a box, in metres."""

    override: float | None
    of_project: Mapping[str, float | None]
    cap: float

    def to(self, box: Box) -> float | None:
        """None where OZmap has no maximum drop for the box's project on record."""
        return self.override or self.of_project.get(box.project)

    @property
    def longest(self) -> float:
        # A drop that is not on record may be any: its project's boxes are looked for up to the cap.
        return self.override or max((drop or self.cap for drop in self.of_project.values()), default=self.cap)

    @property
    def reach(self) -> float:
        return min(self.longest, self.cap)


@dataclass(frozen=True)
class _Reached:
    """A box, the way to it from the first pole, and the permitted way (None: unknown), in metres."""

    box: Box
    way: float
    permitted: float | None
    free_ports: int = 0

    def within(self, times: float) -> bool:
        return self.permitted is not None and self.way <= times * self.permitted


def by_pole(ozmap: Ozmap, point: Point, tenant: Tenant, pieces: Pieces | None = None) -> Verdict:
    """Four OZmap reads when it finds a box, three to seven when it does not.

    With `pieces`, two where the network around the place is remembered and has a box with a free port. No
    "no" comes from memory: the pole that makes it a yes may be new.
    """
    projects, pole_types = ozmap.topology()
    # A maximum of 0 m sells nothing anywhere: it stands for none.
    of_project = {project.id: project.drop or None for project in projects}
    drops = _Drops(tenant.drop_max_m, of_project, tenant.reach_max_m)
    search = _Search(ozmap, point, tenant, drops, pole_types)
    radius = tenant.pole_max_m + drops.reach
    if pieces is None:
        piece, boxes = search.read(drops.reach)
        return search.verdict(piece, boxes)

    around = pieces.around(tenant, point, radius)
    if known := around.known():
        if found := search.yes(known, ozmap.boxes_near(point, radius)):
            return found
        # The wide circle at once, which a "no" mostly needs: it is said no later than without a memory.
        around.forget()
        return search.verdict(*search.read(2 * drops.reach), wide=True)
    piece, boxes = ozmap.at_once(lambda: around.read(ozmap), lambda: ozmap.boxes_near(point, radius))
    return search.verdict(piece, boxes)


@dataclass(frozen=True)
class _Search:
    """One lookup's question, and the OZmap that answers it."""

    ozmap: Ozmap
    point: Point
    tenant: Tenant
    drops: _Drops
    pole_types: list[PoleType]
    free_ports: dict[str, int] = field(default_factory=dict)
    """Of the boxes that were asked about so far."""

    def read(self, way_m: float) -> tuple[Piece, list[Box]]:
        """All that can lie on a way of this length from a pole near the customer."""
        radius = self.tenant.pole_max_m + way_m
        piece, boxes = self.ozmap.at_once(
            lambda: Piece.read(self.ozmap, self.point, radius),
            lambda: self.ozmap.boxes_near(self.point, radius),
        )
        return piece, boxes

    def yes(self, piece: Piece, boxes: list[Box]) -> Verdict | None:
        """The boxes with a free port within their permitted way, if there are any."""
        first = self._first_pole(piece)
        if first is None:
            return None
        pole, pole_distance = first
        free = self._with_free_port(self._reached(piece, boxes, pole, 1))
        within = [_viable(found) for found in free if found.within(1)]
        return replace(viable(within), pole=pole, pole_distance_m=pole_distance) if within else None

    def verdict(self, piece: Piece, boxes: list[Box], wide: bool = False) -> Verdict:
        """From the first pole to boxes, and the reason where there is none; `wide`: twice as far was read."""
        if found := self.yes(piece, boxes):
            return found
        first = self._first_pole(piece)
        if first is None:
            return not_viable(Reason.NO_POLE)
        pole, pole_distance = first
        verdict = self._why_not(piece, boxes, pole, wide)
        return replace(verdict, pole=pole, pole_distance_m=pole_distance)

    def _why_not(self, piece: Piece, boxes: list[Box], pole: Pole, wide: bool) -> Verdict:
        near_enough = self._reached(piece, boxes, pole, 1)
        if self._with_free_port(near_enough) or self.drops.longest > self.drops.cap:
            return UNDECIDED
        if any(found.within(1) for found in near_enough):
            return not_viable(Reason.NO_PORT)
        if not wide:
            piece, boxes = self.read(2 * self.drops.reach)
        free = self._with_free_port(self._reached(piece, boxes, pole, 2))
        if any(found.permitted is None for found in free):
            return UNDECIDED
        return not_viable(Reason.TOO_FAR if free else Reason.NO_BOX)

    def _first_pole(self, piece: Piece) -> tuple[Pole, float] | None:
        """The nearest pole that a sale may start from, and its distance in metres."""
        allowed = {kind.id: kind.viability_allowed for kind in self.pole_types}
        near = [(distance_m(self.point, pole.point), pole.id, pole) for pole in piece.poles]
        for distance, _, pole in sorted(entry for entry in near if entry[0] <= self.tenant.pole_max_m):
            if pole.type is None or allowed.get(pole.type):
                return pole, distance
            if pole.type not in allowed:
                self.ozmap.forget_topology()
                raise OzmapUnreadable("poles: a type that pole-types does not have")
        return None

    def _reached(self, piece: Piece, boxes: list[Box], pole: Pole, times: float) -> list[_Reached]:
        """Boxes within so many times their permitted way, and those whose permitted way is unknown."""
        ways = shortest_ways(piece.graph, pole.id, times * self.drops.reach)
        reached = [
            _Reached(box, ways[box.pole], self.drops.to(box))
            for box in boxes
            if box.pole in ways and not box.draft and (box.implanted or not self.tenant.implanted_only)
        ]
        return [found for found in reached if found.permitted is None or found.within(times)]

    def _with_free_port(self, reached: list[_Reached]) -> list[_Reached]:
        asked = {found.box.id for found in reached} - self.free_ports.keys()
        self.free_ports.update(dict.fromkeys(asked, 0))
        for splitter in self.ozmap.splitters_of(sorted(asked)):
            if splitter.box in asked:
                self.free_ports[splitter.box] += splitter.free_ports
        return [
            replace(found, free_ports=free) for found in reached if (free := self.free_ports[found.box.id])
        ]


def _viable(found: _Reached) -> ViableBox:
    return ViableBox(
        id=found.box.id,
        distance_m=found.way,
        implanted=found.box.implanted,
        free_ports=found.free_ports,
        project=found.box.project,
        name=found.box.name,
    )
