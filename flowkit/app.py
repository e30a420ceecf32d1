"""The application that is deployed: the webhook with the routes for flow authors."""

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

import webhook
from flowkit import guide
from flowkit.simulator import simulator
from webhook.flows.export import NoSuchFlow
from webhook.settings import Settings, load
from webhook.web.auth import require


def create_app(settings: Settings | None = None) -> Flask:
    """The webhook's application with the build guides and the simulator, where the settings turn them on.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    app = webhook.create_app(settings)
    if settings.operator_key:
        app.register_blueprint(guides(settings.public_url, settings.operator_key))
    if settings.simulator:
        app.register_blueprint(simulator(settings))
    return app


def guides(public_url: str, operator_key: str) -> Blueprint:
    """`/flows/<platform>/<name>.html`, which asks for the operator's key."""
    routes = Blueprint("guides", __name__, url_prefix="/flows")

    @routes.get("/<platform>/<name>.html")
    def show(platform: str, name: str) -> Response:
        require(operator_key, request.headers)
        try:
            page = guide.page(platform, name, public_url)
        except NoSuchFlow:
            raise NotFound from None
        return Response(page, content_type="text/html; charset=utf-8")

    return routes
