"""HTTP: the only room that knows Flask."""

from collections.abc import Callable
from time import monotonic

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from schemas.reply import Reply
from webhook.net.bulkhead import Bulkhead
from webhook.observe.defects import where
from webhook.observe.metrics import OTHER, note_request
from webhook.ozmap.api import Ozmap
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Platform
from webhook.settings import Settings
from webhook.web import call, log
from webhook.web.actions import actions_of, replies_of
from webhook.web.actions.question import Action, Parts, Question
from webhook.web.auth import Keyring
from webhook.web.body import MAX_BODY, MAX_FIELDS, read_values
from webhook.web.call import UNKNOWN_ROUTE
from webhook.web.errors import answer_to
from webhook.web.flows import exports
from webhook.web.openapi import openapi
from webhook.web.operator import operator
from webhook.web.pages import pages
from webhook.web.replies import Replier

MOST_AT_ONCE = 150
"""Requests that a process takes on. The others hear `ocupado` at once, from the threads that are left."""


def make_app(settings: Settings, parts: Parts) -> Flask:
    """The WSGI application."""
    log.configure()
    app = _without_routes()
    keyring = Keyring(settings.tenants)
    keys: dict[str, type[Reply]] = {UNKNOWN_ROUTE: Reply, **replies_of(parts.kitchen)}
    replier = Replier(settings.styles, keys)
    bulkhead = Bulkhead(MOST_AT_ONCE, shared=len(settings.tenants) > 1)
    count = _rate_limit(app, settings)

    def view(platform: Platform, action: Action) -> Callable[[], Response]:
        def answer(**_: str) -> Response:
            now = call.current()
            # The key comes first: a stranger's body is not even parsed.
            now.tenant = keyring.tenant_of(platform.name, request.headers)
            count()
            now.ozmap = Ozmap(parts.accounts[now.tenant.slug], now.deadline)
            with bulkhead.place(now.tenant.slug):
                values, form = read_values(request)
                question = Question(parts, platform, now.tenant, now.ozmap, values, form)
                return replier.reply(now, action.run(question))

        return answer

    for name in keyring.platforms:
        for action in actions_of(parts.kitchen, name):
            app.add_url_rule(
                f"/{name}/{action.name}",
                endpoint=f"{name}.{action.name}",
                view_func=view(PLATFORMS[name], action),
                methods=action.methods,
            )

    app.register_blueprint(pages(settings, parts, bulkhead))
    app.register_blueprint(operator(parts, settings.operator_key))
    styles = {name: settings.styles[name] for name in keyring.platforms}
    app.register_blueprint(openapi(parts.kitchen, styles, settings.public_url))
    if settings.operator_key:
        app.register_blueprint(exports(settings.public_url, settings.operator_key))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        call.begin(settings.reply_deadline, keys)

    @app.errorhandler(Exception)
    def refuse(error: Exception) -> Response:
        answer, status = answer_to(error)
        if status >= 500:
            call.current().defect = where(error)
        response = replier.reply(call.current(), answer, status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        if isinstance(error, TooManyRequests) and error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.after_request
    def finish(response: Response) -> Response:
        now = call.current()
        log.write(now, response.status_code)
        note_request(
            now.platform.name if now.platform else OTHER,
            now.action or OTHER,
            now.outcome.code if now.outcome else str(response.status_code),
            monotonic() - now.started,
        )
        return response

    return app


def _without_routes() -> Flask:
    app = Flask("webhook", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY + 1,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=MAX_FIELDS,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    # A redirect is no flat reply, and a flow's HTTP block may not follow it.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    return app


def _rate_limit(app: Flask, settings: Settings) -> Callable[[], None]:
    """Counts the call that is being answered. Raises TooManyRequests where an operator's limit is reached."""
    if settings.rate_limit is None:
        return lambda: None
    # It brings Flask-Limiter and redis, which most services have no use for.
    from webhook.web.limits import RateLimit  # noqa: PLC0415

    return RateLimit(app, settings.rate_limit, settings.redis_url).count
