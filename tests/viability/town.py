"""Small networks for single questions: a street of poles, with what a test hangs on them.

Records start from OZmap's documented payloads.
"""

import json
from math import cos, radians
from pathlib import Path
from typing import Any

from schemas.point import EARTH_RADIUS_M, Point

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ozmap"
START = Point(-27.6, -48.52)
PROJECT = "5d9f3ff9200141000647f814"
COMMON, BARRED = "5d7d2b3fdbc425449801709e", "5d7d2b3fdbc425449801709f"
SPAN = 30.0
"""Metres from pole to pole."""

Record = dict[str, Any]


def documented(name: str) -> Record:
    """A fresh copy of a documented payload."""
    record: Record = json.loads((FIXTURES / f"{name}.json").read_text())
    return record


def at(east_m: float, north_m: float = 0.0) -> Point:
    """The point so many metres from START."""
    lat = START.lat + north_m / EARTH_RADIUS_M * 57.29577951308232
    lng = START.lng + east_m / (EARTH_RADIUS_M * cos(radians(START.lat))) * 57.29577951308232
    return Point(lat, lng)


def id_(kind: int, number: int) -> str:
    """A made-up OZmap id."""
    return f"{kind:08x}{number:016x}"


def pole(number: int, adjacents: list[int] | None = None, **changes: Any) -> Record:
    """The pole `number` spans to the east of START; by default between its two neighbours."""
    point = at(number * SPAN)
    neighbours = [number - 1, number + 1] if adjacents is None else adjacents
    return documented("pole") | {
        "id": id_(1, number),
        "name": f"P_{number}",
        "coords": [point.lng, point.lat],
        "adjacents": [id_(1, neighbour) for neighbour in neighbours if neighbour >= 0],
        **changes,
    }


def box(number: int, free: int = 1, **changes: Any) -> list[tuple[str, Record]]:
    """A box at pole `number` and its drop splitter of eight outputs, `free` of them not connected."""
    point = at(number * SPAN)
    made = documented("box") | {
        "id": id_(2, number),
        "name": f"CTO {number}",
        "coords": [point.lng, point.lat],
        "pole": id_(1, number),
        "project": PROJECT,
        "draft": False,
        "implanted": True,
        **changes,
    }
    outputs = [None] * free + [id_(4, port) for port in range(8 - free)]
    splitter = documented("splitter") | {
        "id": id_(3, number),
        "parent": made["id"],
        "connectables": {"input": [], "output": outputs},
    }
    return [("boxes", made), ("splitters", splitter)]


def street(poles: int, *hung: list[tuple[str, Record]], drop: float | None = 100) -> dict[str, list[Record]]:
    """A street of so many poles, in one project whose longest drop is `drop` metres (None: not on record)."""
    project = documented("project") | {"drop": {} if drop is None else {"maxSize": drop}}
    kinds = [
        {"id": COMMON, "name": "Concreto", "viabilityAllowed": True},
        {"id": BARRED, "name": "Ornamental", "viabilityAllowed": False},
    ]
    network: dict[str, list[Record]] = {
        "poles": [pole(number) for number in range(poles)],
        "points": [],
        "boxes": [],
        "splitters": [],
        "projects": [project],
        "pole-types": kinds,
    }
    for collection, record in (entry for entries in hung for entry in entries):
        network[collection].append(record)
    return network
