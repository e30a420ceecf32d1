"""`/simulador`: plays a flow against this service, in a page like a phone. Off unless SIMULATOR is set.

The calls are made here, with the first key of each platform, so a browser never gets a key. But anyone who
opens the page can do what a flow can do: it is for trying out, beside a sandbox.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, UnsupportedMediaType
from werkzeug.test import Client

from flowkit import guide, pages
from webhook.findme.page import policy
from webhook.flows import export, loading
from webhook.flows.check import KEY
from webhook.flows.definition import Flow, HandOver, Question
from webhook.flows.play import Event, HttpCall, JsonReply, Player
from webhook.platforms import PLATFORMS
from webhook.settings import Settings
from webhook.web.body import BadValues, read_values
from webhook.web.pages import PROTECTION

GUIDE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""A guide is one file with its style in it, and without a script."""


def simulator(settings: Settings) -> Blueprint:
    """The routes: the page, its files, the guides, and the one route that plays."""
    routes = Blueprint("simulator", __name__, url_prefix="/simulador")
    views = Simulator(settings)
    routes.add_url_rule("", view_func=views.page)
    routes.add_url_rule("/static/<name>", view_func=views.static)
    routes.add_url_rule("/guia/<platform>/<name>", view_func=views.guide)
    routes.add_url_rule("/<platform>/<name>", view_func=views.play, methods=["POST"])

    @routes.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[str, int]:
        return error.name, error.code or 500

    @routes.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy(settings.tiles))
        response.headers.update(PROTECTION)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


class Simulator:
    """A method for each route."""

    def __init__(self, settings: Settings) -> None:
        self._public_url, self._tiles = settings.public_url, settings.tiles
        # Reversed: when several tenants use a platform, the first of them wins.
        self._tenants = {name: tenant for tenant in reversed(settings.tenants) for name in tenant.keys}
        templates = loading.load()
        self._entries = templates.entries
        self._flows = {
            (platform, name): loading.parse(export.definition(platform, name, settings.public_url))
            for platform, name in templates.flows
            if platform in self._tenants
        }

    def page(self) -> str:
        flows = [
            (f"{platform}/{name}", f"{PLATFORMS[platform].brand}: {self._entries[platform, name].title}")
            for platform, name in self._flows
        ]
        area = list(next(iter(self._tenants.values())).region)
        return pages.render("simulator.html", flows=flows, tiles=self._tiles, area=area)

    def static(self, name: str) -> Response:
        if name not in pages.FILES:
            raise NotFound
        content, kind = pages.file(name)
        return Response(content, content_type=kind)

    def guide(self, platform: str, name: str) -> Response:
        flow = self._flow(platform, name)
        html = guide.page_of(flow, self._entries[platform, name])
        return Response(html, headers={"Content-Security-Policy": GUIDE_POLICY})

    def play(self, platform: str, name: str) -> Response:
        """Plays from the start, or on with an answer. The browser keeps the state of the conversation."""
        flow = self._flow(platform, name)
        # JSON only: a page of another site cannot send it here without a preflight request.
        if not request.is_json:
            raise UnsupportedMediaType
        try:
            values, _ = read_values(request)
            # The page never sends half a character, and the state goes back to it as it came.
            json.dumps(request.get_json(), ensure_ascii=False).encode()
        except (BadValues, UnicodeEncodeError):
            raise BadRequest from None
        player, answer = _resume(flow, values, lambda call: self._send(call, platform))
        events = player.start() if answer is None else player.answer(answer)
        state = {
            "events": [_event(event) for event in events],
            "variables": player.variables,
            "at": player.at.id if player.at else "",
            "ended": player.ended,
        }
        # Not jsonify, which would sort the keys of replies.
        return Response(json.dumps(state, ensure_ascii=False), content_type="application/json")

    def _flow(self, platform: str, name: str) -> Flow:
        try:
            return self._flows[platform, name]
        except KeyError:
            raise NotFound from None

    def _send(self, call: HttpCall, platform: str) -> JsonReply:
        """Makes the call inside this process, as a request of its own with its own log line."""
        key = self._tenants[platform].keys[platform][0]
        headers = {name: value.replace(KEY, key) for name, value in call.headers.items()}
        path = call.url.removeprefix(self._public_url)
        response = Client(current_app).open(path, method=call.method, headers=headers, json=dict(call.body))
        reply: JsonReply = response.get_json(silent=True)
        return reply


def _resume(
    flow: Flow, values: Mapping[str, object], send: Callable[[HttpCall], JsonReply]
) -> tuple[Player, str | None]:
    """The player as the browser left it, and the answer; None at the start. Raises BadRequest."""
    if "at" not in values:
        variables: dict[str, object] = {
            name: f"simulador-{secrets.token_hex(6)}" for name in flow.platform_variables
        }
        return Player(flow, send, variables), None
    match values:
        # The id may have any type: comparing it, unlike looking it up, works with all of them.
        case {"at": id_, "variables": dict(variables), "answer": str(answer)}:
            for step in flow.steps:
                if isinstance(step, Question) and step.id == id_:
                    return Player(flow, send, variables, at=step), answer
    raise BadRequest


def _event(event: Event) -> dict[str, object]:
    """An event as the page's script reads it."""
    step = event.step
    shown: dict[str, object] = {"step": step.id, "text": event.text}
    if isinstance(step, Question):
        shown["buttons"] = step.buttons
    if event.call:
        shown |= {"call": asdict(event.call), "reply": event.reply}
    elif not event.text:
        shown["end"] = "Uma pessoa continua daqui." if isinstance(step, HandOver) else "Fim do atendimento."
    return shown
