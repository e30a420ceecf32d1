"""Nominatim and Photon: two services on OpenStreetMap's data.

Sources: nominatim.org/release-docs/latest/api/Output, github.com/komoot/photon (docs/api-v1.md).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import Nominatim, Photon

from schemas.countries import Area, Country
from webhook.location.address import Address
from webhook.location.geocoders.base import LIMIT, Service, address, corners, named, precision
from webhook.location.place import Precision

_CITY = ("city", "town", "village", "municipality")
_DISTRICT = ("suburb", "neighbourhood", "quarter")
_STATE = ("ISO3166-2-lvl4", "state")
_TOWNS = (*_CITY, "hamlet", "city_district", *_DISTRICT)
_DISTRICTS = {*_DISTRICT, "city_district", "district", "borough", "hamlet", "locality"}


def _search_nominatim(country: Country, area: Area | None) -> Mapping[str, Any]:
    biased = {"viewbox": corners(area)} if area else {}
    return {"limit": LIMIT, "addressdetails": True, "country_codes": country.alpha2 or None, **biased}


def _read_nominatim(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts, kind = raw["address"], raw["type"]
    found = address(parts, ["road"], ["house_number"], _DISTRICT, _CITY, _STATE, ["postcode"])
    is_district = raw.get("addresstype", kind) in _DISTRICTS
    level = precision(found, is_postcode=kind == "postcode", is_district=is_district)
    return level, found, named(parts, _TOWNS)


NOMINATIM = Service("nominatim", Nominatim, _search_nominatim, "language", _read_nominatim)


def _search_photon(country: Country, area: Area | None) -> Mapping[str, Any]:
    return {"limit": LIMIT, "bbox": corners(area or country.area)}


def _read_photon(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["properties"]
    kind = parts["type"]
    if kind == "street":  # it is its own name
        parts = parts | {"street": parts.get("name", "")}
    found = address(parts, ["street"], ["housenumber"], ["district"], ["city"], ["state"], ["postcode"])
    is_postcode = parts["osm_value"] == "postcode"
    level = precision(found, is_postcode=is_postcode, is_district=kind in _DISTRICTS)
    return level, found, named(parts, ("city", "district", "locality", "county", "name"))


# Photon speaks no Portuguese: names come as they stand on the map.
PHOTON = Service("photon", Photon, _search_photon, "", _read_photon)
