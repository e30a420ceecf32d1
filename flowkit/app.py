"""The application that is deployed: the webhook with the routes for flow authors."""

from flask import Flask

import webhook
from flowkit import guide
from flowkit.simulator import simulator
from webhook.settings import Settings, load
from webhook.web.flows import flow_files


def create_app(settings: Settings | None = None) -> Flask:
    """The webhook's application with the build guides and the simulator, where the settings turn them on.

    Without `settings` reads the environment. Raises SettingsError.
    """
    settings = settings or load()
    app = webhook.create_app(settings)
    app.register_blueprint(flow_files(settings, "html", "text/html", guide.page))
    if settings.simulator:
        app.register_blueprint(simulator(app.extensions["webhook"]))
    return app
