"""Where the stand-in keeps its records: dicts by id, with indexes and a grid of places."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import cos, floor, radians
from random import Random
from threading import Condition, RLock
from time import monotonic
from typing import Any

from sandbox.filters import Rings
from sandbox.records import Record, RefusedError, now, place, point_of
from schemas.point import Point, distance_m

CELL = 0.001  # degrees: about 110 m, so that a search of 100 m looks into nine cells
METRES_PER_DEGREE = 111_000  # of latitude; a little less than true, so that no cell is missed

# Collection -> the fields that are looked up; "id" always is.
COLLECTIONS: dict[str, tuple[str, ...]] = {
    "poles": ("poleType",),
    "points": (),  # base points that are no poles: Point and JunctionBox
    "boxes": ("pole", "project", "boxType"),
    "splitters": ("parent", "splitterType"),
    "projects": (),
    "pole-types": (),
    "box-types": (),
    "splitter-types": (),
    "tags": (),
    "properties": ("box", "client", "pole", "project"),
    "ftth-clients": ("code",),
    "prospects": ("code",),
    "horizontal-condominiums": (),
}


# Field that refers to another record -> the collections where that may be.
REFERENCES: dict[str, tuple[str, ...]] = {
    "project": ("projects",),
    "pole": ("poles", "points"),
    "adjacents": ("poles", "points"),
    "box": ("boxes",),
    "parent": ("boxes",),
    "connector": ("splitters",),
    "boxType": ("box-types",),
    "poleType": ("pole-types",),
    "splitterType": ("splitter-types",),
    "tags": ("tags",),
}


class Collection(Mapping[str, Record]):
    """Records by id. Change one only through `change`, which keeps the indexes true."""

    def __init__(self, indexed: Iterable[str] = ()) -> None:
        self._records: dict[str, Record] = {}
        self._indexes: dict[str, dict[Any, dict[str, Record]]] = {
            field: defaultdict(dict) for field in indexed
        }
        self._cells: dict[tuple[int, int], dict[str, Record]] = defaultdict(dict)

    def __getitem__(self, key: str) -> Record:
        return self._records[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: Record) -> Record:
        self._records[record["id"]] = record
        self._enter(record)
        return record

    def change(self, key: str, **fields: Any) -> Record:
        """Sets fields of one record, and its `updatedAt`. Raises KeyError for an unknown id."""
        record = self._records[key]
        self._leave(record)
        record.update(fields, updatedAt=now())
        if "coords" in fields:
            place(record)
        self._enter(record)
        return record

    def remove(self, key: str) -> Record:
        record = self._records.pop(key)
        self._leave(record)
        return record

    def is_indexed(self, field: str) -> bool:
        return field == "id" or field in self._indexes

    def with_value(self, field: str, values: Iterable[Any]) -> list[Record]:
        """The records whose indexed field has one of these values."""
        if field == "id":
            return [self._records[value] for value in values if value in self._records]
        found = self._indexes[field]
        return [record for value in values if value in found for record in found[value].values()]

    def near(self, point: Point, radius_m: float | None = None) -> list[tuple[float, Record]]:
        """(metres, record) of what is within the radius, nearest first; None = everything."""
        reached = (
            (distance_m(point, there), record)
            for record in self._around(point, radius_m)
            if (there := point_of(record))
        )
        within = [pair for pair in reached if radius_m is None or pair[0] <= radius_m]
        return sorted(within, key=lambda pair: pair[0])

    def _around(self, point: Point, radius_m: float | None) -> Iterable[Record]:
        if radius_m is None:
            return self._records.values()
        high = radius_m / METRES_PER_DEGREE
        wide = high / max(cos(radians(min(abs(point.lat) + high, 90.0))), 1e-6)
        rows = range(floor((point.lat - high) / CELL), floor((point.lat + high) / CELL) + 1)
        columns = range(floor((point.lng - wide) / CELL), floor((point.lng + wide) / CELL) + 1)
        if len(rows) * len(columns) > len(self._cells):
            return self._records.values()
        cells = (self._cells.get((row, column), {}) for row in rows for column in columns)
        return [record for cell in cells for record in cell.values()]

    def _enter(self, record: Record) -> None:
        for field, index in self._indexes.items():
            index[record.get(field)][record["id"]] = record
        if point := point_of(record):
            self._cells[_cell(point)][record["id"]] = record

    def _leave(self, record: Record) -> None:
        for field, index in self._indexes.items():
            del index[record.get(field)][record["id"]]
        if point := point_of(record):
            del self._cells[_cell(point)][record["id"]]


class Store(Mapping[str, Collection]):
    """Every collection by its name in the API, and the one lock that all of its users share."""

    def __init__(self, network: Mapping[str, Iterable[Record]]) -> None:
        self.lock = RLock()
        self.chance = Random(0)
        self._stopping = Condition(self.lock)
        self._stopped = False
        self._hidden_until: dict[str, float] = {}
        self._collections = {name: Collection(fields) for name, fields in COLLECTIONS.items()}
        for name, records in network.items():
            for record in records:
                self._collections[name].add(record)

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._collections)

    def __len__(self) -> int:
        return len(self._collections)

    def let_pass(self, seconds: float) -> None:
        """Waits, with the lock free for other calls; `stop` ends it early."""
        if seconds:
            with self.lock:
                self._stopping.wait_for(lambda: self._stopped, seconds)

    def stop(self) -> None:
        with self.lock:
            self._stopped = True
            self._stopping.notify_all()

    def hide_connections(self, key: str, seconds: float) -> None:
        """A new property shows no connection for so long: OZmap is still drawing the drop."""
        if seconds:
            self._hidden_until[key] = monotonic() + seconds

    def hides_connections(self, key: str) -> bool:
        return monotonic() < self._hidden_until.get(key, 0.0)

    def referred(self, field: str, key: str) -> Record | None:
        """The record that `field` of another one names, if there is one."""
        for name in REFERENCES.get(field, ()):
            if key in self[name]:
                return self[name][key]
        return None

    def area(self, model: str, key: str) -> Rings:
        """The outline of a project or a gated community, for `within`."""
        kept = {
            "project": ("projects", "area"),
            "horizontalCondominium": ("horizontal-condominiums", "polygon"),
        }
        if model not in kept:
            raise RefusedError(f"filter: within knows no model {model!r}")
        name, field = kept[model]
        if key not in self[name]:
            raise RefusedError(f"filter: within found no {model} {key}")
        rings: Rings = self[name][key][field]["coordinates"]
        return rings


def _cell(point: Point) -> tuple[int, int]:
    return floor(point.lat / CELL), floor(point.lng / CELL)
