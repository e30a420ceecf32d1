"""Azure Maps Search API v1. Source: learn.microsoft.com/rest/api/maps/search/get-search-address."""

from collections.abc import Iterable, Mapping
from typing import Any

from geopy.geocoders import AzureMaps

from schemas.countries import Area, Country
from webhook.location.address import Address, house_number
from webhook.location.geocoders.base import LIMIT, Service
from webhook.location.place import Precision
from webhook.location.words import state_of


def _search(_: Country, __: Area | None) -> Mapping[str, Any]:
    # geopy hands it no country and no area: what lies elsewhere is left out afterwards.
    return {"limit": LIMIT}


def _read(raw: Mapping[str, Any]) -> tuple[Precision, Address, Iterable[str]]:
    parts = raw["address"]
    found = Address(
        street=parts.get("streetName", ""),
        number=house_number(parts.get("streetNumber", "")),
        district=parts.get("municipalitySubdivision", "").partition(",")[0],
        city=parts.get("municipality", ""),
        state=state_of(parts.get("countrySubdivision", "")),
        postcode=parts.get("postalCode", ""),
    )
    names = [
        parts[name] for name in ("municipality", "municipalitySubdivision", "localName") if name in parts
    ]
    return _precision(raw, found), found, names


def _precision(raw: Mapping[str, Any], found: Address) -> Precision:
    # "Address Range" is a guess between two corners, not the house.
    if raw.get("type") == "Point Address":
        return Precision.ADDRESS
    if found.street:
        return Precision.STREET
    kind = raw.get("entityType", "")
    if kind == "PostalCodeArea":
        return Precision.POSTCODE
    return Precision.DISTRICT if kind in {"MunicipalitySubdivision", "Neighbourhood"} else Precision.CITY


AZURE = Service("azure", AzureMaps, _search, "language", _read, key_name="subscription_key")
