"""From an address to a place on the map: by CEP and geocoder, and no more precise than they say."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.point import distance_m
from schemas.tenants import Tenant
from webhook.location.address import Address
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders.base import Match
from webhook.location.outside import ServiceUnavailable
from webhook.location.place import Place, Precision, Rough
from webhook.location.words import same_street, same_town, same_type
from webhook.net.deadline import Deadline
from webhook.outcomes import (
    ENDERECO_IMPRECISO,
    ENDERECO_NAO_ENCONTRADO,
    GEOCODER_INDISPONIVEL,
    Answer,
)

ONE_STREET_M = 1000.0
"""Results of one name farther apart are two streets, or a street too long to be a place."""

REVERSE = 1.5
"""Seconds that the address of a point is waited for: the place is known without it."""

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
            question = asked
            if asked.postcode and not asked.street:
                if of_postcode is None:
                    return Answer(ENDERECO_NAO_ENCONTRADO)
                question = replace(of_postcode, number=asked.number)
                if not question.street or not question.number:
                    return _imprecise(question, Precision.POSTCODE if question.street else Precision.CITY)
                asked = replace(asked, district="")
            elif of_postcode:
                # A CEP knows its town better than whoever fixed one in a flow.
                own = replace(asked, city=of_postcode.city, state=of_postcode.state)
                question = own.filled(of_postcode)
            found = self.match(question, tenant, deadline, asked.district)
        except ServiceUnavailable:
            return Answer(GEOCODER_INDISPONIVEL)
        return found if isinstance(found, Answer) else _place(asked, found)

    def match(self, asked: Address, tenant: Tenant, deadline: Deadline, district: str = "") -> Match | Answer:
        """What the geocoder finds, graded by what was asked. Raises ServiceUnavailable.

        `district` is the one that the customer named, and not a CEP: maps and post offices differ there.
        """
        if self._geocoder is None:
            return Answer(GEOCODER_INDISPONIVEL)
        questions = [asked]
        if asked.city:  # maps and people disagree about districts: without it there may be more
            questions.append(replace(asked, district=""))
        for question in dict.fromkeys(questions):
            if query := question.query():
                matches = self._geocoder.find(query, tenant.country, tenant.area, deadline)
                fitting = [
                    _graded(asked, match, district) for match in matches if _fits(asked, match, tenant)
                ]
                if fitting:
                    return _the_best(asked, fitting, tenant)
        return Answer(ENDERECO_NAO_ENCONTRADO)

    def address_of(self, place: Place, deadline: Deadline) -> str | None:
        """Text for people, None where it is not to be had: the place is known all the same."""
        if place.address or self._geocoder is None:
            return place.address
        try:
            found = self._geocoder.address_at(place.point, deadline.at_most(REVERSE))
        except ServiceUnavailable:
            return None
        return (found and found.address.line()) or None

    def _of_postcode(self, asked: Address, deadline: Deadline) -> Address | None:
        """Raises ServiceUnavailable where nothing but the CEP tells the street."""
        if not asked.postcode:
            return None
        try:
            return self._postcodes.address(asked.postcode, deadline)
        except ServiceUnavailable:
            if asked.street:
                return None
            raise


def _fits(asked: Address, match: Match, tenant: Tenant) -> bool:
    """Whether a result is what was asked for, and not what the service offers in its place."""
    found = match.address
    if not tenant.country.area.holds(match.point):
        return False
    if asked.state and found.state and asked.state != found.state:
        return False
    # Every town has a Centro; and a single name behind the street may be the town as well as the district.
    towns = [town for town in match.towns if not asked.city or town != found.district]
    name = asked.city or asked.district
    if name and not any(same_town(name, town, match.towns) for town in towns):
        return False
    return not (asked.street and found.street) or same_street(asked.street, found.street, match.towns)


def _graded(asked: Address, match: Match, district: str) -> Match:
    """A house is only found where its number was asked for and found, in the district that was named."""
    number = asked.number and match.address.number == asked.number
    elsewhere = district and not any(same_town(district, town, match.towns) for town in match.towns)
    if match.precision is Precision.ADDRESS and (not number or elsewhere):
        return replace(match, precision=Precision.STREET)
    return match


def _the_best(asked: Address, matches: Sequence[Match], tenant: Tenant) -> Match | Answer:
    """Of the likeliest the finest; a question where another one is as likely to be meant."""
    if tenant.area:
        matches = [match for match in matches if tenant.area.holds(match.point)] or matches
    matches = [match for match in matches if same_type(asked.street, match.address.street)] or matches
    matches = [m for m in matches if any(same_town(asked.district, town) for town in m.towns)] or matches
    first = min(matches, key=lambda match: _ORDER.index(match.precision))
    # One whose map has no house numbers may be meant as well as one that has them.
    named = [match for match in matches if bool(match.address.street) == bool(first.address.street)]
    apart = [match for match in named if distance_m(match.point, first.point) > ONE_STREET_M]
    names = list(dict.fromkeys(_where(match) for match in (first, *apart)))
    if len(names) == 1:
        return first
    which = "Em qual deles é? Envie o endereço com o bairro e a cidade."
    return Answer(ENDERECO_IMPRECISO, detail=f"Há esse endereço em {_listed(names)}. {which}")


def _where(match: Match) -> str:
    return Address(district=match.address.district, city=match.address.city, state=match.address.state).line()


def _listed(names: Sequence[str]) -> str:
    return f"{'; '.join(names[:-1])} e {names[-1]}"


def _place(asked: Address, match: Match) -> Place | Answer:
    found = match.address
    if match.precision is Precision.ADDRESS:
        return Place(match.point, match.precision, found.line())
    if match.precision is Precision.STREET:
        line = replace(found, number="").line()
        why = f"o mapa não mostra o número {asked.number}" if asked.number else "falta o número da casa"
        missing = f"Encontrei {line}, mas {why}. {_OR_A_PIN}"
        return Place(match.point, match.precision, line, missing)
    return _imprecise(found, match.precision)


def _imprecise(known: Address, precision: Precision) -> Answer:
    line = known.line()
    lacks = "Falta o número" if precision is Precision.POSTCODE else "Faltam a rua e o número"
    found = f"Encontrei {line}. " if line else ""
    return Answer(ENDERECO_IMPRECISO, Rough(precision, line), f"{found}{lacks} da casa. {_OR_A_PIN}")
