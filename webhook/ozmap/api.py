"""A function per OZmap call that this project makes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from marshmallow import Schema

from schemas.ozmap import (
    BasePoint,
    BasePointSchema,
    Box,
    BoxSchema,
    Client,
    ClientSchema,
    Named,
    NamedSchema,
    Pole,
    PoleSchema,
    PoleType,
    PoleTypeSchema,
    Project,
    ProjectSchema,
    Property,
    PropertyOfClient,
    PropertyOfClientSchema,
    PropertySchema,
    ProspectRow,
    ProspectRowSchema,
    RadiusViability,
    RadiusViabilitySchema,
    Splitter,
    SplitterSchema,
    Tag,
    TagSchema,
)
from schemas.point import Point
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline, side_by_side
from webhook.observe.metrics import note_ozmap_call
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError, OzmapRefused, OzmapUnavailable, OzmapUnreadable
from webhook.ozmap.records import load, near, page_of, plain, where

# Built once: making a schema costs more than loading a record with it.
_BASE_POINTS = BasePointSchema(many=True)
_BOX = BoxSchema()
_BOXES = BoxSchema(many=True)
_CLIENT = ClientSchema()
_NAMED = NamedSchema()
_POLES = PoleSchema(many=True)
_POLE_TYPES = PoleTypeSchema(many=True)
_PROJECTS = ProjectSchema(many=True)
_PROPERTIES_OF_CLIENT = PropertyOfClientSchema(many=True)
_PROPERTY = PropertySchema()
_PROSPECTS = ProspectRowSchema(many=True)
_RADIUS = RadiusViabilitySchema()
_SPLITTERS = SplitterSchema(many=True)
_TAGS = TagSchema(many=True)

PAGE = 1000
"""Rows asked for at a time. A server that gives fewer says so, or is asked for the next page."""
MOST_OF_A_CODE = 10
"""Properties of one client code. Ours has one, or two while a lost POST is cleaned up."""
IDS_A_CALL = 100
"""Of an `in` filter: 100 ids are 3.3 kB of URL, and many proxies take 8."""
TOPOLOGY_AGE = 600.0
"""Seconds that projects, pole types and tags are kept. Free ports never are."""


@dataclass(frozen=True)
class Call:
    """One HTTP call, for the log: no address, no data."""

    operation: str
    result: str
    milliseconds: float


class OzmapAccount:
    """One tenant's OZmap for as long as the process lives: the client and what may be remembered."""

    def __init__(self, client: OzmapClient, patient: OzmapClient | None = None) -> None:
        self.client = client
        self.patient = patient or client
        """For whoever has more time than a reply: what is too slow for flows must not keep it out."""
        self.topology: SharedCache[tuple[list[Project], list[PoleType]]] = SharedCache(
            "topology", 1, TOPOLOGY_AGE
        )
        self.tags: SharedCache[list[Tag]] = SharedCache("tags", 1, TOPOLOGY_AGE)


