"""Asks a geocoding service through geopy: once per query, and no faster than its operator allows."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit

from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeopyError
from geopy.location import Location

from schemas.countries import Area, Country
from schemas.point import Point
from webhook.__version__ import __version__
from webhook.location.geocoders.base import Match, Service
from webhook.location.outside import ServiceUnavailable, get, memory
from webhook.location.words import folded
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline
from webhook.net.rate import Throttle
from webhook.observe import log
from webhook.observe.defects import defect_site

USER_AGENT = f"ozmap-chatbot-webhook/{__version__}"
PUBLIC_INTERVAL = 1.0
"""Seconds between calls: operations.osmfoundation.org/policies/nominatim."""


class _Adapter(BaseSyncAdapter):  # type: ignore[misc]
    """Makes geopy's calls over our own sockets. The timeout that geopy passes is for the whole call."""

    def __init__(self, **_: object) -> None:
        super().__init__(proxies={}, ssl_context=None)

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> object:
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except (ValueError, RecursionError):
            raise GeocoderParseError from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        status, body = get(url, Deadline(timeout), headers)
        text = body.decode("utf-8", "replace")
        if status >= 400:
            raise AdapterHTTPError("refused", status_code=status, headers={}, text=text)
        return text


class Geocoder:
    """One service for all tenants. `base` is its address (None: geopy's own), `contact` for its operator."""

    def __init__(self, service: Service, base: str | None, key: str | None, contact: str | None) -> None:
        self._service = service
        options: dict[str, object] = {"adapter_factory": _Adapter}
        options["user_agent"] = f"{USER_AGENT} ({contact})" if contact else USER_AGENT
        if base:
            parts = urlsplit(base)
            options |= {"scheme": parts.scheme, "domain": f"{parts.netloc}{parts.path}"}
        if service.key_name:
            options[service.key_name] = key
        self._geopy = service.geocoder(**options)
        self._in_portuguese = {service.language: "pt-BR"} if service.language else {}
        public = service.name == "nominatim" and base is None
        self._throttle = Throttle(PUBLIC_INTERVAL) if public else None
        self._results: SharedCache[list[Match]] = memory("addresses")

    def find(self, query: str, country: Country, area: Area | None, deadline: Deadline) -> list[Match]:
        """The results, best first. Raises ServiceUnavailable."""
        options = self._service.search(country, area)
        ask = partial(self._geopy.geocode, query, exactly_one=False, **options)
        return self._once((query, country, area), ask, deadline)

    def address_at(self, point: Point, deadline: Deadline) -> Match | None:
        """The address at a point, None if the map has none there. Raises ServiceUnavailable."""
        # Four decimals are eleven metres: the same house, and the next call finds it in the cache.
        near = Point(round(point.lat, 4), round(point.lng, 4))

        def ask(**options: object) -> list[Location | None]:
            return [self._geopy.reverse(tuple(near), exactly_one=True, **options)]

        return next(iter(self._once(near, ask, deadline)), None)

    def _once(
        self, key: Hashable, ask: Callable[..., Iterable[Location | None] | None], deadline: Deadline
    ) -> list[Match]:
        def fetch() -> list[Match]:
            if self._throttle and not self._throttle.wait(deadline):
                raise ServiceUnavailable
            locations = ask(timeout=deadline.remaining(), **self._in_portuguese)
            return [self._match(location) for location in locations or () if location]

        try:
            return self._results.get(key, fetch, deadline)
        except (ServiceUnavailable, GeopyError, TimeoutError):
            raise ServiceUnavailable from None
        except Exception as error:
            # geopy and the readers walk through an answer whose shape nobody has promised.
            log.write(event="geocoder not read", defect=defect_site(error))
            raise ServiceUnavailable from None

    def _match(self, location: Location) -> Match:
        precision, address, towns = self._service.read(location.raw)
        point = Point(float(location.latitude), float(location.longitude))
        return Match(point, precision, address.checked(), tuple(town for town in towns if folded(town)))
