"""Feasibility by pole: the nearest pole, and from it along the adjacencies to a box.

OZmap has such a check of its own, but how to call it is not documented, so this follows the network itself,
with documented reads. Everything on a permitted path is within that path's length of the first pole, so
circles contain the whole part of the graph that matters: a lookup that finds a box waits for two rounds of
reads, however large the network: poles, base points and boxes; splitters. Only a lookup that reaches no box
reads both again, twice as far, to name the reason. Projects and pole types come before, mostly from memory.

Free ports are free outputs of drop splitters. Boxes that serve customers through a connector or a fusion
instead are not seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from schemas.ozmap import Box, Pole, PoleType, ViableBox
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.outcomes import BUSCA_INCOMPLETA
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapUnreadable
from webhook.viability.graph import shortest_paths
from webhook.viability.network import Network, Tiles
from webhook.viability.verdict import Reason, Verdict, not_viable, viable

UNDECIDED = Verdict(BUSCA_INCOMPLETA)
"""A limit of the search, or a gap in OZmap's records, leaves open whether there is a box."""


@dataclass(frozen=True)
class _Drops:
    """The longest permitted path to a box, in metres."""

    override: float | None
    of_project: Mapping[str, float | None]
    cap: float

    def to(self, box: Box) -> float | None:
        """None if OZmap has no maximum drop on record for the box's project."""
        return self.override or self.of_project.get(box.project)

    @property
    def longest(self) -> float:
        # A drop that is not on record may be any length: look for the project's boxes up to the cap.
        return self.override or max((drop or self.cap for drop in self.of_project.values()), default=self.cap)

    @property
    def reach(self) -> float:
        return min(self.longest, self.cap)


@dataclass(frozen=True)
class _Reached:
    """A box, the length of the path to it from the first pole, and the permitted length (None: unknown)."""

    box: Box
    path_m: float
    permitted_m: float | None
    free_ports: int = 0

    def within(self, times: float) -> bool:
        return self.permitted_m is not None and self.path_m <= times * self.permitted_m


@dataclass(frozen=True)
class _Start:
    """The first pole, its distance from the customer, and the boxes that it reaches, full ones too."""

    pole: Pole
    distance_m: float
    reached: list[_Reached]

    def at(self, verdict: Verdict) -> Verdict:
        """The verdict with the pole that the search began at."""
        return replace(verdict, pole=self.pole, pole_distance_m=self.distance_m)


def by_pole(ozmap: Ozmap, point: Point, tenant: Tenant, tiles: Tiles | None = None) -> Verdict:
    """Two rounds of OZmap reads if it finds a box, up to four if it does not. Raises OzmapError.

    It is one round more where projects and pole types are not remembered. With `tiles` it reads boxes and
    splitters alone, if the network around the place is in memory and has a box with a free port. No "no"
    comes from memory: the pole that makes it a yes may be new.
    """
    projects, pole_types = ozmap.topology()
    # A maximum of 0 m would sell nothing anywhere: treat it as no maximum on record.
    of_project = {project.id: project.drop or None for project in projects}
    drops = _Drops(tenant.drop_max_m, of_project, tenant.reach_max_m)
    search = _Search(ozmap, point, tenant, drops, pole_types)
    radius = tenant.pole_max_m + drops.reach
    if tiles is None:
        return search.verdict(*search.read(drops.reach))

    tile = tiles.around(tenant, point, radius)
    if remembered := tile.remembered():
        if verdict := search.yes(remembered, ozmap.boxes_near(point, radius)):
            return verdict
        # A "no" mostly needs the wide circle. Reading it at once costs no more time than without a memory.
        tile.forget()
        return search.verdict(*search.read(2 * drops.reach), wide=True)
    network, boxes = ozmap.at_once(lambda: tile.read(ozmap), lambda: ozmap.boxes_near(point, radius))
    return search.verdict(network, boxes)


