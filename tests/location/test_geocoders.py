"""Each service's answers, read to what they are: a house only where the service vouches for it."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from schemas.countries import COUNTRIES, Area
from schemas.point import Point
from tests.raw_server import ok, read_request
from webhook.__version__ import __version__
from webhook.location.address import Address
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.outside import ServiceUnavailable
from webhook.net.deadline import Deadline

ANSWERS = Path(__file__).parents[1] / "fixtures" / "geocoders"
AREA = Area(-27.85, -48.61, -27.37, -48.35)

PRECISION = {
    "house": "endereco",
    "interpolated": "rua",
    "street": "rua",
    "postcode": "cep",
    "district": "bairro",
    "city": "cidade",
}
READ = [path.stem for path in sorted(ANSWERS.glob("*.json")) if path.stem.split("__")[1] in PRECISION]


@pytest.fixture
def ask(serve):
    """Asks a service that answers with these bytes; gives what it found and the request that it got."""

    def ask(name, answer: bytes):
        heads = []

        def handle(connection, _):
            heads.append(read_request(connection).decode())
            connection.sendall(answer)

        key = "the-key" if SERVICES[name].key_name else None
        service = Geocoder(SERVICES[name], f"{serve(handle).url}/maps", key, "noc@isp.example")
        found = service.find("Rua Dona Marina, 450, Trindade", COUNTRIES["br"], AREA, Deadline(5))
        return found, heads[0]

    return ask


def recorded(case: str) -> bytes:
    return ok((ANSWERS / f"{case}.json").read_bytes())


@pytest.mark.parametrize("case", READ)
def test_what_was_found(ask, case):
    name, condition = case.split("__")
    [match], head = ask(name, recorded(case))
    assert match.point == Point(-27.5990129, -48.5204417)
    assert match.precision == PRECISION[condition]
    assert (match.address.state, "Florianópolis" in match.towns) == ("SC", True)
    assert match.address.district == ("" if condition in {"city", "postcode"} else match.address.district)
    if condition in {"house", "street", "interpolated"}:
        number = "" if condition == "street" else "450"
        assert match.address == Address(
            "Rua Dona Marina", number, "Trindade", "Florianópolis", "SC", match.address.postcode
        )
    assert head.startswith("GET /maps/")
    assert f"User-Agent: ozmap-chatbot-webhook/{__version__} (noc@isp.example)\r\n" in head


BIAS = {
    "nominatim": {"countrycodes": "br", "viewbox": "-48.61,-27.85,-48.35,-27.37", "limit": "5"},
    "photon": {"bbox": "-48.61,-27.85,-48.35,-27.37", "limit": "5"},
    "google": {"components": "country:BR", "bounds": "-27.85,-48.61|-27.37,-48.35", "language": "pt-BR"},
}


@pytest.mark.parametrize("name", SERVICES)
def test_the_question_is_biased_and_one_value(ask, name):
    _, head = ask(name, recorded(f"{name}__street"))
    sent = dict(parse_qsl(urlsplit(head.split()[1]).query))
    assert BIAS[name].items() <= sent.items()
    asked = sent.get("q") or sent.get("address")
    assert asked == "Rua Dona Marina, 450, Trindade"


BROKEN = [
    ok(b"<html>busy</html>"),
    ok(b"["),
    ok(b"[" * 100_000),
    ok(b"[]"),
    ok(b"[7]"),
    ok(b'{"results": 7}'),
    ok(b'{"features": [{"properties": {}}]}'),
    ok(b'[{"lat": "x", "lon": "y", "address": {}}]'),
    ok(b'[{"lat": 1, "lon": 2, "type": "house", "address": {"road": ["a"], "house_number": 7}}]'),
    ok(b'[{"lat": null, "lon": null, "type": "house", "address": {"road": "a"}}]'),
    ok(b"x" * 2_000_000),
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    b"no HTTP\r\n\r\n",
]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("answer", BROKEN, ids=lambda answer: repr(answer[-30:]))
def test_an_answer_that_cannot_be_read_is_trouble_and_no_defect(ask, name, answer):
    try:
        found, _ = ask(name, answer)
    except ServiceUnavailable:
        return
    assert found == []


def test_google_says_no_with_status_200(ask):
    assert ask("google", recorded("google__none"))[0] == []
    with pytest.raises(ServiceUnavailable):
        ask("google", recorded("google__refused"))