class Ozmap:
    """One tenant's OZmap within one request: its calls share a deadline and are counted.

    Every method may raise OzmapError.
    """

    def __init__(
        self,
        account: OzmapAccount,
        deadline: Deadline,
        patient: bool = False,
        calls: list[Call] | None = None,
    ) -> None:
        self._account = account
        self._client = account.patient if patient else account.client
        self.deadline = deadline
        self.calls = [] if calls is None else calls

    def until(self, deadline: Deadline) -> "Ozmap":
        """The same OZmap with a later deadline. Its calls are counted as this request's."""
        return Ozmap(self._account, deadline, patient=True, calls=self.calls)

    def check_key(self) -> None:
        """Raises OzmapRefused when OZmap does not accept the key. What else it answers is not documented."""
        try:
            self._get("authenticated", {})
        except OzmapUnreadable:
            return

    def radius_viability(self, point: Point, radius_m: float | None) -> RadiusViability:
        """OZmap's own feasibility in a circle; without `radius_m` its own default radius holds."""
        params = {"lat": plain(point.lat), "lng": plain(point.lng)}
        if radius_m is not None:
            params["radius"] = plain(radius_m)
        answer: RadiusViability = load(
            _RADIUS, self._get("ftth-viability/radius", params), "ftth-viability/radius"
        )
        if answer.viable != bool(answer.boxes):
            raise OzmapUnreadable("ftth-viability/radius: viable contradicts boxes")
        return answer

    def poles_near(self, point: Point, radius_m: float) -> list[Pole]:
        """All poles in a circle, nearest first as far as OZmap keeps to it."""
        return self._rows("poles", _POLES, near(point, radius_m))

    def base_points_near(self, point: Point, radius_m: float) -> list[BasePoint]:
        """All poles, points and junction boxes in a circle."""
        return self._rows("base-points", _BASE_POINTS, near(point, radius_m))

    def boxes_near(self, point: Point, radius_m: float) -> list[Box]:
        """All boxes in a circle."""
        return self._rows("boxes", _BOXES, near(point, radius_m))

    def splitters_of(self, boxes: Iterable[str]) -> list[Splitter]:
        """All splitters of the boxes with these ids."""
        ids = list(boxes)
        chunks = [ids[start : start + IDS_A_CALL] for start in range(0, len(ids), IDS_A_CALL)]
        calls = [
            partial(self._rows, "splitters", _SPLITTERS, where("parent", "in", chunk)) for chunk in chunks
        ]
        return [splitter for rows in self.at_once(*calls) for splitter in rows] if calls else []

    def projects(self) -> list[Project]:
        """All projects that the key may see."""
        return self._rows("projects", _PROJECTS)

    def sees_projects(self) -> bool:
        """Whether the key may see any project. Raises OzmapRefused when OZmap does not accept the key."""
        answer = self._get("projects", {"limit": 1, "page": 1})
        rows = answer.get("rows") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise OzmapUnreadable("projects: not a list")
        return bool(rows)

    def topology(self) -> tuple[list[Project], list[PoleType]]:
        """All projects that the key may see, and all pole types; remembered for TOPOLOGY_AGE."""

        def fetch() -> tuple[list[Project], list[PoleType]]:
            projects, pole_types = self.at_once(self.projects, lambda: self._rows("pole-types", _POLE_TYPES))
            return projects, pole_types

        try:
            return self._account.topology.get("topology", fetch, self.deadline)
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None

    def forget_topology(self) -> None:
        """It has turned out to be older than what else was read."""
        self._account.topology.forget("topology")

    def tags(self) -> list[Tag]:
        """All tags; remembered for TOPOLOGY_AGE."""
        try:
            return self._account.tags.get("tags", lambda: self._rows("tags", _TAGS), self.deadline)
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None

    def properties_of(self, code: str) -> list[str]:
        """Ids of the properties whose client has this code, exactly and with case.

        A foreign code makes the answer unreadable: a server that goes by another rule lists others' records.
        """
        operation = "properties/client/{code}"
        try:
            answer = self._call("GET", operation, "properties", "client", code)
        except OzmapRefused as error:
            if error.reason != "404":
                raise
            return []
        if not isinstance(answer, list):
            raise OzmapUnreadable(f"{operation}: not a list")
        rows: list[PropertyOfClient] = load(_PROPERTIES_OF_CLIENT, answer, operation)
        if any(row.client and row.client.code not in {code, None} for row in rows):
            raise OzmapUnreadable(f"{operation}: another code")
        if len(rows) > MOST_OF_A_CODE:
            raise OzmapUnreadable(f"{operation}: {len(rows)} rows")
        return [row.id for row in rows]

    def property(self, id_: str) -> Property | None:
        """With its port; None where OZmap has it no more."""
        found: Property | None = self._one("properties", _PROPERTY, id_)
        return found

    def box_name(self, id_: str) -> str:
        """Empty where OZmap has the box no more."""
        found: Box | None = self._one("boxes", _BOX, id_)
        return found.name if found else ""

    def client(self, id_: str) -> Client | None:
        """None where OZmap has it no more."""
        found: Client | None = self._one("ftth-clients", _CLIENT, id_)
        return found

    def create_property(self, form: Mapping[str, Any]) -> str:
        """Its id. What this raises with `may_be_done` may have made it all the same."""
        return self._create("properties", form)

    def delete_property(self, id_: str) -> None:
        """Its client goes with it and its port is free; one that is gone already is no error."""
        self._delete("properties", id_)

    def change_client(self, id_: str, **fields: Any) -> None:
        """Sets fields of an ftth-client."""
        self._call("PATCH", "PATCH ftth-clients/{id}", "ftth-clients", id_, body=fields)

    def prospects_with(self, code: str) -> list[str]:
        """Ids of the prospects with this code, exactly and with case.

        That prospects can be filtered by code is only inferred. A foreign code makes the answer unreadable: a
        server that ignores the filter lists everybody's.
        """
        rows: list[ProspectRow] = self._rows(
            "prospects", _PROSPECTS, where("code", "=", code), lambda row: row.code == code
        )
        return [row.id for row in rows]

    def create_prospect(self, form: Mapping[str, Any]) -> str:
        """Its id. What this raises with `may_be_done` may have made it all the same."""
        return self._create("prospects", form)

    def delete_prospect(self, id_: str) -> None:
        """One that is gone already is no error."""
        self._delete("prospects", id_)

    def at_once(self, *calls: Any) -> list[Any]:
        """The results of calls of this object that do not depend on each other."""
        try:
            return side_by_side(self.deadline, *calls)
        except TimeoutError:
            raise OzmapUnavailable("deadline") from None

    def _rows(
        self,
        collection: str,
        schema: Schema,
        filter_json: str | None = None,
        asked_for: Callable[[Any], bool] = lambda _: True,
    ) -> list[Any]:
        """All rows, over all pages. Pages are asked for by number: `nextUrl` carries no filter.

        Fewer rows than OZmap counts make the answer unreadable: a piece must not pass for the whole. So does
        a row that was not `asked_for`, on the first page that has one.
        """
        params: dict[str, str | int] = {"limit": PAGE} | ({"filter": filter_json} if filter_json else {})
        records: list[Any] = []
        seen: set[str] = set()
        page = 1
        while True:
            loaded, total, is_last = self._get(
                collection, params | {"page": page}, partial(page_of, schema, collection)
            )
            if not all(map(asked_for, loaded)):
                raise OzmapUnreadable(f"{collection}: rows that were not asked for")
            fresh = [record for record in loaded if record.id not in seen]
            records += fresh
            seen.update(record.id for record in fresh)
            # Without hasNextPage only a page without anything new is the last: the server may know no pages.
            if is_last or not fresh:
                break
            page += 1
        if len(seen) < total:
            raise OzmapUnreadable(f"{collection}: {len(seen)} rows of {total}")
        return records

    def read(self, operation: str, segments: Sequence[str], params: Mapping[str, str]) -> Any:
        """The JSON of any GET. A segment stays one, whatever is in it; `operation` is for the log."""
        return self._call("GET", operation, *segments, params=params)

    def _one(self, collection: str, schema: Schema, id_: str) -> Any:
        try:
            answer = self._call("GET", f"{collection}/{{id}}", collection, id_)
        except OzmapRefused as error:
            if error.reason != "404":
                raise
            return None
        return load(schema, answer, f"{collection}/{{id}}")

    def _create(self, collection: str, form: Mapping[str, Any]) -> str:
        made: Named = load(
            _NAMED, self._call("POST", f"POST {collection}", collection, body=form), f"POST {collection}"
        )
        return made.id

    def _delete(self, collection: str, id_: str) -> None:
        try:
            self._call("DELETE", f"DELETE {collection}/{{id}}", collection, id_)
        except OzmapRefused as error:
            if error.reason != "404":
                raise

    def _get(self, path: str, params: Any, large: Callable[[Any], Any] | None = None) -> Any:
        return self._call("GET", path, *path.split("/"), params=params, large=large)

    def _call(
        self,
        method: str,
        operation: str,
        *segments: str,
        params: Any = None,
        body: object = None,
        large: Callable[[Any], Any] | None = None,
    ) -> Any:
        """`operation` is what the log calls it: no id, no code."""
        started = monotonic()
        result = "ok"
        try:
            return self._client.call(
                method, *segments, params=params, body=body, large=large, deadline=self.deadline
            )
        except OzmapError as error:
            result = error.reason
            raise
        finally:
            seconds = monotonic() - started
            self.calls.append(Call(operation, result, seconds * 1000))
            note_ozmap_call(operation, result, seconds)