@dataclass(frozen=True)
class _Search:
    """One lookup: where, for whom, and the OZmap that answers."""

    ozmap: Ozmap
    point: Point
    tenant: Tenant
    drops: _Drops
    pole_types: list[PoleType]
    free_ports: dict[str, int] = field(default_factory=dict)
    """Free ports by box id, for the boxes whose splitters were read so far."""

    def read(self, path_m: float) -> tuple[Network, list[Box]]:
        """Everything that can lie on a path of this length from a pole near the customer."""
        radius = self.tenant.pole_max_m + path_m
        network, boxes = self.ozmap.at_once(
            lambda: Network.read(self.ozmap, self.point, radius),
            lambda: self.ozmap.boxes_near(self.point, radius),
        )
        return network, boxes

    def yes(self, network: Network, boxes: list[Box]) -> Verdict | None:
        """The boxes with a free port within their permitted path, None if there are none."""
        start = self._start(network, boxes)
        return self._yes(start) if start else None

    def verdict(self, network: Network, boxes: list[Box], wide: bool = False) -> Verdict:
        """A yes, or a "no" with its reason; `wide` if the circle is already twice as far."""
        start = self._start(network, boxes)
        if start is None:
            return not_viable(Reason.NO_POLE)
        return self._yes(start) or start.at(self._why_not(start, network, boxes, wide))

    def _start(self, network: Network, boxes: list[Box]) -> _Start | None:
        first = self._first_pole(network)
        return _Start(*first, self._reached(network, boxes, first[0], 1)) if first else None

    def _yes(self, start: _Start) -> Verdict | None:
        within = [_viable(reached) for reached in self._with_free_port(start.reached) if reached.within(1)]
        return start.at(viable(within)) if within else None

    def _why_not(self, start: _Start, network: Network, boxes: list[Box], wide: bool) -> Verdict:
        # A free port at an unknown permitted path, or a permitted path beyond the cap, may be a yes.
        if self._with_free_port(start.reached) or self.drops.longest > self.drops.cap:
            return UNDECIDED
        if any(reached.within(1) for reached in start.reached):
            return not_viable(Reason.NO_PORT)
        # Look twice as far: a box with a free port there makes the reason "too far" instead of "no box".
        if not wide:
            network, boxes = self.read(2 * self.drops.reach)
        free = self._with_free_port(self._reached(network, boxes, start.pole, 2))
        if any(reached.permitted_m is None for reached in free):
            return UNDECIDED
        return not_viable(Reason.TOO_FAR if free else Reason.NO_BOX)

    def _first_pole(self, network: Network) -> tuple[Pole, float] | None:
        """The nearest pole that a sale may start from, and its distance in metres. Raises OzmapUnreadable."""
        allowed = {kind.id: kind.viability_allowed for kind in self.pole_types}
        near = [(distance_m(self.point, pole.point), pole.id, pole) for pole in network.poles]
        for distance, _, pole in sorted(entry for entry in near if entry[0] <= self.tenant.pole_max_m):
            if pole.type is None or allowed.get(pole.type):
                return pole, distance
            if pole.type not in allowed:
                # The type is newer than our remembered list. Skipping the pole could turn a yes into a "no".
                self.ozmap.forget_topology()
                raise OzmapUnreadable("poles: a type that pole-types does not have")
        return None

    def _reached(self, network: Network, boxes: list[Box], pole: Pole, times: float) -> list[_Reached]:
        """Boxes within `times` their permitted path, and those whose permitted path is unknown."""
        paths = shortest_paths(network.graph, pole.id, times * self.drops.reach)
        reached = [
            _Reached(box, paths[box.pole], self.drops.to(box))
            for box in boxes
            if box.pole in paths and not box.draft and (box.implanted or not self.tenant.implanted_only)
        ]
        return [each for each in reached if each.permitted_m is None or each.within(times)]

    def _with_free_port(self, reached: list[_Reached]) -> list[_Reached]:
        """Those of the boxes that have a free port; reads the splitters of boxes not seen before."""
        unread = {each.box.id for each in reached} - self.free_ports.keys()
        self.free_ports.update(free_ports_of(self.ozmap, unread))
        return [replace(each, free_ports=free) for each in reached if (free := self.free_ports[each.box.id])]


def free_ports_of(ozmap: Ozmap, boxes: Iterable[str]) -> dict[str, int]:
    """Free ports by box id, as OZmap has them now. Raises OzmapError."""
    # Boxes without a splitter have no row in the answer: they count 0.
    free = dict.fromkeys(sorted(boxes), 0)
    for splitter in ozmap.splitters_of(free):
        if splitter.box in free:
            free[splitter.box] += splitter.free_ports
    return free


def _viable(reached: _Reached) -> ViableBox:
    return ViableBox(
        id=reached.box.id,
        distance_m=reached.path_m,
        implanted=reached.box.implanted,
        free_ports=reached.free_ports,
        project=reached.box.project,
        name=reached.box.name,
    )
