"""What a test sets and sees over HTTP: the behaviour, the faults, the calls that came."""

from collections import deque
from dataclasses import asdict, dataclass, field
from time import monotonic

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.behaviour import Behaviour
from sandbox.faults import Fault, Faults


@dataclass
class Received:
    """A call below /api/v2, or of a service beside it. `status` is None until, or unless, it is answered."""

    method: str
    path: str  # below /api/v2; whole for a service beside it
    query: dict[str, str]
    status: int | None = None
    body: str = field(default="", compare=False)
    fault: Fault | None = field(default=None, compare=False)
    """What hit it."""
    began: float = field(default_factory=monotonic, compare=False)
    """When it had come, on the monotonic clock."""
    ended: float | None = field(default=None, compare=False)
    """When its answer began to go out."""


def controls(behaviour: Behaviour, faults: Faults, requests: deque[Received]) -> Blueprint:
    """`/behaviour`, `/faults` and `/requests`: no key, for the sandbox is for this machine alone."""
    routes = Blueprint("controls", __name__)

    @routes.get("/behaviour")
    def show_behaviour() -> ResponseReturnValue:
        return jsonify(asdict(behaviour))

    @routes.patch("/behaviour")
    def change_behaviour() -> ResponseReturnValue:
        try:
            behaviour.change(**request.get_json())
        except (TypeError, ValueError) as error:
            return jsonify(message=str(error)), 422
        return jsonify(asdict(behaviour))

    @routes.get("/faults")
    def show_faults() -> ResponseReturnValue:
        return jsonify(faults.as_json())

    @routes.post("/faults")
    def add_fault() -> ResponseReturnValue:
        try:
            return jsonify(asdict(faults.add(**request.get_json()))), 201
        except (TypeError, ValueError) as error:
            return jsonify(message=str(error)), 422

    @routes.delete("/faults")
    def clear_faults() -> ResponseReturnValue:
        faults.clear()
        return "", 204

    _add_requests(routes, requests)
    return routes


def _add_requests(routes: Blueprint, requests: deque[Received]) -> None:
    @routes.get("/requests")
    def show_requests() -> ResponseReturnValue:
        return jsonify([asdict(received) for received in requests])

    @routes.delete("/requests")
    def clear_requests() -> ResponseReturnValue:
        requests.clear()
        return "", 204
