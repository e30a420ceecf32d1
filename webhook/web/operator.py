"""`/healthz`, `/readyz` and `/metrics`, for the people who run the service."""

import json
from collections.abc import Mapping

from flask import Blueprint, Response, request

from webhook.observe import metrics
from webhook.process import stopping
from webhook.store import StoreUnavailable
from webhook.store.health import kept
from webhook.web.actions.base import Services
from webhook.web.auth import require
from webhook.web.readiness import Readiness


def operator(services: Services) -> Blueprint:
    """The routes; `/metrics` only with a key."""
    routes = Blueprint("operator", __name__)
    settings = services.settings
    readiness = Readiness(services.accounts, services.store, settings.reply_deadline)

    @routes.get("/healthz")
    def health() -> Response:
        # Says only that the process answers: a restart would not mend a store or an OZmap that is down.
        return _flat({"ok": True})

    @routes.get("/readyz")
    def ready() -> Response:
        state = readiness.state()
        # Never from the cached state: a service that stops says so at once.
        stops = stopping.begun()
        is_ready = state.ready and not stops
        checks = {"ready": is_ready, "stopping": stops, "store": state.store, "worker": state.worker}
        ozmaps = {f"ozmap_{slug}": word for slug, word in state.ozmap.items()}
        return _flat(checks | ozmaps, 200 if is_ready else 503)

    if operator_key := settings.operator_key:

        @routes.get("/metrics")
        def show() -> Response:
            require(operator_key, request.headers)
            try:
                of_store = kept(services.store, services.accounts)
            except StoreUnavailable:
                of_store = None
            return Response(metrics.exposition(of_store), content_type=metrics.CONTENT_TYPE)

    return routes


def _flat(values: Mapping[str, object], status: int = 200) -> Response:
    return Response(
        json.dumps(values) + "\n", status, {"Cache-Control": "no-store"}, mimetype="application/json"
    )
