"""`/nominatim` and `/viacep`: a geocoder and a CEP service for the sample neighbourhood.

Shapes as in Nominatim's documentation (format=json, addressdetails=1) and ViaCEP's. As with Nominatim, a
search finds only what has all of its words.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.network.addresses import TOWN_POSTCODE, Street, streets
from schemas.point import Point, distance_m

Answer = tuple[Response, int]

COMMON = {
    "rua",
    "avenida",
    "servidao",
    "estrada",
    "caminho",
    "acesso",
    "alameda",
    "de",
    "da",
    "do",
    "das",
    "dos",
}
AROUND = {"santa", "catarina", "sc", "brasil", "brazil"}
STEP = 20  # metres
NEAR_M = 60.0
"""How far from a street a place still has its address."""


def services() -> Blueprint:
    """Their routes."""
    routes = Blueprint("addresses", __name__)
    known = streets()

    @routes.get("/nominatim/search")
    def search() -> Answer:
        found = list(_search(known, _words(request.args.get("q", ""))))
        return jsonify(found[: request.args.get("limit", 10, int)]), 200

    @routes.get("/nominatim/reverse")
    def reverse() -> Answer:
        point = Point(request.args.get("lat", 0.0, float), request.args.get("lon", 0.0, float))
        street, number = _nearest(known, point)
        if distance_m(point, street.at(number)) > NEAR_M:
            return jsonify(error="Unable to geocode"), 200
        return jsonify(_house(street, number) if street.numbered else _street(street)), 200

    @routes.get("/viacep/<postcode>/json/")
    def postcode(postcode: str) -> Answer:
        if not re.fullmatch("[0-9]{8}", postcode):
            return Response("<h3>Http 400</h3>", content_type="text/html"), 400
        if postcode == TOWN_POSTCODE:
            return jsonify(_postcode(postcode, "", "", "Governador Celso Ramos")), 200
        for street in known:
            if street.postcode == postcode:
                return jsonify(_postcode(postcode, street.name, street.district, street.city)), 200
        return jsonify(erro="true"), 200

    return routes


def _search(known: Iterable[Street], words: list[str]) -> Iterable[dict[str, Any]]:
    for street in known:
        name, around = _words(street.name), {*_words(f"{street.district} {street.city}"), *AROUND}
        telling = {*name} - COMMON
        numbers = [word for word in words if word[0].isdigit() and word not in name]
        rest = [word for word in words if word not in COMMON and word not in numbers]
        if telling & {*rest} and {*rest} <= {*name} | around:
            number = int(numbers[0]) if len(numbers) == 1 and numbers[0].isdigit() else 0
            house = street.numbered and 0 < number <= street.length
            yield _house(street, number) if house else _street(street)
    for district, city in {(street.district, street.city): None for street in known}:
        if words and {*words} <= {*_words(f"{district} {city}"), *AROUND}:
            yield _area(known, district if {*_words(district)} & {*words} else "", city)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"[0-9a-z]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _nearest(known: Iterable[Street], point: Point) -> tuple[Street, int]:
    """The street, roughly, and then its house."""
    rough = min(
        (distance_m(point, street.at(n)), n, street.name, street)
        for street in known
        for n in range(STEP, int(street.length), STEP)
    )
    _, about, _, street = rough
    houses = range(max(about - STEP, 2), min(about + STEP, int(street.length)), 2)
    return street, min(houses, key=lambda n: distance_m(point, street.at(n)))


def _house(street: Street, number: int) -> dict[str, Any]:
    return _place(street, street.at(number), "place", "house", house_number=str(number), road=street.name)


def _street(street: Street) -> dict[str, Any]:
    return _place(street, street.at(street.length / 2), "highway", "residential", road=street.name)


def _area(known: Iterable[Street], district: str, city: str) -> dict[str, Any]:
    inside = next(street for street in known if street.city == city)
    kind = ("place", "suburb") if district else ("boundary", "administrative")
    shown = _place(inside, inside.at(0), *kind)
    if not district:
        del shown["address"]["suburb"]
    return shown


def _place(street: Street, point: Point, kind: str, of_kind: str, **parts: str) -> dict[str, Any]:
    address = {
        **parts,
        "suburb": street.district,
        "city": street.city,
        "municipality": "Região Geográfica Imediata de Florianópolis",
        "state": "Santa Catarina",
        "ISO3166-2-lvl4": "BR-SC",
        "postcode": f"{street.postcode[:5]}-{street.postcode[5:]}",
        "country": "Brasil",
        "country_code": "br",
    }
    if "road" not in parts:
        del address["postcode"]
    return {
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "lat": f"{point.lat:.7f}",
        "lon": f"{point.lng:.7f}",
        "class": kind,
        "type": of_kind,
        "addresstype": "city" if kind == "boundary" else of_kind,
        "display_name": ", ".join(address.values()),
        "address": address,
    }


def _postcode(postcode: str, street: str, district: str, city: str) -> dict[str, str]:
    return {
        "cep": f"{postcode[:5]}-{postcode[5:]}",
        "logradouro": street,
        "complemento": "",
        "unidade": "",
        "bairro": district,
        "localidade": city,
        "uf": "SC",
        "estado": "Santa Catarina",
        "regiao": "Sul",
        "ddd": "48",
    }
