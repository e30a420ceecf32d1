"""HERE Geocoding & Search API v7. Source: developer.here.com, Geocoding and Search API v7, /geocode."""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import HereV7

from schemas.countries import Area, Country
from webhook.location.address import Address, house_number
from webhook.location.geocoders.base import LIMIT, Service
from webhook.location.place import Precision
from webhook.location.words import state_of


class _Here(HereV7):  # type: ignore[misc]
    """HERE has a host for each call; behind an address of the operator's own they are two paths."""

    def __init__(self, *args: Any, domain: str | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if domain:
            self.api = f"{self.scheme}://{domain}/geocode"
            self.reverse_api = f"{self.scheme}://{domain}/revgeocode"


def _search(country: Country, area: Area | None) -> Mapping[str, Any]:
    middle = area and (round((area.south + area.north) / 2, 4), round((area.west + area.east) / 2, 4))
    return {"limit": LIMIT, "at": middle, "countries": [country.alpha3] if country.alpha3 else None}


def _read(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["address"]
    found = Address(
        street=parts.get("street", ""),
        number=house_number(parts.get("houseNumber", "")),
        district=parts.get("district", ""),
        city=parts.get("city", ""),
        state=state_of(parts.get("stateCode", "")) or state_of(parts.get("state", "")),
        postcode=parts.get("postalCode", ""),
    )
    names = [parts[name] for name in ("city", "county", "district", "subdistrict") if name in parts]
    return _precision(raw, found), found, names


def _precision(raw: Mapping[str, Any], found: Address) -> Precision:
    kind = raw["resultType"]
    # An interpolated number is a guess between two corners, not the house.
    if kind == "houseNumber" and raw.get("houseNumberType") != "interpolated":
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    if kind == "postalCodePoint" or raw.get("localityType") == "postalCode":
        return Precision.POSTCODE
    return Precision.DISTRICT if raw.get("localityType") in {"district", "subdistrict"} else Precision.CITY


HERE = Service("here", _Here, _search, "language", _read, key_name="apikey")
