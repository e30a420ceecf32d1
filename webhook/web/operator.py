"""`/healthz`, `/readyz` and `/metrics`: for whoever runs the service."""

import json

from flask import Blueprint, Response, request

from webhook.observe import metrics
from webhook.process import stopping
from webhook.store import StoreUnavailable
from webhook.store.health import kept
from webhook.web.actions.base import Services
from webhook.web.auth import require
from webhook.web.readiness import Readiness


def operator(services: Services, operator_key: str | None) -> Blueprint:
    """The routes; without a key there are no metrics."""
    routes = Blueprint("operator", __name__)
    readiness = Readiness(services.accounts, services.store, services.reply_deadline)

    @routes.get("/healthz", provide_automatic_options=False)
    def health() -> Response:
        """The process answers. Looks at nothing else."""
        return _flat({"ok": True})

    @routes.get("/readyz", provide_automatic_options=False)
    def ready() -> Response:
        found = readiness.found()
        # Never from memory: a service that stops says so at once.
        stops = stopping.begun()
        told = {"ready": found.ready and not stops, "stopping": stops, "store": found.store}
        told |= {"worker": found.worker} | {f"ozmap_{slug}": word for slug, word in found.ozmap.items()}
        return _flat(told, 200 if told["ready"] else 503)

    if operator_key:

        @routes.get("/metrics", provide_automatic_options=False)
        def show() -> Response:
            require(operator_key, request.headers)
            try:
                there = kept(services.store)
            except StoreUnavailable:
                there = None
            return Response(metrics.exposition(there), content_type=metrics.CONTENT_TYPE)

    return routes


def _flat(told: dict[str, object], status: int = 200) -> Response:
    return Response(
        json.dumps(told) + "\n", status, {"Cache-Control": "no-store"}, mimetype="application/json"
    )
