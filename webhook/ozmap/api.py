"""A function per OZmap call that this project makes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.ozmap import (
    BasePoint,
    BasePointSchema,
    Box,
    BoxSchema,
    Pole,
    PoleSchema,
    PoleType,
    PoleTypeSchema,
    Project,
    ProjectSchema,
    RadiusViability,
    RadiusViabilitySchema,
    Splitter,
    SplitterSchema,
)
from schemas.point import Point
from webhook.cache import SharedCache
from webhook.deadline import Deadline, side_by_side
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError, OzmapUnavailable, OzmapUnreadable

# Built once: making a schema costs more than loading a record with it.
_BASE_POINTS = BasePointSchema(many=True)
_BOXES = BoxSchema(many=True)
_POLES = PoleSchema(many=True)
_POLE_TYPES = PoleTypeSchema(many=True)
_PROJECTS = ProjectSchema(many=True)
_RADIUS = RadiusViabilitySchema()
_SPLITTERS = SplitterSchema(many=True)

PAGE = 1000
"""Rows asked for at a time. A server that gives fewer says so, or is asked for the next page."""
IDS_A_CALL = 100
"""Of an `in` filter: 100 ids are 3.3 kB of URL, and many proxies take 8."""
TOPOLOGY_AGE = 600.0
"""Seconds that projects and pole types are kept. Free ports never are."""


@dataclass(frozen=True)
class Call:
    """One HTTP call, for the log: no address, no data."""

    operation: str
    result: str
    milliseconds: float


class OzmapAccount:
    """One tenant's OZmap for as long as the process lives: the client and what may be remembered."""

    def __init__(self, client: OzmapClient) -> None:
        self.client = client
        self.topology: SharedCache[tuple[list[Project], list[PoleType]]] = SharedCache(1, TOPOLOGY_AGE)


class Ozmap:
    """One tenant's OZmap within one request: its calls share a deadline and are counted.

    Every method may raise OzmapError.
    """

    def __init__(self, account: OzmapAccount, deadline: Deadline) -> None:
        self._account = account
        self.deadline = deadline
        self.calls: list[Call] = []

    def check_key(self) -> None:
        """Raises OzmapRefused when OZmap does not accept the key. What else it answers is not documented."""
        try:
            self._get("authenticated", {})
        except OzmapUnreadable:
            return

    def radius_viability(self, point: Point, radius_m: float | None) -> RadiusViability:
        """OZmap's own feasibility in a circle; without `radius_m` its own default radius holds."""
        params = {"lat": _plain(point.lat), "lng": _plain(point.lng)}
        if radius_m is not None:
            params["radius"] = _plain(radius_m)
        answer: RadiusViability = _load(
            _RADIUS, self._get("ftth-viability/radius", params), "ftth-viability/radius"
        )
        if answer.viable != bool(answer.boxes):
            raise OzmapUnreadable("ftth-viability/radius: viable contradicts boxes")
        return answer

    def poles_near(self, point: Point, radius_m: float) -> list[Pole]:
        """All poles in a circle, nearest first as far as OZmap keeps to it."""
        return self._rows("poles", _POLES, _near(point, radius_m))

    def base_points_near(self, point: Point, radius_m: float) -> list[BasePoint]:
        """All poles, points and junction boxes in a circle."""
        return self._rows("base-points", _BASE_POINTS, _near(point, radius_m))

    def boxes_near(self, point: Point, radius_m: float) -> list[Box]:
        """All boxes in a circle."""
        return self._rows("boxes", _BOXES, _near(point, radius_m))

    def splitters_of(self, boxes: Iterable[str]) -> list[Splitter]:
        """All splitters of the boxes with these ids."""
        ids = list(boxes)
        chunks = [ids[start : start + IDS_A_CALL] for start in range(0, len(ids), IDS_A_CALL)]
        calls = [
            partial(self._rows, "splitters", _SPLITTERS, _filter("parent", "in", chunk)) for chunk in chunks
        ]
        return [splitter for rows in self.at_once(*calls) for splitter in rows] if calls else []

    def projects(self) -> list[Project]:
        """All projects that the key may see."""
        return self._rows("projects", _PROJECTS)

    def topology(self) -> tuple[list[Project], list[PoleType]]:
        """All projects that the key may see, and all pole types; remembered for TOPOLOGY_AGE."""

        def fetch() -> tuple[list[Project], list[PoleType]]:
            projects, pole_types = self.at_once(self.projects, lambda: self._rows("pole-types", _POLE_TYPES))
            return projects, pole_types

        try:
            return self._account.topology.get("topology", fetch, self.deadline)
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None

    def at_once(self, *calls: Any) -> list[Any]:
        """The results of calls of this object that do not depend on each other."""
        try:
            return side_by_side(self.deadline, *calls)
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None

    def _rows(self, collection: str, schema: Schema, filter_json: str | None = None) -> list[Any]:
        """All rows, over all pages. Pages are asked for by number: `nextUrl` carries no filter.

        Fewer rows than OZmap counts make the answer unreadable: a piece must not pass for the whole.
        """
        params: dict[str, str | int] = {"limit": PAGE} | ({"filter": filter_json} if filter_json else {})
        records: list[Any] = []
        seen: set[str] = set()
        page = 1
        while True:
            answer = self._get(collection, params | {"page": page})
            rows, total = (answer.get("rows"), answer.get("total")) if isinstance(answer, dict) else (0, 0)
            if not isinstance(rows, list) or not isinstance(total, int):
                raise OzmapUnreadable(f"{collection}: not a list")
            loaded = _load(schema, rows, collection)
            fresh = [record for record in loaded if record.id not in seen]
            records += fresh
            seen.update(record.id for record in fresh)
            # Without hasNextPage only a page without anything new is the last: the server may know no pages.
            if answer.get("hasNextPage") is False or not fresh:
                break
            page += 1
        if len(seen) < total:
            raise OzmapUnreadable(f"{collection}: {len(seen)} rows of {total}")
        return records

    def read(self, operation: str, segments: Sequence[str], params: Mapping[str, str]) -> Any:
        """The JSON of any GET. A segment stays one, whatever is in it; `operation` is for the log."""
        return self._call(operation, segments, params)

    def _get(self, path: str, params: Any) -> Any:
        return self._call(path, path.split("/"), params)

    def _call(self, operation: str, segments: Sequence[str], params: Any) -> Any:
        started = monotonic()
        result = "ok"
        try:
            return self._account.client.call("GET", *segments, params=params, deadline=self.deadline)
        except OzmapError as error:
            result = error.reason
            raise
        finally:
            self.calls.append(Call(operation, result, (monotonic() - started) * 1000))


def _plain(value: float) -> str:
    """All its decimals, never in exponent form."""
    return format(Decimal(repr(value)), "f")


def _filter(name: str, operator: str, value: object) -> str:
    return json.dumps([{"property": name, "operator": operator, "value": value}], separators=(",", ":"))


def _near(point: Point, radius_m: float) -> str:
    return _filter("coords", "near", {"lat": point.lat, "lng": point.lng, "radius": radius_m})


def _load(schema: Schema, answer: Any, operation: str) -> Any:
    try:
        return schema.load(answer)
    except ValidationError as error:
        where: list[str] = []
        wrong: Any = error.messages
        while isinstance(wrong, dict):
            key, wrong = next(iter(wrong.items()))
            where.append(str(key))
        raise OzmapUnreadable(f"{operation}: {'.'.join(where)} {wrong[0]}") from None
