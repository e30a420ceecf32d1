"""`/flows/<platform>/<name>.json`: a flow's definition with this service's address."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from webhook.flows import export
from webhook.web.auth import require


def exports(public_url: str, operator_key: str) -> Blueprint:
    """The route, which asks for the operator's key."""
    routes = Blueprint("flows", __name__, url_prefix="/flows")

    @routes.get("/<platform>/<name>.json")
    def definition(platform: str, name: str) -> Response:
        require(operator_key, request.headers)
        try:
            text = export.definition(platform, name, public_url)
        except export.NoSuchFlow:
            raise NotFound from None
        return Response(text, content_type="application/json; charset=utf-8")

    return routes
