"""Makes the Flask application: first the factory, then the calls of flows, then what all routes share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from schemas.reply import Reply
from webhook.flows.export import definition
from webhook.net.bulkhead import Bulkhead
from webhook.net.deadline import Deadline
from webhook.observe import log
from webhook.observe.metrics import OTHER, note_request
from webhook.ozmap.api import Ozmap
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Platform
from webhook.settings import Settings
from webhook.web import context
from webhook.web.actions import actions_of, all_actions
from webhook.web.actions.base import Action, ActionRequest, Services
from webhook.web.actions.recipes import unknown_recipe
from webhook.web.auth import Keyring
from webhook.web.body import MAX_BODY, MAX_FIELDS, read_values
from webhook.web.errors import answer_to
from webhook.web.flows import flow_files
from webhook.web.home import home
from webhook.web.limits import RateLimit
from webhook.web.openapi import openapi
from webhook.web.operator import operator
from webhook.web.pages import pages
from webhook.web.replies import Replier
from webhook.web.request_log import request_fields

MOST_AT_ONCE = 150
"""Requests that a process works on. Further ones are answered at once, from the threads that are left: with
`consultando` where the flow can ask again, else with `ocupado`."""


def make_app(services: Services) -> Flask:
    """The WSGI application."""
    log.configure()
    app, settings = _without_routes(), services.settings
    app.extensions["webhook"] = services
    replies = {context.UNKNOWN_ROUTE: Reply}
    actions = all_actions(services.recipes.recipes)
    replies |= {one.name: one.reply for one in actions}
    replier = Replier({name: settings.style_of(name) for name in PLATFORMS}, replies)
    bulkhead = Bulkhead(MOST_AT_ONCE, shared=len(settings.tenants) > 1)
    keyring = Keyring(settings.tenants)
    _FlowCalls(services, actions, keyring, replier, bulkhead, _rate_limit(settings)).add_routes(app)
    for blueprint in _other_routes(services, bulkhead, keyring.platforms):
        app.register_blueprint(blueprint)
    app.before_request(lambda: context.begin(settings.reply_deadline, replies))
    app.register_error_handler(Exception, partial(_refuse, replier))
    app.after_request(_record)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


class _App(Flask):
    def log_exception(self, exc_info: object) -> None:
        """Does nothing: Flask's line has the exception's text, and `_refuse` notes the defect for ours."""


def _without_routes() -> Flask:
    app = _App("webhook", static_folder=None)
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


def _rate_limit(settings: Settings) -> Callable[[], None]:
    """Counts the current request. Raises TooManyRequests once an operator's limit is reached."""
    if settings.rate_limit is None:
        return lambda: None
    return RateLimit(settings.rate_limit, settings.redis_url).count


@dataclass(frozen=True)
class _FlowCalls:
    """The routes that flows call: one per platform and action."""

    services: Services
    actions: Sequence[Action]
    keyring: Keyring
    replier: Replier
    bulkhead: Bulkhead
    count: Callable[[], None]

    def add_routes(self, app: Flask) -> None:
        """A platform without a key has no routes."""
        for name in self.keyring.platforms:
            for action in [*actions_of(self.actions, name), unknown_recipe]:
                app.add_url_rule(
                    f"/{name}/{action.name}",
                    endpoint=f"{name}.{action.name}",
                    view_func=partial(self._answer, PLATFORMS[name], action),
                    methods=action.methods,
                )

    def _answer(self, platform: Platform, action: Action, **_: str) -> Response:
        now = context.current()
        # The key comes first: the body of somebody without a key is not even parsed.
        now.tenant = self.keyring.tenant_of(platform.name, request.headers)
        self.count()
        # From here on the request may wait for OZmap.
        place = self.bulkhead.place_if_free if action.asked_again else self.bulkhead.place
        with place(now.tenant.slug) as has_place:
            if not has_place:
                now.deadline = Deadline(0)
            now.ozmap = Ozmap(self.services.accounts[now.tenant.slug], now.deadline)
            values, form = read_values(request)
            call = ActionRequest(
                self.services,
                platform,
                now.tenant,
                now.ozmap,
                values,
                form,
                now.protocol,
                now.left_out,
                now.trace,
                waits=has_place,
            )
            return self.replier.reply(now, action.run(call))


def _other_routes(services: Services, bulkhead: Bulkhead, platforms: Iterable[str]) -> Iterable[Blueprint]:
    """For customers, for the operator, for tools."""
    settings = services.settings
    yield home()
    yield pages(services, bulkhead)
    yield operator(services)
    styles = {name: settings.style_of(name) for name in platforms}
    yield openapi(services.recipes.recipes, styles, settings.public_url)
    yield flow_files(settings, "json", "application/json", definition)


def _refuse(replier: Replier, error: Exception) -> Response:
    now = context.current()
    answer, status = answer_to(error)
    if status >= 500:
        context.note_defect(error)
    response = replier.reply(now, answer, status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(error, TooManyRequests) and error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _record(response: Response) -> Response:
    """Write the log line and count the request."""
    now = context.current()
    log.write(**request_fields(now, response.status_code))
    note_request(
        now.platform.name if now.platform else OTHER,
        now.action or OTHER,
        now.outcome.code if now.outcome else str(response.status_code),
        monotonic() - now.started,
    )
    return response
