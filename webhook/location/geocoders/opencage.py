"""OpenCage Geocoding API. Source: opencagedata.com/api."""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import OpenCage

from schemas.countries import Area, Country
from webhook.location.address import Address, house_number
from webhook.location.geocoders.base import Service, corners
from webhook.location.place import Precision
from webhook.location.words import state_of

_DISTRICTS = ("suburb", "neighbourhood", "quarter", "city_district")
_CITIES = ("city", "town", "village", "municipality")


def _search(country: Country, area: Area | None) -> Mapping[str, Any]:
    # Annotations are kilobytes about time zones and currencies.
    return {
        "annotations": False,
        "country": country.alpha2 or None,
        "bounds": corners(area) if area else None,
    }


def _read(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["components"]
    found = Address(
        street=parts.get("road", ""),
        number=house_number(parts.get("house_number", "")),
        district=next((parts[name] for name in _DISTRICTS if name in parts), ""),
        city=next((parts[name] for name in _CITIES if name in parts), ""),
        state=state_of(parts.get("state_code", "")) or state_of(parts.get("state", "")),
        postcode=parts.get("postcode", ""),
    )
    names = [parts[name] for name in (*_CITIES, *_DISTRICTS) if name in parts]
    return _precision(parts["_type"], found), found, names


def _precision(kind: str, found: Address) -> Precision:
    if found.number:
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    if kind == "postcode":
        return Precision.POSTCODE
    return Precision.DISTRICT if kind in {*_DISTRICTS} else Precision.CITY


OPENCAGE = Service("opencage", OpenCage, _search, "language", _read, key_name="api_key")
