"""Streets of the sample network: poles 30 to 38 m apart, joined to their neighbours.

A grid of streets, whose corner (0, 0) never moves however large it is made, and single streets
that leave it to the west and to the south, where there is room for places with a special story.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from random import Random
from typing import Any

from sandbox.network.frame import coords, fixed_id, record
from sandbox.records import Record

SPAN = 34.0  # metres from pole to pole on the streets outside the grid
SMALLEST = 12  # blocks on each side of the grid: all that the special places lean on
POLES_PER_BLOCK = 5.8  # on average, a little less than true
COMMON, ORNAMENTAL = fixed_id("pole type", "common"), fixed_id("pole type", "ornamental")
ORNAMENTAL_POLE = ("ornamental", 8)  # of the spur of that name
GATED_XS = [-510.0, -408.0, -306.0, -238.0]
GATED_YS = [1330.0, 1432.0, 1534.0]

Key = tuple[Any, ...]  # a base point's name: ("grid", row, column), ("spur", name, n), ...
JUNCTION: Key = ("grid", 3, 3)


@dataclass(frozen=True)
class Spur:
    """A street that leaves the grid, by name; `dx`, `dy` are the way it goes."""

    name: str
    row: int
    column: int
    dx: int
    dy: int
    poles: int


SPURS = {
    "no fibre": Spur("Estrada do Morro Alto", 2, 0, -1, 0, 34),
    "blocked": Spur("Servidão dos Coqueiros", 5, 0, -1, 0, 22),
    "full": Spur("Rua das Araucárias", 8, 0, -1, 0, 26),
    "gate": Spur("Acesso das Bromélias", 11, 0, -1, 0, 6),
    "draft": Spur("Servidão Vista Verde", 0, 1, 0, -1, 18),
    "far": Spur("Caminho do Engenho", 0, 4, 0, -1, 14),
    "new": Spur("Rua do Canário", 0, 7, 0, -1, 14),
    "ornamental": Spur("Rua das Palmeiras Imperiais", 0, 10, 0, -1, 12),
}


class Streets:
    """Base points by key. `xy` has where each one stands on the sheet, in metres."""

    def __init__(self, blocks: int) -> None:
        self.at: dict[Key, Record] = {}
        self.xy: dict[Key, tuple[float, float]] = {}
        self.xs, self.ys = lines("column", blocks), lines("row", blocks)
        for name, spur in SPURS.items():
            self._spur(name, spur)
        self._grid("gated", GATED_XS, GATED_YS)
        self._join(("spur", "gate", SPURS["gate"].poles), ("gated", 0, 3))
        for n in range(6):  # an island: nothing joins it to the rest
            self._stand(("island", n), (570 + n * SPAN, -165))
            if n:
                self._join(("island", n - 1), ("island", n))
        self._grid("grid", self.xs, self.ys)
        for name, spur in SPURS.items():
            self._join(("grid", spur.row, spur.column), ("spur", name, 1))

    def _grid(self, name: str, xs: list[float], ys: list[float]) -> None:
        """Streets crossing each other; `h` edges run along x, `v` edges along y."""
        for row, y in enumerate(ys):
            for column, x in enumerate(xs):
                here = (name, row, column)
                self._stand(here, (x, y), kind=_crossing(here))
                if column:
                    self._edge((name, "h", row, column - 1), (name, row, column - 1), here)
                if row:
                    self._edge((name, "v", row - 1, column), (name, row - 1, column), here)

    def _edge(self, name: Key, start: Key, end: Key) -> None:
        """The poles between two crossings, all joined."""
        chance = Random(repr(name))
        (x, y), (to_x, to_y) = self.xy[start], self.xy[end]
        spans = round((to_x - x + to_y - y) / SPAN)
        previous = start
        for n in range(1, spans):
            aside = chance.uniform(-0.8, 0.8)
            east = x + (to_x - x) * n / spans + (aside if to_x == x else 0)
            north = y + (to_y - y) * n / spans + (aside if to_y == y else 0)
            odd = chance.random()
            barred = ORNAMENTAL if odd < 0.01 else COMMON
            self._stand((*name, n), (east, north), pole_type=barred, usable=not 0.01 <= odd < 0.025)
            self._join(previous, (*name, n))
            previous = (*name, n)
        self._join(previous, end)

    def _spur(self, name: str, spur: Spur) -> None:
        x, y = self.xs[spur.column], self.ys[spur.row]
        for n in range(1, spur.poles + 1):
            barred = ORNAMENTAL if (name, n) == ORNAMENTAL_POLE else COMMON
            east, north = x + spur.dx * n * SPAN, y + spur.dy * n * SPAN
            self._stand(("spur", name, n), (east, north), pole_type=barred)
            if n > 1:
                self._join(("spur", name, n - 1), ("spur", name, n))

    def _stand(
        self,
        key: Key,
        at: tuple[float, float],
        *,
        kind: str = "Pole",
        pole_type: str = COMMON,
        usable: bool = True,
    ) -> None:
        fields: Record = {"tags": [], "coords": coords(*at), "adjacents": [], "kind": kind}
        if kind == "Pole":
            fields = {
                "poleType": pole_type,
                "licensing": {"status": 2 if at[0] < 0 else 0, "protocol": ""},
                "usable": usable,
                "observation": "",
                **fields,
                "name": f"P_{len(self.at) + 1}",
            }
        self.at[key] = record(key, fields)
        self.xy[key] = at

    def _join(self, a: Key, b: Key) -> None:
        self.at[a]["adjacents"].append(self.at[b]["id"])
        self.at[b]["adjacents"].append(self.at[a]["id"])


def blocks_for(poles: int) -> int:
    """How many blocks the grid needs on each side to have at least so many poles."""
    return max(SMALLEST, ceil(sqrt(poles / POLES_PER_BLOCK)))


def lines(name: str, blocks: int) -> list[float]:
    """Where the streets of one direction run: 94 to 146 metres apart, three or four spans."""
    found = [0.0]
    for n in range(blocks):
        chance = Random(f"{name} {n}")
        found.append(found[-1] + chance.choice((3, 4)) * chance.uniform(31.5, 36.5))
    return found


def _crossing(key: Key) -> str:
    """What stands at a crossing: mostly a pole that both streets share."""
    if key == JUNCTION:
        return "JunctionBox"
    return "Point" if Random(repr(key)).random() < 0.12 else "Pole"
