"""Weeks of demand that the sample network could have had, for the report of `make run`.

Written into the webhook's own tables of counts, which nobody else fills for it: these customers never were.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import h3

from sandbox.network import sample_network
from sandbox.records import point_of
from schemas.point import Point, distance_m

DAYS = 28
PER_DAY = (14, 34)
"""Conversations, the fewest and the most."""
CROWDS = (
    (Point(-27.5990, -48.5190), 420),
    (Point(-27.6035, -48.5345), 260),
    (Point(-27.6075, -48.5240), 320),
    (Point(-27.5965, -48.5290), 380),
    (Point(-27.6100, -48.5120), 300),
)
"""Where people talk about fibre with their neighbours, and metres around it; in and out of the network."""
METRES_PER_DEGREE = 111_320
ISP = "isp"
"""The slug of the only ISP."""


def fill(database: Path, today: date) -> None:
    """The days before today. The tables are there."""
    cells, steps = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for day, cell, outcome, reason, passed in _conversations(today):
        cells[ISP, day, cell, outcome, reason] += 1
        steps.update((ISP, day, step) for step in passed)
    with sqlite3.connect(database) as connection:
        for table, counts in (("demand_cells", cells), ("demand_steps", steps)):
            places = ", ".join("?" * (len(next(iter(counts))) + 1))
            rows = [(*key, times) for key, times in counts.items()]
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
    connection.close()


def _conversations(today: date) -> Iterator[tuple[str, str, str, str, list[str]]]:
    """Day, cell, outcome and reason of each, and the steps that it came to."""
    chance, network = Random(43), sample_network()
    poles, boxes = (
        [point for one in network[kind] if (point := point_of(one))] for kind in ("poles", "boxes")
    )
    for back in range(DAYS, 0, -1):
        day = (today - timedelta(days=back)).isoformat()
        for _ in range(chance.randint(*PER_DAY)):
            place = _place(chance)
            reason = _reason(chance, place, poles, boxes)
            cell = h3.latlng_to_cell(*place, 9)
            yield day, cell, "sem_viabilidade" if reason else "viavel", reason, _steps(chance, reason)


def _place(chance: Random) -> Point:
    middle, metres = chance.choices(CROWDS, weights=(5, 3, 2, 4, 1))[0]
    lat, lng = (one + chance.gauss(0, metres / 2) / METRES_PER_DEGREE for one in middle)
    return Point(lat, lng)


def _reason(chance: Random, place: Point, poles: list[Point], boxes: list[Point]) -> str:
    """Roughly what a lookup by pole would say. Empty: there is fibre."""
    if min(distance_m(place, pole) for pole in poles) > 100:
        return "sem_poste"
    nearest = min(distance_m(place, box) for box in boxes)
    if nearest <= 200:
        return "sem_porta" if chance.random() < 0.15 else ""
    return "distancia" if nearest <= 400 else "sem_caixa"


def _steps(chance: Random, reason: str) -> list[str]:
    steps = ["place_known"]
    if not reason:
        steps.append("viable")
        if chance.random() < 0.4:
            steps.append("reserved")
    elif chance.random() < 0.45:
        steps.append("prospect")
    if chance.random() < 0.12:
        steps.append("handed_over")
    return steps
