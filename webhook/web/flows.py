"""`/flows/<platform>/<name>.json` and `.html`: a flow with this service's address, and how to build it."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from webhook.flows import bundle, export
from webhook.web.auth import require


def exports(public_url: str, operator_key: str) -> Blueprint:
    """The routes, for whoever brings the operator's key."""
    routes = Blueprint("flows", __name__, url_prefix="/flows")

    @routes.before_request
    def check() -> None:
        require(operator_key, request.headers)

    @routes.get("/<platform>/<name>.json")
    def definition(platform: str, name: str) -> Response:
        return Response(
            _definition(platform, name, public_url), content_type="application/json; charset=utf-8"
        )

    @routes.get("/<platform>/<name>.html")
    def guide(platform: str, name: str) -> Response:
        flow = export.read(_definition(platform, name, public_url))
        page = export.guide(flow, bundle.load().entries[platform, name])
        return Response(page, content_type="text/html; charset=utf-8")

    return routes


def _definition(platform: str, name: str, public_url: str) -> str:
    try:
        return export.definition(platform, name, public_url)
    except export.NoSuchFlow:
        raise NotFound from None
