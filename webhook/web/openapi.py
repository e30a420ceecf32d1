"""`/openapi.json`: what this service answers, as an OpenAPI 3.1 document made from the actions' schemas."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response, current_app

from schemas.fields import Mode
from schemas.openapi import CODE, Property, describing
from schemas.reply import Reply
from schemas.styles import InVariables
from webhook.__version__ import __version__
from webhook.conversation.state import ACTIONS
from webhook.location.place import Precision
from webhook.outcomes import CATALOGUE
from webhook.platforms import PLATFORMS
from webhook.recipes.model import Recipe
from webhook.viability.verdict import Reason
from webhook.web.actions import actions_of, all_actions
from webhook.web.actions.base import Action
from webhook.web.body import MAX_BODY

ABOUT = """\
Answers the flows of chatbot platforms from an OZmap network. Every reply to a flow is flat JSON with all keys
of its action, and HTTP 200 for every business outcome, bad input and upstream trouble included: branch on
`codigo`.

A POST takes JSON or a form, and from the query what the body lacks. Keys that are not named here are ignored.
Every value may be text; one that is empty, or still a placeholder such as `{nome}`, counts as missing. What
cannot be used is answered with `dados_invalidos`, and `mensagem` says why.

What each code and reply key means is in docs/pt/outcomes.md (Portuguese). `consulta/` and a name that no
recipe has gets `consulta_desconhecida`. The location page `/l/...`, HTML for customers, is not described
here.
"""

KEYS: dict[str, Property] = {
    "X-Webhook-Key": {"type": "apiKey", "in": "header", "name": "X-Webhook-Key"},
    "Authorization": {"type": "apiKey", "in": "header", "name": "Authorization"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
"""Three ways to send a key; the first one present decides."""

STATUSES = {
    200: "Any outcome: `codigo` says which",
    400: "The body is broken, or ends too early",
    401: "The key is missing or wrong",
    404: "No such route, or the platform is off",
    405: "The method is wrong",
    408: "The body does not come in time",
    413: f"The body has more than {MAX_BODY // 1024} kB",
    429: "Too many requests: wait as long as `Retry-After` says",
    500: "A defect of the service",
}
"""The statuses that every route of a platform may answer with."""

WORDS: Mapping[str, Iterable[str]] = {"acao": ACTIONS, "modo": Mode, "motivo": Reason, "precisao": Precision}
"""Reply keys whose value is one of a few words."""

JSON = "application/json"
BODIES = (JSON, "application/x-www-form-urlencoded")
OPERATORS = "operators"
FLAT = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}

_IN_PATH = re.compile(r"<(\w+)>")


def openapi(recipes: Mapping[str, Recipe], styles: Mapping[str, str], public_url: str) -> Blueprint:
    """The route. The document is made at the first request; `styles` has the platforms that are on."""
    routes = Blueprint("openapi", __name__)

    @cache
    def text() -> str:
        served = {_IN_PATH.sub(r"{\1}", rule.rule) for rule in current_app.url_map.iter_rules()}
        return document(recipes, styles, public_url, served)

    @routes.get("/openapi.json")
    def view() -> Response:
        return Response(text(), content_type=JSON)

    return routes


def document(
    recipes: Mapping[str, Recipe],
    styles: Mapping[str, str],
    public_url: str,
    served: Iterable[str] | None = None,
) -> str:
    """The JSON text. `styles` is platform to value style, `served` the paths that are on; None: all."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="OZmap chatbot webhook",
        version=__version__,
        openapi_version="3.1.1",
        plugins=[plugin],
        info={"description": ABOUT},
        servers=[{"url": public_url}],
        security=[{name: []} for name in KEYS],
        tags=[{"name": name} for name in (*(PLATFORMS[name].brand for name in styles), OPERATORS)],
    )
    if plugin.converter:  # APISpec has just made it
        plugin.converter.add_attribute_function(describing(WORDS))
    for name, scheme in KEYS.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema(CODE, {"type": "string", "enum": [*CATALOGUE], "description": _codes()})
    actions = all_actions(recipes)
    for name, style in styles.items():
        for action in actions_of(actions, name):
            reply = PLATFORMS[name].styles[style](action.reply)
            spec.path(f"/{name}/{action.name}", operations=_operations(spec, name, action, reply))
    for path, operation in _operators_reads(spec):
        if served is None or path in served:
            spec.path(path, operations={"get": operation})
    return json.dumps(spec.to_dict(), ensure_ascii=False, indent=2) + "\n"


