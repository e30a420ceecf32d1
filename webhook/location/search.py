"""Finds an address on the map, by CEP and geocoder, and claims no more precision than they give."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.point import distance_m
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.location.address import Address
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders.base import Match
from webhook.location.outside import ServiceUnavailable
from webhook.location.place import Place, Precision, Rough
from webhook.location.words import same_street, same_town, same_type
from webhook.net.deadline import Deadline
from webhook.outcomes import Answer

ONE_STREET_M = 1000.0
"""Results with one name that are farther apart are two streets, or a street too long to be a place."""

REVERSE = 1.5
"""Seconds to wait for the address of a point: the place is known without it."""

_ORDER = list(Precision)
_OR_A_PIN = "Envie o endereço completo, ou a sua localização pelo aplicativo."


class AddressSearch:
    """May be shared by threads. Without a geocoder no address is found."""

    def __init__(self, geocoder: Geocoder | None, postcodes: Postcodes) -> None:
        self._geocoder = geocoder
        self._postcodes = postcodes

    def find(self, asked: Address, tenant: Tenant, deadline: Deadline) -> Place | Answer:
        """The place, or the answer that asks for what is missing."""
        try:
            of_postcode = self._of_postcode(asked, deadline)
            query = asked
            if asked.postcode and not asked.street:
                if of_postcode is None:
                    return Answer(outcomes.ENDERECO_NAO_ENCONTRADO)
                query = replace(of_postcode, number=asked.number)
                if not query.street or not query.number:
                    return _imprecise(query, Precision.POSTCODE if query.street else Precision.CITY)
                asked = query
            elif of_postcode:
                # The CEP's town is right, even where the flow has a fixed one.
                own = replace(asked, city=of_postcode.city, state=of_postcode.state)
                query = own.filled(of_postcode)
            match = self.match(query, tenant, deadline, asked.district)
        except ServiceUnavailable:
            return Answer(outcomes.GEOCODER_INDISPONIVEL)
        if isinstance(match, Match):
            return _place(asked, match)
        no_such_place = match.outcome is outcomes.ENDERECO_NAO_ENCONTRADO and not asked.street
        # Whether or not the map knows a district or town: its street is what is missing.
        return _imprecise(Address(), _area_of(asked)) if no_such_place else match

    def match(self, asked: Address, tenant: Tenant, deadline: Deadline, district: str = "") -> Match | Answer:
        """The best result of the geocoder, no more precise than the query. Raises ServiceUnavailable.

        `district` is the one that the customer or the CEP named, which a house must be in.
        """
        if self._geocoder is None:
            return Answer(outcomes.GEOCODER_INDISPONIVEL)
        queries = [asked.query()]
        if asked.city:  # maps and people disagree about districts: without it there may be more results
            queries.append(replace(asked, district="").query())
        for query in filter(None, dict.fromkeys(queries)):
            matches = self._geocoder.find(query, tenant.country, tenant.area, deadline)
            fitting = [_graded(asked, match, district) for match in matches if _fits(asked, match, tenant)]
            if fitting:
                return _the_best(asked, fitting, tenant)
        return Answer(outcomes.ENDERECO_NAO_ENCONTRADO)

    def with_address(self, place: Place, deadline: Deadline) -> Place:
        """The place with the address at its point, if a map knows one."""
        if place.address or self._geocoder is None:
            return place
        try:
            match = self._geocoder.address_at(place.point, deadline.at_most(REVERSE))
        except ServiceUnavailable:
            return place
        return replace(place, address=(match and match.address.in_one_line()) or None)

    def _of_postcode(self, asked: Address, deadline: Deadline) -> Address | None:
        """Raises ServiceUnavailable if only the CEP could tell the street."""
        if not asked.postcode:
            return None
        try:
            return self._postcodes.address(asked.postcode, deadline)
        except ServiceUnavailable:
            if asked.street:
                return None
            raise


def _fits(asked: Address, match: Match, tenant: Tenant) -> bool:
    """Whether a result is what was asked for: services offer something similar when they do not know it."""
    on_map = match.address
    if not tenant.country.area.holds(match.point):
        return False
    if (asked.state and on_map.state and asked.state != on_map.state) or _contradicts(asked, match):
        return False
    # Every town has a Centro; and a single name behind the street may be the town as well as the district.
    # In the Distrito Federal people write the region in place of the town.
    towns = [town for town in match.towns if asked.state == "DF" or not asked.city or town != on_map.district]
    name = asked.city or asked.district
    if name and not any(same_town(name, town, match.towns) for town in towns):
        return False
    return not (asked.street and on_map.street) or same_street(asked.street, on_map.street, match.towns)


def _graded(asked: Address, match: Match, district: str) -> Match:
    """The result as a street, unless it is the house; without a street in the query as a district or town."""
    if not asked.street:
        area = max(match.precision, _area_of(asked), key=_ORDER.index)
        return replace(match, precision=area, address=replace(match.address, street="", number=""))
    number = asked.number and match.address.number == asked.number
    # Maps and post offices differ about districts, so the same CEP is enough.
    sure = asked.postcode and (match.address.postcode == asked.postcode or not match.address.district)
    elsewhere = not sure and _is_elsewhere(district, match)
    if match.precision is Precision.ADDRESS and (not number or elsewhere):
        return replace(match, precision=Precision.STREET)
    return match


def _contradicts(asked: Address, match: Match) -> bool:
    """Whether the CEP of a result says that it is another house, or that its street is another.

    A long street has several CEPs, so for a street the district must differ too. A CEP that ends in 000 is
    often that of a whole town.
    """
    postcodes = {asked.postcode, match.address.postcode}
    if len(postcodes) == 1 or any(not code or code.endswith("000") for code in postcodes):
        return False
    return match.precision is Precision.ADDRESS or _is_elsewhere(asked.district, match)


def _is_elsewhere(district: str, match: Match) -> bool:
    return bool(district and not any(same_town(district, town, match.towns) for town in match.towns))


def _area_of(asked: Address) -> Precision:
    return Precision.DISTRICT if asked.district else Precision.CITY


def _the_best(asked: Address, matches: Sequence[Match], tenant: Tenant) -> Match | Answer:
    """The most precise of the likeliest results; if two are equally likely, an answer that asks which."""
    if tenant.area:
        matches = [match for match in matches if tenant.area.holds(match.point)] or matches
    matches = [match for match in matches if same_type(asked.street, match.address.street)] or matches
    matches = [m for m in matches if any(same_town(asked.district, town) for town in m.towns)] or matches
    first = min(matches, key=lambda match: _ORDER.index(match.precision))
    # A street without house numbers on the map is as likely meant as one that has them.
    named = [match for match in matches if bool(match.address.street) == bool(first.address.street)]
    apart = [match for match in named if distance_m(match.point, first.point) > ONE_STREET_M]
    names = list(dict.fromkeys(_region(match) for match in (first, *apart)))
    if len(names) == 1:
        return first
    places = f"{'; '.join(names[:-1])} e {names[-1]}"
    which = "Em qual deles é? Envie o endereço com o bairro e a cidade."
    return Answer(outcomes.ENDERECO_IMPRECISO, detail=f"Há esse endereço em {places}. {which}")


def _region(match: Match) -> str:
    return replace(match.address, street="", number="").in_one_line()


def _place(asked: Address, match: Match) -> Place | Answer:
    on_map = match.address
    if match.precision is Precision.ADDRESS:
        return Place(match.point, match.precision, on_map.in_one_line())
    if match.precision is Precision.STREET:
        line = replace(on_map, number="").in_one_line()
        why = f"o mapa não mostra o número {asked.number}" if asked.number else "falta o número da casa"
        missing = f"Encontrei {line}, mas {why}. {_OR_A_PIN}"
        return Place(match.point, match.precision, line, missing)
    return _imprecise(on_map, match.precision)


def _imprecise(known: Address, precision: Precision) -> Answer:
    line = known.in_one_line()
    lacks = "Falta o número" if precision is Precision.POSTCODE else "Faltam a rua e o número"
    known_part = f"Encontrei {line}. " if line else ""
    return Answer(
        outcomes.ENDERECO_IMPRECISO, Rough(precision, line), f"{known_part}{lacks} da casa. {_OR_A_PIN}"
    )
