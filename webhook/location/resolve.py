"""Picks the one location source of a request that counts, and turns it into a place."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from schemas.conversation import Conversation
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
from webhook.location.readers.pair import Pair, only_one
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


class Locator:
    """From request values to a place; may be shared by threads."""

    def __init__(
        self, short_links: ShortLinks, addresses: AddressSearch, confirmed_place: ConfirmedPlace
    ) -> None:
        self._short_links = short_links
        self.addresses = addresses
        self._confirmed_place = confirmed_place

    def resolve(
        self, request: LocationRequest, tenant: Tenant, platform: str, deadline: Deadline
    ) -> Place | Answer:
        """The place in the tenant's country, or the answer that asks for another location.

        Only the first source that the request has a value for counts: if it cannot be read, what a customer
        sent last must not be replaced by something that an earlier step left behind. Raises StoreUnavailable.
        """
        deadline = deadline.at_most(SHARE * deadline.remaining())
        message = request.address if request.location is None else request.location
        if request.latitude is not None or request.longitude is not None:
            return _of_coordinates(request, tenant)
        if message is not None:
            return self._of_message(message, request, tenant, deadline)
        if request.postcode is not None:
            address = _beside(request)
            if not address.postcode:
                return Answer(outcomes.DADOS_INVALIDOS, detail="cep deve ter 8 dígitos")
            return self.addresses.find(address, tenant, deadline)
        place = None
        if request.conversation is not None:
            place = self._confirmed_place(tenant.slug, Conversation(platform, request.conversation))
        return place or Answer(outcomes.LOCALIZACAO_AUSENTE)

    def _of_message(
        self, value: object, request: LocationRequest, tenant: Tenant, deadline: Deadline
    ) -> Place | Answer:
        """The place in whatever the customer sent."""
        if isinstance(value, int) and not isinstance(value, bool):  # a CEP, say
            value = str(value)
        if found := read(value, tenant.country.area):
            return _place(found, objects.address(value) or None, _stated(request))
        inner = in_json(value) if isinstance(value, str) else value
        if isinstance(inner, dict | list | str):
            value = inner if isinstance(inner, str) else objects.said(inner)
        if not isinstance(value, str) or not (line := plain(value)):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        try:
            return self._of_words(value, line, request, tenant, deadline)
        except ServiceUnavailable:
            return Answer(outcomes.GEOCODER_INDISPONIVEL)

    def _of_words(
        self, message: str, line: str, request: LocationRequest, tenant: Tenant, deadline: Deadline
    ) -> Place | Answer:
        """A text without coordinates: a short link, a short Plus Code with its town, or an address.

        Raises ServiceUnavailable.
        """
        # A short link leads to the long one, hop by hop. The last one is the likeliest to name the place.
        texts = [line]
        for target in self._short_links.targets(line, deadline):
            if found := read(target, tenant.country.area):
                return _place(found)
            texts.insert(0, plain(target))
        words = next((words for link in texts for words in links.addresses(link)), "")
        words = words or links.without_links(message)
        if short_code := plus_code.short(words):
            code, town = short_code
            return self._of_plus_code(code, typed.parse(town).filled(_beside(request)), tenant, deadline)
        # A map finds something similar to any numbers, somewhere. A CEP is no coordinate.
        said = line if words == message else plain(words)
        if text.is_meant(said) or (text.is_numbers(said) and not typed.postcode(words)):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        address = typed.parse(words)
        # Whatever else a customer writes in a chat goes to no map. `endereco` was asked for as an address.
        if request.location is not None and not typed.is_address(address, words):
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        address = _completed(address, words, request)
        return self.addresses.find(address, tenant, deadline)

    def _of_plus_code(self, code: str, town: Address, tenant: Tenant, deadline: Deadline) -> Place | Answer:
        """The place of a short Plus Code near a town. Raises ServiceUnavailable."""
        if not town.query():
            return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
        match = self.addresses.match(town, tenant, deadline)
        if isinstance(match, Answer):
            return match
        found = plus_code.near(code, match.point)
        return at(found.point, found.metres, tenant)


def at(point: Point, metres: float, tenant: Tenant) -> Place | Answer:
    """The place at a point that an app marked, as accurately as it says."""
    if not tenant.country.area.holds(point):
        return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
    return _place(Pair(point, metres))


def _stated(request: LocationRequest) -> float:
    return metres_in(request.metres) or 0.0


def _place(found: Pair, address: str | None = None, metres: float = 0.0) -> Place | Answer:
    """The place at a point, or the answer that asks again if the point may be far from the house."""
    metres = max(found.metres, metres)
    precision = Precision.of(metres)
    if precision is Precision.EXACT:
        return Place(found.point, precision, address, metres=metres)
    how = f": ela diz o lugar só com uns {metres:.0f} m de precisão"
    return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA, Rough(precision, None), how)


def _of_coordinates(request: LocationRequest, tenant: Tenant) -> Place | Answer:
    latitude, longitude = request.latitude, request.longitude
    if latitude is None or longitude is None:
        return Answer(
            outcomes.DADOS_INVALIDOS, detail="latitude e longitude só valem juntas, e falta uma delas"
        )
    found = only_one(text.of_values(latitude, longitude), tenant.country.area)
    if found is None:
        return Answer(outcomes.LOCALIZACAO_NAO_ENTENDIDA)
    return _place(found, metres=_stated(request))


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
