"""`/l/<token>`: the location page, which a customer opens in a browser and which answers in HTML."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from schemas.fields import metres
from schemas.point import point_in
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.findme import page
from webhook.findme.links import Link, Links
from webhook.location.place import HOUSE_M, Place, Precision
from webhook.location.resolve import at
from webhook.net.bulkhead import Bulkhead, Full
from webhook.notices.notify import notify
from webhook.outcomes import Answer
from webhook.store import StoreUnavailable
from webhook.web import context
from webhook.web.actions.base import Services
from webhook.web.limits import Counts

MOST_MISSES = 30
"""Unknown tokens per address and minute. Nobody guesses 24 random bytes; this makes trying slow as well."""
PER_LINK = RateLimitItemPerMinute(30)
"""Look-ups with the geocoder. A customer types a few addresses and moves the pin a dozen times; a stranger
with one link gets half of what the public Nominatim answers, one a second. Without Redis each process counts
for itself, so that two of them answer twice as many."""
PER_ADDRESS = RateLimitItemPerMinute(120)
"""Look-ups with all links of one address. Customers of a mobile network share addresses."""

LONGEST = 200
"""Characters of a form field that are read."""

USED = ("Lugar recebido", "Já recebemos o lugar da instalação. Obrigado!")
OVER = ("Este link venceu", "Peça um novo na conversa.")
THANKS = ("Recebemos o lugar", "Obrigado! Agora volte à conversa para continuar.")
ENOUGH = "Foram muitas buscas seguidas. Espere um minuto e tente de novo."
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
        self._counts = Counts(services.settings.redis_url)

    def view(
        self, answer: Callable[[Link, Tenant], ResponseReturnValue]
    ) -> Callable[[str], ResponseReturnValue]:
        """A view that calls `answer` if the token's link is open."""

        def view(token: str) -> ResponseReturnValue:
            # Looked up first: phones share addresses, and a link that exists is refused for nobody's guesses.
            link = self._links.of_token(token)
            if link is None or link.tenant not in self._tenants:
                if seconds := self._counts.hit(_MISSES, "miss", request.remote_addr or ""):
                    raise TooManyRequests(retry_after=seconds)
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
        if seconds := self._seconds_to_wait(link):
            if _wants_json():
                said = jsonify(latitude=None, longitude=None, mensagem=ENOUGH, casa=False)
                return said, 429, _later(seconds)
            return self.ask(link, tenant, ENOUGH), 429, _later(seconds)
        place = self._resolve(link, tenant)
        problem = _problem(place) if isinstance(place, Answer) else ""
        if _wants_json():
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

    def describe(self, link: Link, _: Tenant) -> ResponseReturnValue:
        """The address at the pin."""
        if (point := point_in(request.form)) is None:
            return jsonify(endereco=None)
        if seconds := self._seconds_to_wait(link):
            return jsonify(endereco=None), 429, _later(seconds)
        return jsonify(endereco=self._with_address(Place(point, Precision.EXACT)).address)

    def confirm(self, link: Link, tenant: Tenant) -> ResponseReturnValue:
        """Stores the place and lets the chat continue.

        The script sends the pin's coordinates, and how accurate they are if nobody has moved the pin. Without
        it the form sends the address again.
        """
        point, seconds = point_in(request.form), self._seconds_to_wait(link)
        if seconds and not point:
            return self.ask(link, tenant, ENOUGH), 429, _later(seconds)
        place = at(point, _form_metres(), tenant) if point else self._resolve(link, tenant)
        if isinstance(place, Answer):
            return self.ask(link, tenant, _problem(place))
        # The place counts, and its address is only for people to read.
        place = place if seconds else self._with_address(place)
        text = outcomes.LOCALIZACAO_RECEBIDA.words(tenant.texts)
        stored = self._links.confirm(
            link, place, lambda store: notify(store, tenant, link.conversation.key, text)
        )
        return _message(THANKS if stored else USED, tenant)

    def _seconds_to_wait(self, link: Link) -> int:
        """Counts a look-up: each may ask the geocoder, which an ISP pays for or strangers share."""
        address = request.remote_addr or ""
        return self._counts.hit(PER_LINK, "link", link.token) or self._counts.hit(
            PER_ADDRESS, "address", address
        )

    def _resolve(self, link: Link, tenant: Tenant) -> Place | Answer:
        typed = LocationRequest(address=_form_text("endereco") or None, number=_form_text("numero") or None)
        return self._locator.resolve(typed, tenant, link.conversation.platform, context.current().deadline)

    def _with_address(self, place: Place) -> Place:
        return self._locator.addresses.with_address(place, context.current().deadline)


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
    if isinstance(error, HTTPException) and error.code and error.code < 500:
        return _message(OVER if error.code == 404 else BUSY, None), error.code, error.get_headers()
    if isinstance(error, StoreUnavailable | Full):
        return _message(BUSY, None), 503
    context.note_defect(error)
    return _message(BUSY, None), 500


def _later(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _message(text: tuple[str, str], tenant: Tenant | None) -> str:
    return page.render("message.html", tenant, title=text[0], text=text[1])


def _problem(answer: Answer) -> str:
    return answer.outcome.message.format(detail=answer.detail)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _form_text(name: str) -> str:
    """A field that a person typed, without control characters."""
    text = "".join(sign if sign.isprintable() else " " for sign in request.form.get(name, ""))
    return text.strip()[:LONGEST]


def _form_metres() -> float:
    """How far from the GPS's pin the customer may be; 0 for a pin that was put by hand."""
    return metres(request.form.get("precisao_m")) or 0.0
