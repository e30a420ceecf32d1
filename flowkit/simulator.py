"""`/simulador`: a page like a phone that talks to `conversa` as a platform does. Off unless SIMULATOR is set.

The calls are made here, with the first key of each platform, so a browser never gets a key. But anyone who
opens the page can do what a flow can do: it is for trying out, beside a sandbox.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, request
from markupsafe import Markup
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotFound,
    ServiceUnavailable,
    UnsupportedMediaType,
)
from werkzeug.test import Client

from flowkit import fibre, guide, pages
from flowkit.picture import draw
from schemas.conversation import Conversation
from schemas.point import point_in
from schemas.tenants import Tenant
from webhook.conversation.state import State
from webhook.findme.page import policy
from webhook.flows import export, loading
from webhook.flows.dialogue import Dialogue
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.platforms import PLATFORMS
from webhook.store import StoreUnavailable
from webhook.store.conversations import find
from webhook.web import context
from webhook.web.actions.base import Services
from webhook.web.body import BadValues, read_values
from webhook.web.pages import PROTECTION

GUIDE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""A guide is one file with its style in it, and without a script."""
OWN = re.compile(r"simulador-[0-9a-f]{16,64}")
"""How the page names its conversations. All others are customers', and nobody may look into those here."""


def simulator(services: Services) -> Blueprint:
    """The routes: the page, its files, the guides, the network for its map, and the relay to `conversa`."""
    routes = Blueprint("simulator", __name__, url_prefix="/simulador")
    views = Simulator(services)
    routes.add_url_rule("", view_func=views.page)
    routes.add_url_rule("/static/<name>", view_func=views.static)
    routes.add_url_rule("/guia/<platform>/<name>", view_func=views.guide)
    routes.add_url_rule("/rede/<platform>", view_func=views.network)
    routes.add_url_rule("/<platform>", view_func=views.relay, methods=["POST"])

    @routes.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[str, int]:
        return error.name, error.code or 500

    @routes.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy(services.settings.tiles))
        response.headers.update(PROTECTION)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


class Simulator:
    """A method for each route."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # Reversed: when several tenants use a platform, the first of them wins.
        tenants = reversed(services.settings.tenants)
        self._tenants = {name: tenant for tenant in tenants for name in tenant.keys}
        self._choices = list(self._offered())

    def page(self) -> str:
        return pages.render("simulator.html", choices=self._choices, tiles=self._services.settings.tiles)

    def static(self, name: str) -> Response:
        if name not in pages.FILES:
            raise NotFound
        content, kind = pages.file(name)
        return Response(content, content_type=kind)

    def guide(self, platform: str, name: str) -> Response:
        self._tenant(platform)
        try:
            html = guide.page(platform, name, self._services.settings.public_url)
        except export.NoSuchFlow:
            raise NotFound from None
        return Response(html, headers={"Content-Security-Policy": GUIDE_POLICY})

    def network(self, platform: str) -> Response:
        """The boxes with free ports around a point, as OZmap has them now."""
        tenant, point, now = self._tenant(platform), point_in(request.args), context.current()
        if point is None:
            raise BadRequest
        now.tenant, now.ozmap = tenant, Ozmap(self._services.accounts[tenant.slug], now.deadline)
        try:
            boxes = fibre.free_boxes(now.ozmap, tenant, point)
        except OzmapError as error:
            now.failure = error.reason
            raise ServiceUnavailable from None
        return jsonify(boxes)

    def relay(self, platform: str) -> Response:
        """Calls `conversa` with the body, and shows its reply and what happened behind it."""
        tenant = self._tenant(platform)
        # JSON only: a page of another site cannot send it here without a preflight request.
        if not request.is_json:
            raise UnsupportedMediaType
        try:
            values, _ = read_values(request)
        except BadValues:
            raise BadRequest from None
        id_ = values.get("conversa_id")
        if not isinstance(id_, str) or not OWN.fullmatch(id_):
            raise BadRequest
        calls: list[dict[str, object]] = []
        # Inside this process, as a request of its own with its own log line.
        answer = Client(current_app).open(
            f"/{platform}/conversa",
            method="POST",
            headers={export.KEY_HEADER: tenant.keys[platform][0]},
            json=values,
            environ_overrides={context.TRACE: calls},
        )
        inside = {**self._state(tenant, Conversation(platform, id_)), "calls": calls}
        # Not jsonify, which would sort the keys of replies.
        shown = json.dumps({"reply": answer.get_json(silent=True), "inside": inside})
        return Response(shown, answer.status_code, content_type="application/json")

    def _tenant(self, platform: str) -> Tenant:
        if platform not in self._tenants:
            raise NotFound
        return self._tenants[platform]

    def _offered(self) -> Iterator[dict[str, object]]:
        """Each platform's conversations; the one that is led without being named comes first."""
        for name, platform in PLATFORMS.items():
            if tenant := self._tenants.get(name):
                led = self._services.conversations[tenant.slug]
                dialogues = self._dialogues(tenant)
                first = tenant.conversation or platform.conversation
                for one in sorted(led, key=lambda one: (one != first, one)):
                    dialogue = dialogues[one]
                    if dialogue.is_for(name):
                        yield _choice(name, dialogue, tenant)

    def _dialogues(self, tenant: Tenant) -> Mapping[str, Dialogue]:
        """The files of the tenant's conversations, which the service has checked when it started."""
        folders = filter(None, (self._services.settings.flows_dir, tenant.flows_dir))
        paths = [path for folder in folders for path in loading.paths_in(Path(folder))]
        return {**loading.built_in(), **{path.stem: loading.load(path) for path in paths}}

    def _state(self, tenant: Tenant, conversation: Conversation) -> dict[str, object]:
        """Where the conversation is, and its variables."""
        found = None
        with suppress(StoreUnavailable):
            found = find(self._services.store, tenant.slug, conversation.key)
        state, step = found or ("", "")
        return {"step": step, "variables": State.of_json(state).variables if state else {}}


def _choice(platform: str, dialogue: Dialogue, tenant: Tenant) -> dict[str, object]:
    """What the page's template shows of a conversation."""
    # A copy may still have the title of its original.
    name = "" if dialogue.name in loading.built_in() else f" ({dialogue.name})"
    return {
        "value": f"{platform}/{dialogue.name}",
        "title": f"{PLATFORMS[platform].brand}: {dialogue.title}{name}",
        "area": list(tenant.region),
        # A person builds the loop, by a guide.
        "is_by_hand": PLATFORMS[platform].loop is None,
        "pictures": [Markup(picture) for picture in draw(dialogue)],  # noqa: S704  draw escapes what it shows
    }
