"""`/huggy/v3`: the two calls of Huggy's API that tell a chat something, and `/huggy/told`, which shows them.

Shapes as programs that use them send them; what the real one answers to a message is not documented.
"""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

TOKEN = "sandbox-huggy-token"


@dataclass
class Told:
    """What a chat was told: a text, or the number of the flow that was started."""

    chat: str
    text: str | None = None
    flow: int | None = None


def chats(told: deque[Told]) -> Blueprint:
    """Their routes."""
    routes = Blueprint("chats", __name__)

    @routes.post("/huggy/v3/chats/<chat>/messages")
    def message(chat: str) -> ResponseReturnValue:
        text = _body().get("text")
        return _accept(Told(chat, text=text), isinstance(text, str) and text != "", jsonify({}))

    @routes.post("/huggy/v3/chats/<chat>/flow")
    def flow(chat: str) -> ResponseReturnValue:
        number = _body().get("flowId")
        return _accept(Told(chat, flow=number), isinstance(number, int), "")

    @routes.get("/huggy/told")
    def show() -> ResponseReturnValue:
        return jsonify([asdict(one) for one in told])

    def _accept(one: Told, valid: bool, answer: ResponseReturnValue) -> ResponseReturnValue:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return jsonify(reason="Token inválido"), 401
        if not valid:
            return jsonify(reason="Parâmetros inválidos"), 422
        told.append(one)
        return answer

    return routes


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
