"""Named places of the sample network, each with one story."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from schemas.point import Point


class Place(NamedTuple):
    """A point, and what is true there; ways are counted along the poles from the first one."""

    point: Point
    truth: str


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "viable": Place(
            Point(-27.598710, -48.519455),
            "CTO 04-04 has 5 free ports; it is the nearest box, 33 m along the poles and 26 m "
            "in a straight line",
        ),
        "no_fibre_street": Place(
            Point(-27.603545, -48.534955),
            "a pole at 13 m; no box within 700 m along the poles, nor within 300 m",
        ),
        "full_boxes": Place(
            Point(-27.596448, -48.533338),
            "two boxes at 68 m along the poles, both full; no other within 400 m of poles or 300 m",
        ),
        "too_far": Place(
            Point(-27.606755, -48.518132),
            "the first box, CTO 34-01 with 6 free ports, is 306 m along the poles, where its "
            "project allows 200 m; no box within 300 m",
        ),
        "blocked_port": Place(
            Point(-27.599513, -48.530929),
            "the only box, CTO 32-01 at 34 m along the poles, has 7 used ports and a blocked one",
        ),
        "island": Place(
            Point(-27.604454, -48.517222),
            "the poles near it are joined to no others and carry no box; in a straight line there "
            "are boxes with free ports within 300 m",
        ),
        "nowhere": Place(Point(-27.608389, -48.528206), "woods: no pole within 100 m, no box within 300 m"),
        "draft_only": Place(
            Point(-27.608245, -48.521626),
            "the only box, CTO 33-01 at 34 m along the poles, is being planned (Em projeto)",
        ),
        "not_implanted": Place(
            Point(-27.605211, -48.514913),
            "the nearest box, CTO 35-01, is not implanted, the next, CTO 35-02, is; both have "
            "free ports, 34 m and 102 m along the poles",
        ),
        "ornamental": Place(
            Point(-27.604271, -48.511269),
            "the nearest pole is of a type barred from sales; from the next, at 31 m, CTO 36-01 "
            "with 6 free ports is one span away",
        ),
        "gated": Place(
            Point(-27.591883, -48.530442),
            "inside the Condomínio Jardim das Bromélias, whose boxes carry it as horizontal_condos",
        ),
    }
)
