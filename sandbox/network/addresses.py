"""Street names, house numbers and CEPs of the sample neighbourhood, as a map of it would know them.

House numbers are metres from where a street begins, as in most Brazilian towns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

from sandbox.network.boxes import COLUMN_STREETS, ROW_STREETS
from sandbox.network.frame import coords
from sandbox.network.streets import GATED_XS, GATED_YS, SMALLEST, SPAN, SPURS, lines
from schemas.point import Point

UNNUMBERED = "Rua das Camélias"
"""A street whose houses the map does not know."""
TOWN_POSTCODE = "88190000"
"""A CEP of a whole town, Governador Celso Ramos, which the map does not show."""


Spot = tuple[float, float]


@dataclass(frozen=True)
class Street:
    """A straight street from one place of the sheet to another, in metres."""

    name: str
    start: Spot
    end: Spot
    postcode: str
    district: str = "Trindade"
    city: str = "Florianópolis"

    @property
    def length(self) -> float:
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    def at(self, metres: float) -> Point:
        """The place so many metres along it."""
        return self.beside(metres, (0.0, 0.0))

    def beside(self, metres: float, aside: Spot) -> Point:
        """The same, moved by so many metres of the sheet."""
        share = metres / self.length
        along = zip(self.start, self.end, aside, strict=True)
        lng, lat = coords(*(a + (b - a) * share + off for a, b, off in along))
        return Point(lat, lng)

    @property
    def numbered(self) -> bool:
        return self.name != UNNUMBERED


def streets() -> list[Street]:
    """All streets, each with a CEP of its own; two towns have a Rua das Acácias."""
    own = [Street(*way, postcode=f"8804{number:04}") for number, way in enumerate(_ways(), start=100)]
    other = Street("Rua das Acácias", (-9000.0, 0.0), (-9000.0, 800.0), "88102100", "Kobrasol", "São José")
    return [*own, other]


def _ways() -> Iterator[tuple[str, Spot, Spot]]:
    xs, ys = lines("column", SMALLEST), lines("row", SMALLEST)
    for name, y in zip(ROW_STREETS, ys, strict=True):
        yield name, (xs[0], y), (xs[-1], y)
    for name, x in zip(COLUMN_STREETS, xs, strict=True):
        yield name, (x, ys[0]), (x, ys[-1])
    for spur in SPURS.values():
        x, y = xs[spur.column], ys[spur.row]
        metres = spur.poles * SPAN
        yield spur.name, (x, y), (x + spur.dx * metres, y + spur.dy * metres)
    yield "Alameda das Bromélias", (GATED_XS[0], GATED_YS[1]), (GATED_XS[-1], GATED_YS[1])
