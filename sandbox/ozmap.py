"""OZmap's API v2 as HTTP: routes, the key, statuses and shapes."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.behaviour import Behaviour
from sandbox.filters import parse_filters
from sandbox.lists import Asked, list_answer, matching, populated, selected
from sandbox.records import Record, RefusedError
from sandbox.sales import clients_with, show_by_code, show_property
from sandbox.store import Collection, Store
from sandbox.viability import radius_answer
from sandbox.writes import change, create, delete
from schemas.point import Point

API = "/api/v2"
LISTED = (
    "poles", "base-points", "boxes", "splitters", "projects", "pole-types", "box-types", "tags",
    "properties", "ftth-clients", "prospects",
)  # fmt: skip
READ_ONLY = {"base-points"}
NOT_CREATED = {"base-points", "ftth-clients"}  # a client is made with its property
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
    def check_key() -> Answer | None:
        key = request.headers.get("Authorization", "")
        if request.path == f"{API}/users/login" or token in {key, key.removeprefix("Bearer ")}:
            return None
        return jsonify(message="Unauthorized"), 401

    @routes.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Answer:
        return jsonify(message=str(error)), error.status

    @routes.post("/users/login")
    def login() -> Answer:
        if {name: body().get(name) for name in ("login", "password")} != {
            "login": "demo",
            "password": "demo",
        }:
            return jsonify(message="Unauthorized"), 401
        return jsonify(authorization=token), 200

    @routes.get("/authenticated")
    def authenticated() -> Answer:
        return jsonify(authenticated=True), 200

    @routes.get("/ftth-viability/radius")
    def radius() -> Answer:
        point = Point(number("lat", -90, 90), number("lng", -180, 180))
        metres = number("radius", 0, 1e9) if "radius" in request.args else known.radius_m
        return jsonify(radius_answer(store, point, metres, known)), 200

    @routes.get("/properties/client/<path:code>")
    def properties_of(code: str) -> Answer:
        clients = [one["id"] for one in clients_with(store, code, known)]
        found = store["properties"].with_value("client", clients)
        return jsonify([show_by_code(store, one) for one in found]), 200

    for name in LISTED:
        _add_collection(routes, Kind(store, name), known)
    return routes


class Kind:
    """One collection of the API: where its records are, and how a client sees them."""

    def __init__(self, store: Store, name: str) -> None:
        self.store, self.name = store, name
        inside = ("poles", "points") if name == "base-points" else (name,)
        self.sources: list[Collection] = [store[one] for one in inside]

    def one(self, key: str) -> Record:
        for source in self.sources:
            if key in source:
                return source[key]
        raise RefusedError(f"{self.name}: {key} not found", 404)

    def show(self, record: Record) -> Record:
        if self.name == "base-points":
            return {name: record[name] for name in BASE_POINT if name in record}
        return show_property(self.store, record) if self.name == "properties" else record

    def row(self, record: Record) -> Record:
        """What a client sees of a record with the call's `populate` and `select`."""
        shown = populated(self.show(record), request.args.get("populate"), self.store)
        return selected(shown, request.args.get("select"))


def _add_collection(routes: Blueprint, kind: Kind, known: Behaviour) -> None:
    name, store = kind.name, kind.store

    def find() -> Answer:
        asked = Asked.read(request.args.to_dict(), body(), store, known)
        found = asked.sorted(matching(asked.filters, kind.sources, kind.show), kind.show)
        return jsonify(list_answer(asked, found, kind.row, request.path, known)), 200

    def read(key: str) -> Answer:
        return jsonify(kind.row(kind.one(key))), 200

    def make() -> Answer:
        return jsonify(create(store, name, body(), known)), 201

    def alter(key: str) -> Answer:
        change(store, name, kind.one(key), body(), known)
        return "", 204

    def drop(key: str) -> Answer:
        delete(store, name, kind.one(key))
        return "", 204

    def batch() -> Answer:
        update = {one: value for one, value in _object("update").items() if one in BATCHES[name]}
        filters = parse_filters(body().get("filter"), store.area)
        for record in matching(filters, kind.sources, kind.show):
            change(store, name, record, update, known)
        return "", 204

    def route(path: str, view: Callable[..., Answer], method: str) -> None:
        where = f"/{name}{path}"
        routes.add_url_rule(where, f"{name} {view.__name__}", view, methods=[method])

    route("", find, "GET")
    route("/<key>", read, "GET")
    if name not in NOT_CREATED:
        route("", make, "POST")
    if name not in READ_ONLY:
        route("/<key>", alter, "PATCH")
        route("/<key>", drop, "DELETE")
    if name in BATCHES:
        route("/batch-update", batch, "POST")


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
