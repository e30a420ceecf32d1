"""Google's Geocoding API. Source: developers.google.com/maps/documentation/geocoding/requests-geocoding."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from geopy.geocoders import GoogleV3

from schemas.countries import Area, Country
from webhook.location.address import Address
from webhook.location.geocoders.base import Service, address, corners, named, precision
from webhook.location.place import Precision

_DISTRICTS = ("sublocality_level_1", "sublocality", "neighborhood")
_STATE = ("administrative_area_level_1",)
_CITIES = ("administrative_area_level_2", "locality")


def _search(country: Country, area: Area | None) -> Mapping[str, Any]:
    components = {"country": country.alpha2.upper()} if country.alpha2 else None
    return {"components": components, "bounds": corners(area) if area else None}


def _read(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = {kind: part["long_name"] for part in raw["address_components"] for kind in part["types"]}
    found = address(parts, ["route"], ["street_number"], _DISTRICTS, _CITIES, _STATE, ["postal_code"])
    # RANGE_INTERPOLATED is a guess between two corners, not the house.
    is_house = raw["geometry"]["location_type"] == "ROOFTOP"
    is_district = any(kind in _DISTRICTS for kind in raw["types"])
    known = found if is_house else replace(found, number="")
    level = precision(known, is_postcode="postal_code" in raw["types"], is_district=is_district)
    return level, found, named(parts, (*_CITIES, *_DISTRICTS))


GOOGLE = Service("google", GoogleV3, _search, "language", _read, key_name="api_key")
