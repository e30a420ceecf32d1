"""`/simulador`: plays a flow in a page like a phone, against this very service. Off unless SIMULATOR is set.

The calls are made here, with the first key of each platform: a browser never sees one. So whoever opens the
page can do what a flow can do; it is for trying out, beside a sandbox.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, UnsupportedMediaType
from werkzeug.test import Client

from flowkit import pages
from schemas.tenants import Tenant
from webhook.findme.page import policy
from webhook.flows import bundle, export
from webhook.flows.check import KEY
from webhook.flows.definition import Flow, HandOver, Question
from webhook.flows.play import Call, Event, Player, Reply
from webhook.platforms import PLATFORMS
from webhook.settings import Settings
from webhook.web.body import UnreadableRequest, read_values
from webhook.web.pages import PROTECTION

GUIDE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""A guide is one file, with its style in it, and has no script."""


def simulator(settings: Settings) -> Blueprint:
    """The page, its files, the guides, and the one route that plays."""
    routes = Blueprint("simulator", __name__, url_prefix="/simulador")
    owners = _first_of_each_platform(settings.tenants)
    loaded = bundle.load()
    flows = {
        (platform, name): export.read(export.definition(platform, name, settings.public_url))
        for platform, name in loaded.flows
        if platform in owners
    }
    entries = [
        (f"{platform}/{name}", f"{PLATFORMS[platform].brand}: {loaded.entries[platform, name].title}")
        for platform, name in flows
    ]

    def call(sent: Call, platform: str) -> Reply:
        key = owners[platform].keys[platform][0]
        headers = {name: value.replace(KEY, key) for name, value in sent.headers.items()}
        path = sent.url.removeprefix(settings.public_url)
        answer = Client(current_app).open(path, method=sent.method, headers=headers, json=dict(sent.body))
        reply: Reply = answer.get_json(silent=True)
        return reply

    @routes.get("")
    def page() -> str:
        area = list(next(iter(owners.values())).region)
        return pages.render("simulator.html", flows=entries, tiles=settings.tiles, area=area)

    @routes.get("/static/<name>")
    def static(name: str) -> Response:
        if name not in pages.FILES:
            raise NotFound
        content, kind = pages.file(name)
        return Response(content, content_type=kind)

    @routes.get("/guia/<platform>/<name>")
    def guide(platform: str, name: str) -> Response:
        if (platform, name) not in flows:
            raise NotFound
        html = export.guide(flows[platform, name], loaded.entries[platform, name])
        return Response(html, headers={"Content-Security-Policy": GUIDE_POLICY})

    @routes.post("/<platform>/<name>")
    def play(platform: str, name: str) -> Response:
        """From the start, or on with an answer. The browser keeps the conversation's state."""
        flow = flows.get((platform, name))
        if flow is None:
            raise NotFound
        # JSON only: another site's page cannot send it here without asking first.
        if not request.is_json:
            raise UnsupportedMediaType
        try:
            said, _ = read_values(request)
        except UnreadableRequest:
            raise BadRequest from None
        player, answer = _resume(flow, said, lambda sent: call(sent, platform))
        events = player.start() if answer is None else player.answer(answer)
        told = {
            "events": [_event(event) for event in events],
            "variables": player.variables,
            "at": player.at.id if player.at else "",
            "ended": player.ended,
        }
        # Not jsonify, which would put the keys of replies in the order of the alphabet.
        return Response(json.dumps(told, ensure_ascii=False), content_type="application/json")

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


def _first_of_each_platform(tenants: tuple[Tenant, ...]) -> Mapping[str, Tenant]:
    return {platform: tenant for tenant in reversed(tenants) for platform in tenant.keys}


def _resume(flow: Flow, said: Mapping[str, Any], call: Callable[[Call], Reply]) -> tuple[Player, str | None]:
    """The player where the browser left it, and the answer; None at the start. Raises BadRequest."""
    if "at" not in said:
        own = {name: f"simulador-{secrets.token_hex(6)}" for name in flow.given}
        return Player(flow, call, own), None
    variables, answer = said.get("variables"), said.get("answer")
    asked = next((step for step in flow.steps if isinstance(step, Question) and step.id == said["at"]), None)
    if asked is None or not isinstance(variables, dict) or not isinstance(answer, str):
        raise BadRequest
    return Player(flow, call, variables, at=asked), answer


def _event(event: Event) -> dict[str, Any]:
    step = event.step
    told: dict[str, Any] = {"step": step.id, "text": event.text}
    if isinstance(step, Question):
        told["buttons"] = step.buttons
    if event.call:
        told["call"] = asdict(event.call)
        told["reply"] = event.reply
    elif not event.text:
        told["end"] = "Uma pessoa continua daqui." if isinstance(step, HandOver) else "Fim do atendimento."
    return told
