"""A geocoder and a CEP service that answer as a case says, and otherwise as the sandbox does."""

import re
from collections.abc import Mapping
from typing import Any

import requests
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import PLACES

POINT = PLACES["viable"].point


def map_app(sandbox_url: str, case: Mapping[str, Any]) -> Flask:
    """Nominatim's and ViaCEP's routes. `case` is the table `map` of a case."""
    app = Flask("maps", static_folder=None)

    def from_sandbox() -> ResponseReturnValue:
        url = f"{sandbox_url}{request.full_path}"
        answer = requests.get(url, timeout=10)
        return Response(answer.content, answer.status_code, content_type=answer.headers["Content-Type"])

    @app.get("/nominatim/search")
    def search() -> ResponseReturnValue:
        if "search" in case:
            return jsonify(case["search"])
        return jsonify([confirmed(request.args["q"])]) if case.get("yes") else from_sandbox()

    @app.get("/nominatim/reverse")
    def reverse() -> ResponseReturnValue:
        return from_sandbox()

    @app.get("/viacep/<postcode>/json/")
    def postcode(postcode: str) -> ResponseReturnValue:
        known = case.get("cep", {})
        return jsonify(known[postcode]) if postcode in known else from_sandbox()

    return app


def confirmed(question: str) -> dict[str, Any]:
    """What is asked for, in Nominatim's format: a house where a number follows the first comma."""
    road, *rest = (part.strip() for part in question.split(","))
    address = {"road": road, "country": "Brasil", "country_code": "br"}
    kind = "highway", "residential"
    if rest and re.match("[0-9]", rest[0]):
        address["house_number"] = rest.pop(0)
        kind = "place", "house"
    if rest and re.fullmatch("[A-Z]{2}", rest[-1]):
        address["ISO3166-2-lvl4"] = f"BR-{rest.pop()}"
    for name in ("city", "suburb"):
        if rest:
            address[name] = rest.pop()
    return {
        "lat": str(POINT.lat),
        "lon": str(POINT.lng),
        "class": kind[0],
        "type": kind[1],
        "addresstype": kind[0],
        "importance": 0.4,
        "display_name": question,
        "address": address,
    }
