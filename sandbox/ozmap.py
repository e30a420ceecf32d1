"""OZmap's API v2 as HTTP: routes, the key, statuses and shapes."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.behaviour import Behaviour, NoneSpelled, drawn
from sandbox.clients import clients_with
from sandbox.filters import parse_filters
from sandbox.lists import Asked, list_answer, matching, populated, selected
from sandbox.odd_values import with_odd_values
from sandbox.records import Record, RefusedError
from sandbox.sales import show_by_code, show_property
from sandbox.store import Collection, Store
from sandbox.viability import radius_answer
from sandbox.writes import change, create, delete
from schemas.point import Point

API = "/api/v2"
LISTED = (
    "poles", "base-points", "boxes", "splitters", "projects", "pole-types", "box-types", "tags",
    "properties", "ftth-clients", "prospects",
)  # fmt: skip
ALIASES = {"clients": "ftth-clients"}
READ_ONLY = {"base-points"}
BATCHES = {"ftth-clients": {"certified", "implanted", "status"}, "properties": {"potencyRead"}}
BASE_POINT = (
    "adjacents", "tags", "kind", "coords", "creatorData", "createdAt", "updatedAt", "id", "lng",
    "lat",
)  # fmt: skip
Answer = tuple[Response | str, int]


def api(store: Store, token: str, known: Behaviour) -> Blueprint:
    """All routes below /api/v2 over one store; the server sees to it that calls do not overlap."""
    routes = Blueprint("ozmap", __name__, url_prefix=API)

    @routes.before_request
    def check_key() -> None:
        key = request.headers.get("Authorization", "")
        if request.path != f"{API}/users/login" and token not in {key, key.removeprefix("Bearer ")}:
            raise RefusedError("Unauthorized", 401)
        if request.method == "GET":
            store.let_pass(drawn(known.read_seconds, store.chance))

    @routes.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Answer:
        answer = {"message": str(error)} if known.refusal_object else str(error)
        return jsonify(answer), error.status or known.refusal_status

    @routes.post("/users/login")
    def login() -> Answer:
        if [body().get(name) for name in ("login", "password")] != ["demo", "demo"]:
            raise RefusedError("Unauthorized", 401)
        return jsonify(authorization=token), 200

    @routes.get("/authenticated")
    def authenticated() -> Answer:
        return jsonify(authenticated=True), 200

    _add_searches(routes, store, known)
    for path in (*LISTED, *ALIASES):
        _add_collection(routes, path, Kind(store, ALIASES.get(path, path), known))
    return routes


def _add_searches(routes: Blueprint, store: Store, known: Behaviour) -> None:
    """What is found in a way of its own: boxes around a point, properties of a client's code."""

    @routes.get("/ftth-viability/radius")
    def radius() -> Answer:
        point = Point(number("lat", -90, 90), number("lng", -180, 180))
        metres = number("radius", 0, 1e9) if "radius" in request.args else known.radius_m
        return jsonify(with_odd_values(radius_answer(store, point, metres, known), known)), 200

    @routes.get("/properties/client/<path:code>")
    def properties_of(code: str) -> Answer:
        clients = [one["id"] for one in clients_with(store, code, known)]
        found = store["properties"].with_value("client", clients)
        rows = [show_by_code(store, one, known) for one in found]
        return (jsonify(with_odd_values(rows, known)), 200) if rows else _none(known.none_spelled)


def _none(spelled: NoneSpelled) -> Answer:
    if spelled == "404":
        raise RefusedError("Not Found", 404)
    text = "" if spelled in {"empty", "204"} else spelled
    return Response(text, content_type="application/json"), 204 if spelled == "204" else 200


class Kind:
    """One collection of the API: where its records are, how a client sees them, what it may do."""

    def __init__(self, store: Store, name: str, known: Behaviour) -> None:
        self.store, self.name, self.known = store, name, known
        inside = ("poles", "points") if name == "base-points" else (name,)
        self.sources: list[Collection] = [store[one] for one in inside]

    def find(self) -> Answer:
        asked = Asked.read(request.args.to_dict(), body(), self.store, self.known)
        found = asked.sorted(matching(asked.filters, self.sources, self._show), self._show)
        return jsonify(list_answer(asked, found, self._row, request.path, self.known)), 200

    def read(self, key: str) -> Answer:
        return jsonify(self._row(self._one(key))), 200

    def make(self) -> Answer:
        return jsonify(with_odd_values(create(self.store, self.name, body(), self.known), self.known)), 201

    def alter(self, key: str) -> Answer:
        change(self.store, self.name, self._one(key), body(), self.known)
        return "", 204

    def drop(self, key: str) -> Answer:
        delete(self.store, self.name, self._one(key), keep_client=self.known.client_outlives_property)
        return "", 204

    def batch(self) -> Answer:
        update = {one: value for one, value in _object("update").items() if one in BATCHES[self.name]}
        filters = parse_filters(body().get("filter"), self.store.area)
        for record in matching(filters, self.sources, self._show):
            change(self.store, self.name, record, update, self.known)
        return "", 204

    def _one(self, key: str) -> Record:
        for source in self.sources:
            if key in source:
                return source[key]
        raise RefusedError(f"{self.name}: {key} not found", 404)

    def _show(self, record: Record) -> Record:
        if self.name == "base-points":
            return {name: record[name] for name in BASE_POINT if name in record}
        return show_property(self.store, record) if self.name == "properties" else record

    def _row(self, record: Record) -> Record:
        """What a client sees of a record with the call's `populate` and `select`."""
        shown = populated(self._show(record), request.args.get("populate"), self.store)
        row: Record = with_odd_values(selected(shown, request.args.get("select")), self.known)
        return row


def _add_collection(routes: Blueprint, path: str, kind: Kind) -> None:
    def route(end: str, view: Callable[..., Answer], method: str) -> None:
        routes.add_url_rule(f"/{path}{end}", f"{path} {view.__name__}", view, methods=[method])

    route("", kind.find, "GET")
    route("/<key>", kind.read, "GET")
    if kind.name not in READ_ONLY:
        route("", kind.make, "POST")
        route("/<key>", kind.alter, "PATCH")
        route("/<key>", kind.drop, "DELETE")
    if kind.name in BATCHES:
        route("/batch-update", kind.batch, "POST")


def body() -> Record:
    """The JSON object of the call, `{}` without one. Raises RefusedError for anything else."""
    if not request.get_data():
        return {}
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise RefusedError("the body is not a JSON object")
    return given


def number(name: str, least: float, most: float) -> float:
    """A number of the query."""
    try:
        value = float(request.args.get(name, ""))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise RefusedError(f"{name}: a number from {least} to {most} is expected")
    return value


def _object(name: str) -> Record:
    given: Any = body().get(name)
    if not isinstance(given, dict):
        raise RefusedError(f"{name}: a JSON object is expected")
    return given
