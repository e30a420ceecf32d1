"""A network without end, made of numbers: a pole at each crossing of a grid, a box on every ninth.

Records are those of one place on the earth whoever asks, in the shape of OZmap's documented answers
(tests/fixtures/ozmap). From any pole a box is at most two poles away.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from math import ceil, cos, floor, radians, sqrt
from typing import NamedTuple

LAT_STEP, LNG_STEP = 0.00045, 0.0005
"""Degrees between poles: 50 m and, in the south of Brazil, 49 m."""
METRES = 111_195.0
"""Of a degree of latitude."""
EVERY = 3
_ZERO = 1 << 40
"""Added to a number of the grid in an id, where all are positive."""
_PROJECT, _POLE_TYPE, _STAMP = "01" * 12, "02" * 12, "2022-11-28T20:12:33.758Z"


class Node(NamedTuple):
    """A crossing of the grid, counted from the equator and Greenwich."""

    row: int
    column: int

    @property
    def lat(self) -> float:
        return self.row * LAT_STEP

    @property
    def lng(self) -> float:
        return self.column * LNG_STEP

    @property
    def box(self) -> "Node":
        """Where its nearest box is."""
        return Node(*(round(number / EVERY) * EVERY for number in self))

    def id(self, kind: int) -> str:
        return f"{kind:02x}{self.row + _ZERO:011x}{self.column + _ZERO:011x}"


POLE, BOX, SPLITTER = 0x50, 0x60, 0x70


def node_at(lat: float, lng: float) -> Node:
    """The pole nearest to a place."""
    return Node(round(lat / LAT_STEP), round(lng / LNG_STEP))


_CENTRE, TOWN = node_at(-27.6, -48.55), 200


def name_of_box(node: Node) -> str:
    return f"CTO {node.row}/{node.column}"


class Place(NamedTuple):
    """Where somebody asks for fibre, and the box that is right there."""

    values: dict[str, float]
    box: str


def any_place(chance: random.Random) -> Place:
    """Within 10 m of a pole, in a town 20 km wide."""
    node = Node(*(middle + chance.randint(-TOWN, TOWN) for middle in _CENTRE))
    lat = node.lat + chance.uniform(-0.2, 0.2) * LAT_STEP
    lng = node.lng + chance.uniform(-0.2, 0.2) * LNG_STEP
    return Place({"latitude": round(lat, 6), "longitude": round(lng, 6)}, name_of_box(node.box))


def nodes_near(lat: float, lng: float, radius_m: float, every: int = 1) -> Iterator[Node]:
    """The crossings in a circle, or every n-th of both directions."""
    high, wide = radius_m / METRES, METRES * cos(radians(lat))
    for row in _multiples((lat - high) / LAT_STEP, (lat + high) / LAT_STEP, every):
        up = (row * LAT_STEP - lat) * METRES
        half = sqrt(max(0.0, radius_m**2 - up**2)) / wide
        for column in _multiples((lng - half) / LNG_STEP, (lng + half) / LNG_STEP, every):
            yield Node(row, column)


def _multiples(least: float, most: float, of: int) -> range:
    return range(ceil(least / of) * of, floor(most) + 1, of)


@cache
def pole(node: Node) -> str:
    """Its row in `poles` and `base-points`, as JSON."""
    row, column = node
    sides = (Node(row - 1, column), Node(row + 1, column), Node(row, column - 1), Node(row, column + 1))
    fields = {
        "poleType": _POLE_TYPE,
        "licensing": {"status": 0, "protocol": ""},
        "usable": True,
        "adjacents": [side.id(POLE) for side in sides],
        "name": f"P_{row}/{column}",
    }
    return _record("Pole", node.id(POLE), node, fields)


@cache
def box(node: Node) -> str:
    """Its row in `boxes`."""
    fields = {
        "shared": False,
        "draft": False,
        "default_reserve": 0,
        "certified": False,
        "cables": [],
        "project": _PROJECT,
        "name": name_of_box(node),
        "boxType": None,
        "hierarchyLevel": 3,
        "implanted": True,
        "pole": node.id(POLE),
        "history": [],
    }
    return _record("Box", node.id(BOX), node, fields)


def _record(kind: str, id_: str, node: Node, fields: dict[str, object]) -> str:
    common = {
        "kind": kind,
        "id": id_,
        "coords": [node.lng, node.lat],
        "lng": node.lng,
        "lat": node.lat,
        "observation": "",
        "tags": [],
        "createdAt": _STAMP,
        "updatedAt": _STAMP,
    }
    return json.dumps(common | fields)


@cache
def splitter(box_id: str) -> str:
    """The row in `splitters` of this box's one: eight outputs, seven of them free."""
    outputs = 8
    return json.dumps(
        {
            "isBalanced": True,
            "orientation": "right",
            "currentPower": [None] * outputs,
            "installPower": [None] * outputs,
            "label": "",
            "attenuation": [10.5] * outputs,
            "implanted": True,
            "isDrop": True,
            "kind": "Splitter",
            "parent": box_id,
            "project": _PROJECT,
            "name": "Splitter 1",
            "splitterType": "03" * 12,
            "connectables": {"input": ["04" * 12], "output": ["05" * 12] + [None] * (outputs - 1)},
            "ratio": {"output": outputs, "input": 1},
            "createdAt": _STAMP,
            "updatedAt": _STAMP,
            "ports": [{"tags": [], "blocked": False, "id": f"{port:024x}"} for port in range(outputs)],
            "id": f"{SPLITTER:02x}{box_id[2:]}",
        }
    )


_DROP = {"defaults": {"cableType": "06" * 12}, "maxSize": 200}
PROJECT = json.dumps({"id": _PROJECT, "name": "Bench", "drop": _DROP, "parents": []})
TYPE = json.dumps({"id": _POLE_TYPE, "name": "Concreto", "prefix": "P_", "viabilityAllowed": True})
_VIABLE = {
    "distance": 30.41,
    "name": "NAME",
    "id": "5dc06d1275fc7d0006732521",
    "project": _PROJECT,
    "lat": -27.6,
    "lng": -48.5,
    "implanted": True,
    "availability": 6,
    "horizontal_condos": [],
}
_ANSWER = {"viable": True, "boxes": [_VIABLE] * 5, "refused_boxes": [], "properties": []}
_RADIUS = json.dumps(_ANSWER).split("NAME", 1)


def radius(lat: float, lng: float) -> str:
    """The answer of `ftth-viability/radius`: five boxes, first the one that a walk along the poles finds."""
    return name_of_box(node_at(lat, lng).box).join(_RADIUS)
