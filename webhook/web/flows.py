"""`/flows/<platform>/<name>.json`: a flow's definition with this service's address."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from webhook.flows.export import NoSuchFlow
from webhook.settings import Settings
from webhook.web.auth import require


def flow_files(
    settings: Settings, suffix: str, content_type: str, make: Callable[[str, str, str], str]
) -> Blueprint:
    """The route of one kind of file, which asks for the operator's key. Without that key it is off.

    `make` gets platform, name and this service's address; it may raise NoSuchFlow.
    """
    routes = Blueprint(f"flows_{suffix}", __name__, url_prefix="/flows")
    if operator_key := settings.operator_key:

        @routes.get(f"/<platform>/<name>.{suffix}")
        def show(platform: str, name: str) -> Response:
            require(operator_key, request.headers)
            try:
                text = make(platform, name, settings.public_url)
            except NoSuchFlow:
                raise NotFound from None
            return Response(text, content_type=f"{content_type}; charset=utf-8")

    return routes
