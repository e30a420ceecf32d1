"""Which cells may be shown: none that would point at one customer's house."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import h3

from schemas.point import Point
from webhook.demand.seen import RESOLUTION
from webhook.outcomes import SEM_VIABILIDADE
from webhook.store.demand import CellCount
from webhook.viability.verdict import Reason

FEWEST = 3
"""Conversations in a cell that is shown."""
COARSEST = 6
"""Resolution of H3: some 6 km across. What is too few even there is somewhere else."""
ACROSS = {
    9: "350\N{NO-BREAK SPACE}m",
    8: "900\N{NO-BREAK SPACE}m",
    7: "2,4\N{NO-BREAK SPACE}km",
    6: "6,4\N{NO-BREAK SPACE}km",
}
"""By resolution, on average."""


@dataclass(frozen=True)
class Cell:
    """A cell that is shown, and how many conversations had each outcome and reason there."""

    tenant: str
    id: str | None
    """None: elsewhere, in cells with too few conversations."""
    counts: Counter[tuple[str, str]]

    @cached_property
    def conversations(self) -> int:
        return self.counts.total()

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """Why there is no fibre, the most frequent reason first."""
        refused = Counter[str]()
        for (outcome, reason), times in self.counts.items():
            if outcome == SEM_VIABILIDADE.code:
                refused[reason] += times
        return sorted(refused.items(), key=lambda one: (-one[1], _ORDER.get(one[0], 0)))

    @property
    def refused(self) -> int:
        return sum(times for _, times in self.reasons)

    @property
    def resolution(self) -> int | None:
        return None if self.id is None else int(h3.get_resolution(self.id))

    @property
    def centre(self) -> Point | None:
        return None if self.id is None else Point(*(round(one, 6) for one in h3.cell_to_latlng(self.id)))

    @property
    def outline(self) -> list[Point]:
        """Its corners."""
        if self.id is None:
            return []
        return [Point(round(lat, 6), round(lng, 6)) for lat, lng in h3.cell_to_boundary(self.id)]


_ORDER = {str(reason): number for number, reason in enumerate(Reason)}


def shown(counts: Iterable[CellCount]) -> list[Cell]:
    """Each cell with enough conversations, and the larger cells around the others; most refusals first."""
    by_tenant: dict[str, dict[str, Counter[tuple[str, str]]]] = {}
    for tenant, cell, outcome, reason, conversations in counts:
        cells = by_tenant.setdefault(tenant, {})
        cells.setdefault(cell, Counter())[outcome, reason] += conversations
    found = [cell for tenant, cells in by_tenant.items() for cell in _enough(tenant, cells)]
    return sorted(found, key=lambda one: (one.id is None, -one.refused, -one.conversations, one.id or ""))


def _enough(tenant: str, cells: dict[str, Counter[tuple[str, str]]]) -> Iterator[Cell]:
    for resolution in range(RESOLUTION, COARSEST - 1, -1):
        coarser: dict[str, Counter[tuple[str, str]]] = {}
        for cell, counted in cells.items():
            if counted.total() >= FEWEST:
                yield Cell(tenant, cell, counted)
            else:
                coarser.setdefault(h3.cell_to_parent(cell, resolution - 1), Counter()).update(counted)
        cells = coarser
    if cells:
        yield Cell(tenant, None, sum(cells.values(), Counter()))
