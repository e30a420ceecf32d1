"""`/l/<token>`: the location page, which a customer opens in a browser and which answers in HTML."""

from collections.abc import Callable
from functools import cached_property

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from schemas.fields import metres
from schemas.point import Point
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.findme import page
from webhook.findme.links import Link, Links
from webhook.location.place import HOUSE_M, Place, Precision
from webhook.location.resolve import at
from webhook.net.bulkhead import Bulkhead, Full
from webhook.notices.notify import notify
from webhook.observe.defects import defect_site
from webhook.outcomes import Answer
from webhook.store import StoreUnavailable
from webhook.web import context
from webhook.web.actions.base import Services

MOST_MISSES = 30
"""Unknown tokens per address and minute. Nobody guesses 24 random bytes; this makes trying slow as well."""

LONGEST = 200
"""Characters of a form field that are read."""

USED = ("Lugar recebido", "Já recebemos o lugar da instalação. Obrigado!")
OVER = ("Este link venceu", "Peça um novo na conversa.")
THANKS = ("Recebemos o lugar", "Obrigado! Agora volte à conversa para continuar.")
BUSY = ("Um momento", "Não conseguimos atender agora. Tente de novo em alguns minutos.")

PROTECTION = {
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self)",
}

_MISSES = RateLimitItemPerMinute(MOST_MISSES)


class LocationPage:
    """What the page of an open link does: a method per route. Slows down whoever tries tokens."""

    def __init__(self, services: Services, bulkhead: Bulkhead) -> None:
        self._tiles = services.settings.tiles
        self._tenants = {tenant.slug: tenant for tenant in services.settings.tenants}
        self._locator = services.locator
        self._links = Links(services.store)
        self._bulkhead = bulkhead

    @cached_property
    def _misses(self) -> FixedWindowRateLimiter:
        # Made with the first request: the storage starts a thread, and gunicorn forks after create_app.
        return FixedWindowRateLimiter(MemoryStorage())

    def view(
        self, answer: Callable[[Link, Tenant], ResponseReturnValue]
    ) -> Callable[[str], ResponseReturnValue]:
        """A view that calls `answer` if the token's link is open."""

        def view(token: str) -> ResponseReturnValue:
            address = request.remote_addr or ""
            # Checked before the token: 429 for a good one as well gives nothing away.
            if not self._misses.test(_MISSES, address):
                raise TooManyRequests
            link = self._links.of_token(token)
            if link is None or link.tenant not in self._tenants:
                self._misses.hit(_MISSES, address)
                return _message(OVER, None), 404
            tenant = self._tenants[link.tenant]
            if not link.alive:
                return _message(USED if link.place else OVER, tenant), 410
            with self._bulkhead.place(tenant.slug):
                return answer(link, tenant)

        return view

    def ask(self, link: Link, tenant: Tenant, problem: str = "") -> str:
        """The page that asks for the place; `problem` says why the last try failed."""
        return page.render(
            "ask.html",
            tenant,
            token=link.token,
            tiles=self._tiles,
            area=list(tenant.region),
            house=HOUSE_M,
            problem=problem,
            address=_form_text("endereco"),
            number=_form_text("numero"),
        )

    def search(self, link: Link, tenant: Tenant) -> ResponseReturnValue:
        """Looks up the form's address: replies JSON to the script, and a page to confirm without it."""
        place = self._resolve(link, tenant)
        problem = _problem(place) if isinstance(place, Answer) else ""
        if request.accept_mimetypes.best == "application/json":
            lat, lng = place.point if isinstance(place, Place) else (None, None)
            is_house = isinstance(place, Place) and place.is_the_house
            return jsonify(latitude=lat, longitude=lng, mensagem=problem, casa=is_house)
        if isinstance(place, Answer):
            return self.ask(link, tenant, problem)
        return page.render(
            "confirm.html",
            tenant,
            token=link.token,
            place=self._with_address(place),
            outside=not tenant.region.holds(place.point),
            address=_form_text("endereco"),
            number=_form_text("numero"),
        )

    def describe(self, _: Link, __: Tenant) -> Response:
        """The address at the pin."""
        if (point := _form_point()) is None:
            return jsonify(endereco=None)
        return jsonify(endereco=self._with_address(Place(point, Precision.EXACT)).address)

    def confirm(self, link: Link, tenant: Tenant) -> str:
        """Stores the place and lets the chat continue.

        The script sends the pin's coordinates, and how accurate they are if nobody has moved the pin. Without
        it the form sends the address again.
        """
        point = _form_point()
        place = at(point, _form_metres(), tenant) if point else self._resolve(link, tenant)
        if isinstance(place, Answer):
            return self.ask(link, tenant, _problem(place))
        place = self._with_address(place)
        text = outcomes.LOCALIZACAO_RECEBIDA.words(tenant.texts)
        stored = self._links.confirm(
            link, place, lambda store: notify(store, tenant, link.conversation.key, text)
        )
        return _message(THANKS if stored else USED, tenant)

    def _resolve(self, link: Link, tenant: Tenant) -> Place | Answer:
        typed = LocationRequest(address=_form_text("endereco") or None, number=_form_text("numero") or None)
        return self._locator.resolve(typed, tenant, link.conversation.platform, context.current().deadline)

    def _with_address(self, place: Place) -> Place:
        return self._locator.with_address(place, context.current().deadline)


