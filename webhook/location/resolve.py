"""Picks the one location source of a request that counts, and turns it into a place."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from schemas.conversation import Conversation
from schemas.countries import Area
from schemas.fields import metres as metres_in
from schemas.point import Point
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.location.address import Address
from webhook.location.outside import ServiceUnavailable
from webhook.location.place import Place, Precision, Rough
from webhook.location.readers import address as typed
from webhook.location.readers import in_json, links, objects, plain, plus_code, read, text, towns
from webhook.location.readers.pair import Found, only_one
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.location.words import state_of, whole
from webhook.net.deadline import Deadline
from webhook.outcomes import Answer

POSTCODE_DIGITS = 8
SHARE = 0.6
"""Share of the remaining time that a slow geocoder may take, so that there is time to ask OZmap."""

ConfirmedPlace: TypeAlias = Callable[[str, Conversation], Place | None]
"""The place that a conversation's customer confirmed on the location page; the text is the tenant's slug."""


@dataclass(frozen=True)
class _Search:
    """One request's search for a place."""

    request: LocationRequest
    tenant: Tenant
    platform: str
    deadline: Deadline

    @property
    def country(self) -> Area:
        return self.tenant.country.area


class Locator:
    """From request values to a place; may be shared by threads."""

    def __init__(
        self, short_links: ShortLinks, addresses: AddressSearch, confirmed_place: ConfirmedPlace
    ) -> None:
        self._short_links = short_links
        self._addresses = addresses
        self._confirmed_place = confirmed_place

    def resolve(
        self, request: LocationRequest, tenant: Tenant, platform: str, deadline: Deadline
    ) -> Place | Answer:
        """The place in the tenant's country, or the answer that asks for another location.

        Only the first source that the request has a value for counts: if it cannot be read, what a customer
        sent last must not be replaced by something that an earlier step left behind. Raises StoreUnavailable.
        """
        deadline = deadline.at_most(SHARE * deadline.remaining())
        search = _Search(request, tenant, platform, deadline)
        for source in (_from_coordinates, self._from_location, self._from_postcode, self._from_conversation):
            result = source(search)
            if result is not None:
                return result
        return Answer(outcomes.LOCALIZACAO_AUSENTE)

    def with_address(self, place: Place, deadline: Deadline) -> Place:
        """The place with the address at its point, if a map knows one."""
        return replace(place, address=self._addresses.address_of(place, deadline))

    def _from_location(self, search: _Search) -> Place | Answer | None:
        request = search.request
        value = request.address if request.location is None else request.location
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):  # a CEP, say
            value = str(value)
        if found := read(value, search.country):
            return _place(found, objects.address(value) or None, _stated(request))
        inner = in_json(value) if isinstance(value, str) else value
        if isinstance(inner, dict | list | str):
            value = inner if isinstance(inner, str) else objects.said(inner)
        if not isinstance(value, str) or not (line := plain(value)):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        try:
            return self._from_words(value, line, search)
        except ServiceUnavailable:
            return Answer(outcomes.GEOCODER_INDISPONIVEL)

    def _from_postcode(self, search: _Search) -> Place | Answer | None:
        if search.request.postcode is None:
            return None
        address = _beside(search.request)
        if not address.postcode:
            return Answer(outcomes.DADOS_INVALIDOS, detail="cep deve ter 8 dígitos")
        return self._addresses.find(address, search.tenant, search.deadline)

    def _from_conversation(self, search: _Search) -> Place | None:
        conversation = search.request.conversation
        if conversation is None:
            return None
        return self._confirmed_place(search.tenant.slug, Conversation(search.platform, conversation))

    def _from_words(self, message: str, line: str, search: _Search) -> Place | Answer:
        """A text without coordinates: a short link, a short Plus Code with its town, or an address.

        Raises ServiceUnavailable.
        """
        # A short link leads to the long one, hop by hop. The last one is the likeliest to name the place.
        texts = [line]
        for target in self._short_links.targets(line, search.deadline):
            if found := read(target, search.country):
                return _place(found)
            texts.insert(0, plain(target))
        words = next((words for link in texts for words in links.addresses(link)), "")
        words = words or links.without_links(message)
        if short_code := plus_code.short(words):
            code, town = short_code
            return self._from_plus_code(code, typed.parse(town), search)
        # A map finds something similar to any numbers, somewhere. A CEP is no coordinate.
        said = line if words == message else plain(words)
        if text.is_meant(said) or (text.is_numbers(said) and not typed.postcode(words)):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        address = typed.parse(words)
        # Whatever else a customer writes in a chat goes to no map. `endereco` was asked for as an address.
        if search.request.location is not None and not typed.is_address(address, words):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        address = _completed(address, words, search.request)
        return self._addresses.find(address, search.tenant, search.deadline)

    def _from_plus_code(self, code: str, town: Address, search: _Search) -> Place | Answer:
        """Raises ServiceUnavailable."""
        town = town.filled(_beside(search.request))
        if not town.query():
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        match = self._addresses.match(town, search.tenant, search.deadline)
        if isinstance(match, Answer):
            return match
        found = plus_code.near(code, match.point)
        if not search.country.holds(found.point):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        return _place(found)


def at(point: Point, metres: float, tenant: Tenant) -> Place | Answer:
    """The place at a point that an app marked, as accurately as it says."""
    if not tenant.country.area.holds(point):
        return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
    return _place(Found(point, metres))


def _stated(request: LocationRequest) -> float:
    return metres_in(request.metres) or 0.0


def _place(found: Found, address: str | None = None, metres: float = 0.0) -> Place | Answer:
    """The place at a point, or the answer that asks again if the point may be far from the house."""
    metres = max(found.metres, metres)
    precision = Precision.of(metres)
    if precision is Precision.EXACT:
        return Place(found.point, precision, address, metres=metres)
    how = f": ela diz o lugar só com uns {metres:.0f} m de precisão"
    return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA, Rough(precision, None), how)


def _from_coordinates(search: _Search) -> Place | Answer | None:
    latitude, longitude = search.request.latitude, search.request.longitude
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        return Answer(
            outcomes.DADOS_INVALIDOS, detail="latitude e longitude só valem juntas, e falta uma delas"
        )
    found = only_one(text.of_values(latitude, longitude), search.country)
    return (
        _place(found, metres=_stated(search.request)) if found else Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
    )


def _completed(typed_address: Address, words: str, request: LocationRequest) -> Address:
    """The typed address, completed by the keys beside it. Beside `endereco` these keys take precedence."""
    beside = _beside(request, words)
    if beside.number and not (typed_address.street or typed_address.city):
        # A single name with a house number beside it is a street, not the district of that name.
        typed_address = replace(typed_address, street=typed_address.district, district="")
    return typed_address.filled(beside) if request.location is not None else beside.filled(typed_address)


def _beside(request: LocationRequest, words: str = "") -> Address:
    """The address from all address keys of a request except `endereco`; `words` is what they complete."""
    city, its_state = towns.of_field(request.city or "")
    # As a JSON number a CEP of São Paulo has lost its zero.
    postcode = (request.postcode or "").strip()
    if postcode.isdigit() and len(postcode) == POSTCODE_DIGITS - 1:
        postcode = postcode.zfill(POSTCODE_DIGITS)
    return Address(
        number=typed.number_alone(request.number or "", words) or typed.parse(postcode).number,
        district=whole(request.district or ""),
        city=city,
        state=state_of(request.state or "") or its_state,
        postcode=typed.postcode(postcode),
    )
