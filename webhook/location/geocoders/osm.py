"""Nominatim and Photon: two services on OpenStreetMap's data.

Sources: nominatim.org/release-docs/latest/api/Output, github.com/komoot/photon (docs/api-v1.md).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import Nominatim, Photon

from schemas.countries import Area, Country
from webhook.location.address import Address, house_number
from webhook.location.geocoders.base import LIMIT, Service, corners, first, postcode
from webhook.location.place import Precision
from webhook.location.words import state_of

_CITY = ("city", "town", "village", "municipality")
_DISTRICT = ("suburb", "neighbourhood", "quarter")
_TOWNS = (*_CITY, "hamlet", "city_district", *_DISTRICT)
_DISTRICTS = {*_DISTRICT, "city_district", "district", "borough", "hamlet", "locality"}


def _search_nominatim(country: Country, area: Area | None) -> Mapping[str, Any]:
    biased = {"viewbox": corners(area)} if area else {}
    return {"limit": LIMIT, "addressdetails": True, "country_codes": country.alpha2 or None, **biased}


def _read_nominatim(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["address"]
    names = [parts[name] for name in _TOWNS if name in parts]
    state = state_of(parts.get("ISO3166-2-lvl4", "").removeprefix("BR-")) or state_of(parts.get("state", ""))
    found = Address(
        street=parts.get("road", ""),
        number=house_number(parts.get("house_number", "")),
        district=first(parts, _DISTRICT),
        city=first(parts, _CITY),
        state=state,
        postcode=postcode(parts.get("postcode", "")),
    )
    return _precision(raw["type"], raw.get("addresstype", raw["type"]), found), found, names


def _precision(kind: str, place: str, found: Address) -> Precision:
    if found.number:
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    if kind == "postcode":
        return Precision.POSTCODE
    return Precision.DISTRICT if place in _DISTRICTS else Precision.CITY


NOMINATIM = Service("nominatim", Nominatim, _search_nominatim, "language", _read_nominatim)


def _search_photon(country: Country, area: Area | None) -> Mapping[str, Any]:
    return {"limit": LIMIT, "bbox": corners(area or country.area)}


def _read_photon(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["properties"]
    kind = parts["type"]
    # A street is its own name.
    street = parts.get("name", "") if kind == "street" else parts.get("street", "")
    found = Address(
        street=street,
        number=house_number(parts.get("housenumber", "")),
        district=parts.get("district", ""),
        city=parts.get("city", ""),
        state=state_of(parts.get("state", "")),
        postcode=postcode(parts.get("postcode", "")),
    )
    names = [parts[name] for name in ("city", "district", "locality", "county", "name") if name in parts]
    return _precision(parts["osm_value"], kind, found), found, names


# Photon speaks no Portuguese: names come as they stand on the map.
PHOTON = Service("photon", Photon, _search_photon, "", _read_photon)
