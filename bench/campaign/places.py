"""Where the customers of a campaign live."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import PLACES, Sandbox
from sandbox.ports import free_ports
from sandbox.records import point_of
from schemas.point import Point, distance_m

REACH_M = 120
"""Metres within which a customer gets a box: few of them, so that they fill up."""
RADIUS_M = 250
"""Metres within which the three nearest boxes refuse and others do not."""
FOURTH_PLACES = 2
SPARE = 1.5
"""Free ports for each customer there. A property that is made twice holds two until one is deleted."""


@dataclass(frozen=True)
class Places:
    crowded: Mapping[str, Point]
    """By id, boxes that have fewer free ports than there are customers."""
    fourth: list[Point]
    """Here the three nearest boxes refuse for good, and the next ones have ports for everybody."""
    refusing: tuple[str, ...]
    """Those nearest boxes, by id."""
    without_fibre: Point


def places_of(sandbox: Sandbox, seed: int, customers: int, certain: float) -> Places:
    """Raises ValueError if the network is too small. `certain`: how many of them need a fourth box."""
    store = sandbox.store
    boxes = sorted(
        (box for box in store["boxes"].values() if not box["draft"]), key=lambda box: str(box["id"])
    )
    random.Random(seed).shuffle(boxes)
    ports = {box["id"]: len(free_ports(store, box["id"], sandbox.behaviour)) for box in boxes}
    points = {box["id"]: point for box in boxes if (point := point_of(box)) and ports[box["id"]]}
    fourth: list[Point] = []
    refusing: list[str] = []
    for centre in points.values():
        near = sorted(_within(points, centre, RADIUS_M), key=lambda key: distance_m(centre, points[key]))
        apart = all(distance_m(centre, other) > 2 * RADIUS_M for other in fourth)
        if apart and sum(ports[key] for key in near[3:]) >= SPARE * certain / FOURTH_PLACES + 8:
            fourth.append(centre)
            refusing += near[:3]
        if len(fourth) == FOURTH_PLACES:
            break
    else:
        raise ValueError(f"{certain} customers need more ports of a fourth box")
    crowded: dict[str, Point] = {}
    taken = 0
    for key, point in points.items():
        apart = all(distance_m(point, centre) > RADIUS_M + REACH_M + 30 for centre in fourth)
        if apart and taken < customers / 3:
            crowded[key] = point
            taken += ports[key]
    return Places(crowded, fourth, tuple(refusing), PLACES["no_fibre_street"].point)


def _within(points: Mapping[str, Point], centre: Point, metres: float) -> list[str]:
    return [key for key, point in points.items() if distance_m(centre, point) <= metres]
