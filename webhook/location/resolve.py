"""Decides which of a request's location values counts, and has it read."""

from dataclasses import replace

from schemas.countries import Area
from schemas.fields import number
from schemas.point import Point
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook.location.address import Address
from webhook.location.outside import ServiceUnavailable
from webhook.location.place import Place, Precision
from webhook.location.readers import LONGEST, links, objects, plus_code, read
from webhook.location.readers import address as typed
from webhook.location.readers.pair import Pair, settle
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.location.words import state_of, whole
from webhook.net.deadline import Deadline
from webhook.outcomes import (
    DADOS_INVALIDOS,
    GEOCODER_INDISPONIVEL,
    LOCALIZACAO_AUSENTE,
    LOCALIZACAO_NAO_ENTENDIDA,
    Answer,
)

POSTCODE_DIGITS = 8
SHARE = 0.6
"""Of the time left: what a slow geocoder may take, so that there is time to ask OZmap."""


class Locator:
    """From request values to a place; may be shared by threads."""

    def __init__(self, short_links: ShortLinks, search: AddressSearch) -> None:
        self._short_links = short_links
        self._search = search

    def resolve(self, request: LocationRequest, tenant: Tenant, deadline: Deadline) -> Place | Answer:
        """The place in the tenant's country, or the answer that asks for another location.

        The first value present decides. There is no falling through: what a customer sent last must not be
        replaced by something that an earlier step left behind.
        """
        country, deadline = tenant.country.area, deadline.at_most(SHARE * deadline.remaining())
        pair = (request.latitude, request.longitude)
        if any(value is not None for value in pair):
            if any(value is None for value in pair):
                return Answer(
                    DADOS_INVALIDOS, detail="latitude e longitude só valem juntas, e falta uma delas"
                )
            point = _from_fields(request.latitude, request.longitude, country)
            return Place(point, Precision.EXACT) if point else Answer(LOCALIZACAO_NAO_ENTENDIDA)
        value = request.address if request.location is None else request.location
        if isinstance(value, int) and not isinstance(value, bool):  # a CEP, say
            value = str(value)
        if value is not None:
            if point := read(value, country):
                return Place(point, Precision.EXACT, objects.address(value) or None)
            if not isinstance(value, str) or len(value) > LONGEST:
                return Answer(LOCALIZACAO_NAO_ENTENDIDA)
            return self._from_words(value, request, tenant, deadline)
        if request.postcode is None:
            return Answer(LOCALIZACAO_AUSENTE)
        asked = _beside(request)
        if not asked.postcode:
            return Answer(DADOS_INVALIDOS, detail="cep deve ter 8 dígitos")
        return self._search.find(asked, tenant, deadline)

    def with_address(self, place: Place, deadline: Deadline) -> Place:
        """The place with the address that stands there, where a map knows one."""
        return replace(place, address=self._search.address_of(place, deadline))

    def _from_words(
        self, text: str, request: LocationRequest, tenant: Tenant, deadline: Deadline
    ) -> Place | Answer:
        """From a text without coordinates: a short link, a short Plus Code with its town, an address."""
        leads_to = [text]
        try:
            for target in self._short_links.targets(text, deadline):
                if point := read(target, tenant.country.area):
                    return Place(point, Precision.EXACT)
                leads_to.insert(0, target)
            words = next((said for link in leads_to for said in links.addresses(link)), "")
            words = words or links.without_links(text)
            if found := plus_code.short(words):
                code, town = found
                return self._from_plus_code(code, typed.parse(town), request, tenant, deadline)
        except ServiceUnavailable:
            return Answer(GEOCODER_INDISPONIVEL)
        asked = _asked(typed.parse(words), request)
        if request.location is not None and not typed.is_told(asked, words):
            return Answer(LOCALIZACAO_NAO_ENTENDIDA)
        return self._search.find(asked, tenant, deadline)

    def _from_plus_code(
        self, code: str, town: Address, request: LocationRequest, tenant: Tenant, deadline: Deadline
    ) -> Place | Answer:
        """Raises ServiceUnavailable."""
        town = town.filled(_beside(request))
        if not town.query():
            return Answer(LOCALIZACAO_NAO_ENTENDIDA)
        match = self._search.match(town, tenant, deadline)
        if isinstance(match, Answer):
            return match
        point = plus_code.near(code, match.point)
        if not tenant.country.area.holds(point):
            return Answer(LOCALIZACAO_NAO_ENTENDIDA)
        return Place(point, Precision.EXACT)


def _asked(said: Address, request: LocationRequest) -> Address:
    """What was said, completed by the keys beside it. Where an address has a key of its own, they decide."""
    beside = _beside(request)
    return said.filled(beside) if request.location is not None else beside.filled(said)


def _beside(request: LocationRequest) -> Address:
    """The address keys of a request but `endereco`."""
    city, its_state = typed.town(request.city or "")
    # As a JSON number a CEP of São Paulo has lost its zero.
    said = (request.postcode or "").strip()
    postcode = said.zfill(POSTCODE_DIGITS) if said.isdigit() and len(said) == POSTCODE_DIGITS - 1 else said
    return Address(
        number=typed.first_number(request.number or "") or typed.parse(postcode).number,
        district=whole(request.district or ""),
        city=city,
        state=state_of(request.state or "") or its_state,
        postcode=typed.postcode(postcode),
    )


def _from_fields(latitude: object, longitude: object, country: Area) -> Point | None:
    lat, lng = number(latitude), number(longitude)
    if lat is not None and lng is not None:
        return settle(Pair(lat, lng), country)
    both_text = isinstance(latitude, str) and isinstance(longitude, str)
    return read(f"{latitude}, {longitude}", country) if both_text else None
