"""Google's Geocoding API. Source: developers.google.com/maps/documentation/geocoding/requests-geocoding."""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import GoogleV3

from schemas.countries import Area, Country
from webhook.location.address import Address, house_number
from webhook.location.geocoders.base import Service, corners, first, postcode
from webhook.location.place import Precision
from webhook.location.words import state_of

_DISTRICTS = ("sublocality_level_1", "sublocality", "neighborhood")
_CITIES = ("administrative_area_level_2", "locality")


def _search(country: Country, area: Area | None) -> Mapping[str, Any]:
    components = {"country": country.alpha2.upper()} if country.alpha2 else None
    return {"components": components, "bounds": corners(area) if area else None}


def _read(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = {kind: part["long_name"] for part in raw["address_components"] for kind in part["types"]}
    names = [parts[name] for name in (*_CITIES, *_DISTRICTS) if name in parts]
    found = Address(
        street=parts.get("route", ""),
        number=house_number(parts.get("street_number", "")),
        district=first(parts, _DISTRICTS),
        city=first(parts, _CITIES),
        state=state_of(parts.get("administrative_area_level_1", "")),
        postcode=postcode(parts.get("postal_code", "")),
    )
    return _precision(set(raw["types"]), raw["geometry"]["location_type"], found), found, names


def _precision(kinds: set[str], where: str, found: Address) -> Precision:
    # RANGE_INTERPOLATED is a guess between two corners, not the house.
    if found.number and where == "ROOFTOP":
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    if "postal_code" in kinds:
        return Precision.POSTCODE
    return Precision.DISTRICT if kinds & {*_DISTRICTS} else Precision.CITY


GOOGLE = Service("google", GoogleV3, _search, "language", _read, key_name="api_key")
