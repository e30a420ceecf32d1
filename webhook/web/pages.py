"""`/l/<token>`: the location page, for a customer's browser. The only part that answers in HTML."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from cachetools import TTLCache
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from schemas.point import Point
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.findme import page
from webhook.findme.links import Link, Links
from webhook.location.place import Place, Precision
from webhook.net.bulkhead import Bulkhead, Full
from webhook.notices.notify import notify
from webhook.observe.defects import where
from webhook.outcomes import Answer
from webhook.settings import Settings
from webhook.store import StoreUnavailable
from webhook.web import call
from webhook.web.actions.question import Parts

MOST_MISSES = 30
"""Unknown tokens of one address in a minute. Guessing 24 random bytes is hopeless; this makes it slow too."""

LONGEST = 200
"""Characters of a field that are read."""

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


class _Guesses:
    """How many unknown tokens each address has asked for lately."""

    def __init__(self) -> None:
        self._misses: TTLCache[str, int] = TTLCache(10_000, 60)
        self._lock = Lock()

    def refuse_many(self, address: str) -> None:
        """Raises TooManyRequests."""
        with self._lock:
            if self._misses.get(address, 0) >= MOST_MISSES:
                raise TooManyRequests

    def note(self, address: str) -> None:
        with self._lock:
            self._misses[address] = self._misses.get(address, 0) + 1


class LocationPage:
    """What the page of a link that still asks does. A method per route."""

    def __init__(self, settings: Settings, parts: Parts, links: Links) -> None:
        self._tiles = settings.tiles
        self._locator = parts.locator
        self._links = links

    def ask(self, link: Link, tenant: Tenant, said: str = "") -> str:
        """The page itself, with what went wrong before."""
        return page.render(
            "ask.html",
            tenant,
            token=link.token,
            tiles=self._tiles,
            area=list(tenant.region),
            said=said,
            address=_typed("endereco"),
            number=_typed("numero"),
        )

    def search(self, link: Link, tenant: Tenant) -> Any:
        """The form's address: as JSON for the script, as a page to confirm without it."""
        place = self._found(tenant, link.platform)
        said = _said(place) if isinstance(place, Answer) else ""
        if request.accept_mimetypes.best == "application/json":
            lat, lng = place.point if isinstance(place, Place) else (None, None)
            return jsonify(latitude=lat, longitude=lng, mensagem=said)
        if isinstance(place, Answer):
            return self.ask(link, tenant, said)
        return page.render(
            "confirm.html",
            tenant,
            token=link.token,
            place=self._locator.with_address(place, call.current().deadline),
            outside=not tenant.region.holds(place.point),
            address=_typed("endereco"),
            number=_typed("numero"),
        )

    def describe(self, _: Link, __: Tenant) -> Response:
        """The address where the pin is."""
        if (point := _point()) is None:
            return jsonify(endereco=None)
        place = self._locator.with_address(Place(point, Precision.EXACT), call.current().deadline)
        return jsonify(endereco=place.address)

    def confirm(self, link: Link, tenant: Tenant) -> str:
        """Keeps the pin's place, or the address's where there is no script; tells the chat to go on."""
        point = _point()
        place = Place(point, Precision.EXACT) if point else self._found(tenant, link.platform)
        if isinstance(place, Answer):
            return self.ask(link, tenant, _said(place))
        place = self._locator.with_address(place, call.current().deadline)
        text = outcomes.LOCALIZACAO_RECEBIDA.words(tenant.texts)
        kept = self._links.confirm(link, place, lambda store: notify(store, tenant, link.chat, text))
        return _message(THANKS if kept else USED, tenant)

    def _found(self, tenant: Tenant, platform: str) -> Place | Answer:
        said = LocationRequest(address=_typed("endereco") or None, number=_typed("numero") or None)
        return self._locator.resolve(said, tenant, platform, call.current().deadline)


def pages(settings: Settings, parts: Parts, bulkhead: Bulkhead) -> Blueprint:
    """The routes of the location page."""
    routes = Blueprint("pages", __name__, url_prefix="/l")
    tenants = {tenant.slug: tenant for tenant in settings.tenants}
    links, guesses = Links(parts.store), _Guesses()
    headers = PROTECTION | {"Content-Security-Policy": page.policy(settings.tiles)}

    def while_it_asks(answer: Callable[[Link, Tenant], Any]) -> Callable[[str], Any]:
        def view(token: str) -> Any:
            address = request.remote_addr or ""
            guesses.refuse_many(address)
            link = links.of_token(token)
            if link is None or link.tenant not in tenants:
                guesses.note(address)
                return _message(OVER, None), 404
            if not link.alive:
                return _message(USED if link.place else OVER, tenants[link.tenant]), 410
            with bulkhead.place(link.tenant):
                return answer(link, tenants[link.tenant])

        return view

    own = LocationPage(settings, parts, links)
    for name, method, answer in (
        ("", "GET", own.ask),
        ("/busca", "POST", own.search),
        ("/endereco", "POST", own.describe),
        ("/confirma", "POST", own.confirm),
        # A phone that opens its tabs again asks for them by GET.
        ("/busca", "GET", own.ask),
        ("/confirma", "GET", own.ask),
    ):
        routes.add_url_rule(f"/<token>{name}", f"{method}{name}", while_it_asks(answer), methods=[method])

    @routes.get("/static/<name>")
    def static(name: str) -> Response:
        if name not in page.FILES:
            raise NotFound
        content, kind = page.file(name)
        return Response(content, content_type=kind, headers={"Cache-Control": "public, max-age=86400"})

    @routes.errorhandler(Exception)
    def refuse(error: Exception) -> tuple[str, int]:
        if isinstance(error, HTTPException) and error.code:
            return _message(OVER if error.code == 404 else BUSY, None), error.code
        if isinstance(error, StoreUnavailable | Full):
            return _message(BUSY, None), 503
        call.current().defect = where(error)
        return _message(BUSY, None), 500

    @routes.after_request
    def protect(response: Response) -> Response:
        response.headers.update(headers)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return routes


def _message(said: tuple[str, str], tenant: Tenant | None) -> str:
    return page.render("message.html", tenant, title=said[0], text=said[1])


def _said(answer: Answer) -> str:
    return answer.outcome.message.format(detail=answer.detail)


def _typed(name: str) -> str:
    """A field as a person may have typed it."""
    text = "".join(sign if sign.isprintable() else " " for sign in request.form.get(name, ""))
    return text.strip()[:LONGEST]


def _point() -> Point | None:
    """Of the form's coordinates, as our own script writes them."""
    try:
        point = Point(float(request.form["latitude"]), float(request.form["longitude"]))
    except (KeyError, ValueError):
        return None
    return point if abs(point.lat) <= 90 and abs(point.lng) <= 180 else None