def _codes() -> str:
    yes, no = (
        ", ".join(f"`{one.code}`" for one in CATALOGUE.values() if one.ok is ok) for ok in (True, False)
    )
    return f"The outcome. What was asked was done, whatever the answer: {yes}. It was not: {no}."


def _operations(spec: APISpec, platform: str, action: Action, reply: Reply) -> dict[str, Property]:
    """GET takes the request keys from the query, POST from a body."""
    shared: Property = {
        "tags": [PLATFORMS[platform].brand],
        "summary": action.summary,
        "responses": _replies(spec, reply, STATUSES),
    }
    body = {"content": {kind: {"schema": action.request} for kind in BODIES}}
    own: dict[str, Property] = {
        "GET": {"parameters": [{"in": "query", "schema": action.request}]},
        "POST": {"requestBody": body},
    }
    name = f"{platform}_{action.name.replace('/', '_')}"
    return {
        method.lower(): {"operationId": f"{method.lower()}_{name}", **shared, **own[method]}
        for method in action.methods
    }


def _operators_reads(spec: APISpec) -> Iterable[tuple[str, Property]]:
    """Path and operation of each. Errors are JSON with the common keys."""

    def read(summary: str, kind: str, schema: Property, *statuses: int, **more: Any) -> Property:
        wrong = {status: words for status, words in STATUSES.items() if status in {*statuses, 405, 500}}
        answers = {200: {"description": "What was asked for", "content": {kind: {"schema": schema}}}}
        if 503 in statuses:
            answers[503] = answers[200] | {"description": "Not now"}
        responses = answers | _replies(spec, Reply(), wrong)
        needs: Property = {} if 401 in statuses else {"security": []}
        return {"tags": [OPERATORS], "summary": summary, "responses": responses, **needs, **more}

    an_object, text = {"type": "object"}, {"type": "string"}
    yield "/healthz", read("Is the process alive?", JSON, FLAT)
    yield "/readyz", read("May it be sent requests? Each check by name", JSON, FLAT, 503)
    yield "/metrics", read("Figures for Prometheus", "text/plain", text, 401)
    yield "/openapi.json", read("This document", JSON, an_object)
    which = [
        {"in": "path", "name": "platform", "required": True, "schema": text | {"enum": [*PLATFORMS]}},
        {"in": "path", "name": "name", "required": True, "schema": text},
    ]
    flow = "/flows/{platform}/{name}"
    yield f"{flow}.json", read("A ready flow with this address", JSON, an_object, 401, 404, parameters=which)
    yield f"{flow}.html", read("How to build it", "text/html", text, 401, 404, parameters=which)


def _to(kind: str, name: str, **beside: Any) -> Property:
    # The full path: apispec would look up a bare name among all schemas of marshmallow.
    return {"$ref": f"#/components/{kind}/{name}", **beside}


def _replies(spec: APISpec, reply: Reply, statuses: Mapping[int, str]) -> dict[int, Property]:
    """The same reply for each of the statuses. All of its keys are always present."""
    name = type(reply).__name__
    if name not in spec.components.schemas:
        spec.components.schema(name, {"required": [*reply.fields]}, schema=reply)
        headers = {
            "X-Request-ID": {"description": "The `protocolo`.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds; with 429.", "schema": {"type": "integer"}},
        }
        described: Property = _to("schemas", name)
        if isinstance(reply, InVariables):
            inside = {"properties": {"variables": described}, "required": ["variables"]}
            described = {"type": "object", **inside}
        content = {JSON: {"schema": described}}
        spec.components.response(
            name, {"description": "A flat reply", "headers": headers, "content": content}
        )
    return {status: _to("responses", name, description=words) for status, words in statuses.items()}
