"""Decides which of a request's location values counts, and has it read."""

from schemas.countries import Area
from schemas.fields import number
from schemas.point import Point
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook.deadline import Deadline
from webhook.location.place import Place, Precision
from webhook.location.readers import LONGEST, read
from webhook.location.readers.pair import Pair, settle
from webhook.location.short_links import LinkUnavailable, ShortLinks
from webhook.outcomes import (
    DADOS_INVALIDOS,
    GEOCODER_INDISPONIVEL,
    LOCALIZACAO_AUSENTE,
    LOCALIZACAO_NAO_ENTENDIDA,
    Answer,
)


class Locator:
    """From request values to a place; may be shared by threads."""

    def __init__(self, short_links: ShortLinks) -> None:
        self._short_links = short_links

    def resolve(self, request: LocationRequest, tenant: Tenant, deadline: Deadline) -> Place | Answer:
        """The place in the tenant's country, or the answer that asks for another location.

        The first value present decides. There is no falling through: what a customer sent last must not be
        replaced by something that an earlier step left behind.
        """
        country = tenant.country
        pair = (request.latitude, request.longitude)
        if any(value is not None for value in pair):
            if any(value is None for value in pair):
                return Answer(
                    DADOS_INVALIDOS, detail="latitude e longitude só valem juntas, e falta uma delas"
                )
            point = _from_fields(request.latitude, request.longitude, country)
        elif any(value is not None for value in (request.location, request.address, request.postcode)):
            try:
                point = self._from_location(request.location, country, deadline)
            except LinkUnavailable:
                return Answer(GEOCODER_INDISPONIVEL)
        else:
            return Answer(LOCALIZACAO_AUSENTE)
        return Place(point, Precision.EXACT) if point else Answer(LOCALIZACAO_NAO_ENTENDIDA)

    def _from_location(self, location: object, country: Area, deadline: Deadline) -> Point | None:
        """Raises LinkUnavailable."""
        if (point := read(location, country)) or not isinstance(location, str) or len(location) > LONGEST:
            return point
        for target in self._short_links.targets(location, deadline):
            if point := read(target, country):
                return point
        return None


def _from_fields(latitude: object, longitude: object, country: Area) -> Point | None:
    lat, lng = number(latitude), number(longitude)
    if lat is not None and lng is not None:
        return settle(Pair(lat, lng), country)
    both_text = isinstance(latitude, str) and isinstance(longitude, str)
    return read(f"{latitude}, {longitude}", country) if both_text else None
