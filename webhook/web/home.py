"""`/`: a short page for whoever opens the service's address in a browser; 404 for everybody else."""

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

from webhook.__version__ import __version__
from webhook.web.pages import PROTECTION

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
SIMULATOR = "/simulador"


def home() -> Blueprint:
    """The route."""
    routes = Blueprint("home", __name__, template_folder="templates")
    # A rule without methods matches all of them; after Blueprint.get the others would get 405 instead of 404.
    routes.record(lambda state: state.app.url_map.add(Rule("/", endpoint="home.page")))

    @routes.endpoint("home.page")
    def page() -> Response:
        # curl and bots accept anything: only a client that prefers HTML is a browser.
        browser = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        if request.method not in {"GET", "HEAD"} or not browser:
            raise NotFound
        simulator = any(rule.rule == SIMULATOR for rule in current_app.url_map.iter_rules())
        html = render_template("home.html", version=__version__, simulator=simulator)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "Accept"}
        return Response(html, headers=PROTECTION | headers)

    return routes