def pages(services: Services, bulkhead: Bulkhead) -> Blueprint:
    """The routes of the location page."""
    routes = Blueprint("pages", __name__, url_prefix="/l")
    location = LocationPage(services, bulkhead)
    for name, method, answer in (
        ("", "GET", location.ask),
        ("/busca", "POST", location.search),
        ("/endereco", "POST", location.describe),
        ("/confirma", "POST", location.confirm),
        # A phone that opens its tabs again asks for them by GET.
        ("/busca", "GET", location.ask),
        ("/confirma", "GET", location.ask),
    ):
        routes.add_url_rule(f"/<token>{name}", f"{method}{name}", location.view(answer), methods=[method])
    routes.add_url_rule("/static/<name>", "static", _static, methods=["GET"])
    routes.register_error_handler(Exception, _refuse)
    headers = PROTECTION | {"Content-Security-Policy": page.policy(services.settings.tiles)}

    @routes.after_request
    def protect(response: Response) -> Response:
        response.headers.update(headers)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return routes


def _static(name: str) -> Response:
    if name not in page.FILES:
        raise NotFound
    content, kind = page.file(name)
    return Response(content, content_type=kind, headers={"Cache-Control": "public, max-age=86400"})


def _refuse(error: Exception) -> ResponseReturnValue:
    """The reply to an exception, in HTML for the customer."""
    if isinstance(error, HTTPException) and error.code:
        return _message(OVER if error.code == 404 else BUSY, None), error.code
    if isinstance(error, StoreUnavailable | Full):
        return _message(BUSY, None), 503
    context.current().defect = defect_site(error)
    return _message(BUSY, None), 500


def _message(text: tuple[str, str], tenant: Tenant | None) -> str:
    return page.render("message.html", tenant, title=text[0], text=text[1])


def _problem(answer: Answer) -> str:
    return answer.outcome.message.format(detail=answer.detail)


def _form_text(name: str) -> str:
    """A field that a person typed, without control characters."""
    text = "".join(sign if sign.isprintable() else " " for sign in request.form.get(name, ""))
    return text.strip()[:LONGEST]


def _form_point() -> Point | None:
    """The coordinates that the script put into the form."""
    try:
        point = Point(float(request.form["latitude"]), float(request.form["longitude"]))
    except (KeyError, ValueError):
        return None
    return point if abs(point.lat) <= 90 and abs(point.lng) <= 180 else None


def _form_metres() -> float:
    """How far from the GPS's pin the customer may be; 0 for a pin that was put by hand."""
    return metres(request.form.get("precisao_m")) or 0.0
