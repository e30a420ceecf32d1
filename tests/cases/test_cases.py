"""Plays each case of faults.toml over HTTP: the service as gunicorn runs it, and the sandbox behind it.

A case sends `request` (`encoding`: json or form) or the text `raw` with its `content_type` to
`/<platform>/<action>`, and then `then` from another customer. Every reply must be as one of `expect` says.
`map` is for maps.py, `source` names a public report of such a form. Within one `expect`:

codes               the reply's `codigo` is one of them
point, metres       the reply's place is within so many metres
away_from, away_metres  it is farther away, or there is none
precision_not       `precisao` is none of them
house_not           not the house with this number
viavel              the reply's `viavel`
stored_phone        the telephone of the prospect that OZmap got
tags                `tags_aplicadas`, in any order
asks_ozmap          some request to OZmap has this text
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from sandbox import Sandbox
from schemas.countries import Area
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from tests.cases.maps import map_app
from tests.conftest import KEYS, STYLES
from webhook import create_app
from webhook.settings import Settings

CASES = tomllib.loads((Path(__file__).parent / "faults.toml").read_text())["case"]
AREA = Area(south=-27.612, west=-48.538, north=-27.594, east=-48.508)

Reply = dict[str, Any]
Expectation = Mapping[str, Any]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The URL of an application that a real server answers for."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve_case(own_sandbox: Sandbox, sqlite_url: str) -> Iterator[Callable[[Mapping[str, Any]], str]]:
    """Starts the service with the maps of a case, and gives its URL."""
    tenant = Tenant("isp", own_sandbox.url, own_sandbox.token, KEYS, area=AREA)
    with ExitStack() as servers:

        def serve(maps: Mapping[str, Any]) -> str:
            url = servers.enter_context(served(map_app(own_sandbox.url, maps)))
            settings = Settings(
                tenants=(tenant,),
                styles=STYLES,
                database_url=sqlite_url,
                geocoder_url=f"{url}/nominatim",
                cep_url=f"{url}/viacep",
            )
            return servers.enter_context(served(create_app(settings)))

        yield serve


def send(url: str, case: Mapping[str, Any], values: Mapping[str, Any]) -> Reply:
    headers = {"X-Webhook-Key": KEYS[case["platform"]][0]}
    if case["encoding"] == "raw":
        headers["Content-Type"] = case["content_type"]
        body: dict[str, Any] = {"data": case["raw"].encode()}
    else:
        body = {"json" if case["encoding"] == "json" else "data": values}
    answer = requests.post(f"{url}/{case['platform']}/{case['action']}", headers=headers, timeout=20, **body)
    assert answer.status_code == 200, answer.text
    reply: Reply = answer.json()
    return reply


def metres_from(reply: Reply, point: list[float]) -> float | None:
    """How far from it the reply's place is, None if the reply has none."""
    if reply.get("latitude") in {None, ""}:
        return None
    return distance_m(Point(float(reply["latitude"]), float(reply["longitude"])), Point(*point))


def asked_ozmap(sandbox: Sandbox) -> list[str]:
    outside = ("/nominatim/", "/viacep/", "/huggy/")
    asked = [astuple(one) for one in list(sandbox.requests) if not one.path.startswith(outside)]
    return [str(call) for call in asked]


def mistakes(wanted: Expectation, reply: Reply, sandbox: Sandbox) -> list[str]:
    """The keys of an expectation that do not hold."""
    prospects = list(sandbox.store["prospects"].values())
    near = metres_from(reply, wanted["point"]) if "point" in wanted else None
    away = metres_from(reply, wanted["away_from"]) if "away_from" in wanted else None
    house = reply.get("precisao") == "endereco" and re.findall("[0-9]+", reply.get("endereco") or "")
    holds: dict[str, Callable[[Any], bool]] = {
        "codes": lambda codes: reply["codigo"] in codes,
        "point": lambda _: near is not None and near <= wanted["metres"],
        "away_from": lambda _: away is None or away > wanted["away_metres"],
        "precision_not": lambda words: reply.get("precisao") not in words,
        "house_not": lambda number: number not in (house or []),
        "viavel": lambda viable: reply["viavel"] == viable,
        "stored_phone": lambda phone: bool(prospects) and prospects[-1]["phone"] == phone,
        "tags": lambda tags: sorted(reply["tags_aplicadas"].split(", ")) == sorted(tags),
        "asks_ozmap": lambda text: any(text in call for call in asked_ozmap(sandbox)),
    }
    with_another = {"metres", "away_metres"}
    return [key for key, value in wanted.items() if key not in with_another and not holds[key](value)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['id']}")
def test_case(case: Mapping[str, Any], serve_case: Callable[..., str], own_sandbox: Sandbox) -> None:
    url = serve_case(case.get("map", {}))
    for values in [case.get("request", {})] + [case[key] for key in ("then",) if key in case]:
        reply = send(url, case, values)
        wrong = [mistakes(wanted, reply, own_sandbox) for wanted in case["expect"]]
        assert not all(wrong), f"{case['why']}\n{wrong}\n{reply}"
