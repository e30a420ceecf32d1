"""Asks a geocoding service through geopy: once per query, and no faster than its operator allows."""

import json
from collections.abc import Callable, Hashable, Mapping
from urllib.parse import urlsplit

from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError
from geopy.location import Location

from schemas.countries import Area, Country
from schemas.point import Point
from webhook.__version__ import __version__
from webhook.location.geocoders.base import Match, Service
from webhook.location.outside import ServiceUnavailable, get
from webhook.location.words import folded
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline
from webhook.net.rate import Throttle

MATCH_AGE = 24 * 3600.0
"""Seconds that results are remembered."""
NO_MATCH_AGE = 600.0
"""Seconds that it is remembered that there were no results."""
SIZE = 10_000
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
        public = service.name == "nominatim" and base is None
        self._throttle = Throttle(PUBLIC_INTERVAL) if public else None
        self._results: SharedCache[list[Match]] = SharedCache(
            "addresses", SIZE, lambda matches: MATCH_AGE if matches else NO_MATCH_AGE
        )

    def find(self, query: str, country: Country, area: Area | None, deadline: Deadline) -> list[Match]:
        """The results, best first. Raises ServiceUnavailable."""
        options = self._in_portuguese(self._service.search(country, area))

        def ask() -> list[Match]:
            locations = self._geopy.geocode(query, exactly_one=False, timeout=deadline.remaining(), **options)
            return [self._match(location) for location in locations or ()]

        return self._once((query, country, area), ask, deadline)

    def address_at(self, point: Point, deadline: Deadline) -> Match | None:
        """The address at a point, None if the map has none there. Raises ServiceUnavailable."""
        # Four decimals are eleven metres: the same house, and the next call finds it in the cache.
        near = Point(round(point.lat, 4), round(point.lng, 4))

        def ask() -> list[Match]:
            options = self._in_portuguese({"exactly_one": True, "timeout": deadline.remaining()})
            location = self._geopy.reverse(tuple(near), **options)
            return [self._match(location)] if location else []

        return next(iter(self._once(near, ask, deadline)), None)

    def _in_portuguese(self, options: Mapping[str, object]) -> dict[str, object]:
        return {**options, **({self._service.language: "pt-BR"} if self._service.language else {})}

    def _once(self, key: Hashable, ask: Callable[[], list[Match]], deadline: Deadline) -> list[Match]:
        def fetch() -> list[Match]:
            if self._throttle and not self._throttle.wait(deadline):
                raise ServiceUnavailable
            return ask()

        try:
            return self._results.get(key, fetch, deadline)
        except Exception:
            # geopy and the readers walk through an answer whose shape nobody has promised.
            raise ServiceUnavailable from None

    def _match(self, location: Location) -> Match:
        precision, address, towns = self._service.read(location.raw)
        point = Point(float(location.latitude), float(location.longitude))
        return Match(point, precision, address.checked(), tuple(town for town in towns if folded(town)))
