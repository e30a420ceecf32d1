"""What a low-code HTTP block can send, and what it should not."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import PLACES
from schemas.countries import COUNTRIES
from schemas.fields import number
from webhook.location.outside import ServiceUnavailable
from webhook.location.short_links import ShortLinks

POINT = PLACES["viable"].point
KEY = {"X-Webhook-Key": "fivehub-key-1"}
PAIR = {"latitude": POINT.lat, "longitude": POINT.lng}
NOT_UTF8 = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n'
NAMELESS = b'--b\r\nContent-Disposition: form-data; name="a\\"\r\n\r\n1\r\n--b--\r\n'
MANY_PARTS = b"".join(NOT_UTF8.removesuffix(b"--b--\r\n") for _ in range(101)) + b"--b--\r\n"
LOCATION = f"{POINT.lat}, {POINT.lng}"


def post(client: FlaskClient, **options) -> dict:
    answer = client.post("/fivehub/viabilidade", headers=KEY, **options)
    assert answer.status_code == 200
    return answer.get_json()


@pytest.mark.parametrize(
    "request_",
    [
        {"json": PAIR},
        {"json": {key: str(value) for key, value in PAIR.items()}},
        {"json": {"lat": POINT.lat, "lng": POINT.lng}},
        {"json": {"localizacao": LOCATION}},
        {"json": {"localizacao": LOCATION, "latitude": "{lat}", "longitude": "{{ lng }}"}},
        {"json": PAIR | {"unknown": [{"deep": None}]}},
        {"data": PAIR},
        {"data": PAIR, "content_type": "multipart/form-data"},
        {"data": NAMELESS, "content_type": "multipart/form-data; boundary=b", "query_string": PAIR},
        {"query_string": PAIR},
        {"query_string": {"localizacao": "0, 0"}, "json": {"localizacao": LOCATION}},
        {"query_string": {"longitude": POINT.lng}, "json": {"latitude": POINT.lat}},
        {"data": json.dumps(PAIR), "content_type": "text/plain"},
        {"data": json.dumps(PAIR), "content_type": "application/x-www-form-urlencoded"},
        {"data": b"\xef\xbb\xbf" + json.dumps(PAIR).encode(), "content_type": "application/json"},
        {"data": "\n " + json.dumps(PAIR)},
        {"data": json.dumps(PAIR | {"nome": "Maria\nda Silva"}).replace("\\n", "\n")},
        {"data": urlencode(PAIR)},
        {"data": urlencode(PAIR), "content_type": "text/plain"},
        {"data": urlencode(PAIR), "content_type": "application/json"},
        {"query_string": {"localizacao": LOCATION}, "json": {"localizacao": "", "latitude": None}},
        {"query_string": {"localizacao": LOCATION}, "data": {"localizacao": "{localizacao}"}},
    ],
)
def test_every_way_of_sending_is_read(client, request_):
    reply = post(client, **request_)
    assert (reply["codigo"], reply["caixa_nome"]) == ("viavel", "CTO 04-04")


def test_a_get_reads_the_query(client):
    reply = client.get("/fivehub/viabilidade", headers=KEY, query_string={"localizacao": LOCATION}).get_json()
    assert reply["codigo"] == "viavel"


def test_latitude_and_longitude_may_be_anything_that_a_text_may(client):
    fields = {"latitude": "27°35'55.356\"S", "longitude": "48°31'10.038\"O"}
    assert post(client, data=fields)["caixa_nome"] == "CTO 04-04"
    turned = {"latitude": PAIR["longitude"], "longitude": PAIR["latitude"]}
    assert post(client, json=turned)["latitude"] == POINT.lat


@pytest.mark.parametrize(
    "location",
    [
        {"location": {"latitude": POINT.lat, "longitude": POINT.lng, "name": "Casa"}},
        [POINT.lng, POINT.lat],
        f"tô aqui https://www.google.com/maps?q={POINT.lat},{POINT.lng} vem!",
        json.dumps({"latitude": POINT.lat, "longitude": POINT.lng}),
    ],
)
def test_a_location_may_be_a_pin_a_link_or_json(client, location):
    reply = post(client, json={"localizacao": location})
    assert (reply["codigo"], reply["precisao"], reply["latitude"]) == ("viavel", "exata", POINT.lat)


def test_a_short_link_is_followed_and_its_trouble_is_told(client, monkeypatch):
    def lead(*targets):
        monkeypatch.setattr(ShortLinks, "follow", lambda *_: list(targets))

    sent = {"localizacao": "https://maps.app.goo.gl/AbC123"}
    lead("https://www.google.com/consent", f"https://www.google.com/maps?q={LOCATION.replace(' ', '')}")
    assert post(client, json=sent)["caixa_nome"] == "CTO 04-04"
    lead("https://www.google.com/maps?q=Casa")
    assert post(client, json=sent)["codigo"] == "localizacao_nao_entendida"

    def unavailable(*_):
        raise ServiceUnavailable

    monkeypatch.setattr(ShortLinks, "follow", unavailable)
    reply = post(client, json=sent)
    assert (reply["codigo"], reply["viavel"]) == ("geocoder_indisponivel", None)


def test_a_place_in_another_country_is_asked_for_again(make_app, tenant):
    abroad = {"localizacao": "41.872520, -87.624899"}
    assert post(make_app().test_client(), json=abroad)["codigo"] == "localizacao_nao_entendida"
    anywhere = make_app(replace(tenant, country=COUNTRIES["mundo"])).test_client()
    assert post(anywhere, json=abroad)["codigo"] == "sem_viabilidade"


def test_a_text_too_long_to_be_a_message_is_not_read(client):
    for filler, code in ((100, "viavel"), (4096, "localizacao_nao_entendida")):
        assert post(client, json={"localizacao": "x " * (filler // 2) + LOCATION})["codigo"] == code


def test_decimal_commas(client):
    comma = {key: str(value).replace(".", ",") for key, value in PAIR.items()}
    assert post(client, data=comma)["codigo"] == "viavel"
    assert post(client, json={"localizacao": " ".join(comma.values())})["codigo"] == "viavel"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"localizacao": ""},
        {"localizacao": "  "},
        {"localizacao": None},
        {"localizacao": "{localizacao}"},
        {"localizacao": "{{localizacao}}"},
        {"localizacao": "{lat}, {lng}"},
        {"localizacao": "{{ lat|default }},${lng}"},
        {"localizacao": "{lat:0}"},
        {"latitude": "{lat}", "longitude": "{lng}"},
        {"latitude": "", "longitude": ""},
    ],
)
def test_placeholders_and_empty_values_are_missing(client, values):
    assert post(client, json=values)["codigo"] == "localizacao_ausente"
    assert post(client, data=values)["codigo"] == "localizacao_ausente"


@pytest.mark.parametrize(
    "values",
    [
        {"localizacao": "perto da igreja"},
        {"localizacao": "12, 34"},
        {"localizacao": {"latitude": 1, "longitude": 2}},
        {"localizacao": [1.5, 2.5]},
        {"localizacao": "0.0, 0.0"},
        {"localizacao": "-95.5, 10.5"},
        {"latitude": "abc", "longitude": "1"},
        {"latitude": 91, "longitude": 1},
        {"latitude": True, "longitude": False},
        {"latitude": "1_0", "longitude": "1e1"},
        {"latitude": [1], "longitude": {"a": 1}},
    ],
)
def test_a_location_that_cannot_be_read_is_not_understood(client, values):
    reply = post(client, json=values)
    assert (reply["codigo"], reply["viavel"], reply["latitude"]) == ("localizacao_nao_entendida", None, None)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"data": '{"latitude": ', "content_type": "application/json"}, "JSON válido"),
        ({"data": "latitude", "content_type": "application/json"}, "JSON válido"),
        ({"data": '{"latitude": NaN}'}, "JSON válido"),
        ({"data": '{"latitude": -Infinity}'}, "JSON válido"),
        ({"data": '{"latitude": ' + "9" * 5000 + "}"}, "JSON válido"),
        ({"data": "[" * 60_000}, "JSON válido"),
        ({"data": '{"a":' * 40 + "1" + "}" * 40}, "32 níveis"),
        ({"data": "[]"}, "objeto JSON"),
        ({"data": '"text"'}, "objeto JSON"),
        ({"data": b'{"nome": "\xff"}'}, "UTF-8"),
        ({"data": '{"localizacao": "\\ud800"}'}, "caracteres inválidos"),
        ({"data": '{"a": [{"b\\u0000": 1}]}'}, "caracteres inválidos"),
        ({"query_string": "a=%00"}, "caracteres inválidos"),
        ({"query_string": "a=%ff"}, "UTF-8"),
        ({"data": "a=%ff", "content_type": "application/x-www-form-urlencoded"}, "UTF-8"),
        ({"data": NOT_UTF8, "content_type": "multipart/form-data; boundary=b"}, "UTF-8"),
        ({"query_string": "&".join(f"a{n}=1" for n in range(101))}, "100 campos"),
        ({"data": MANY_PARTS, "content_type": "multipart/form-data; boundary=b"}, "100 campos"),
        ({"json": {"latitude": -27.6}}, "latitude e longitude"),
        (
            {"json": {"latitude": -27.6, "longitude": "{lng}", "localizacao": LOCATION}},
            "latitude e longitude",
        ),
        ({"json": PAIR | {"modo": "poste e raio"}}, "modo deve ser poste | raio"),
        ({"json": PAIR | {"modo": 7}}, "modo deve ser poste | raio"),
        ({"json": PAIR | {"raio_m": "perto"}}, "raio_m deve ser um número maior que zero, até 10000"),
        ({"json": PAIR | {"raio_m": -5}}, "raio_m deve ser"),
        ({"json": PAIR | {"raio_m": 10_001}}, "raio_m deve ser"),
        ({"json": PAIR | {"raio_m": 10**400}}, "raio_m deve ser"),
    ],
)
def test_bad_input_says_what_is_wrong(client, options, says):
    reply = post(client, **options)
    assert (reply["ok"], reply["codigo"], reply["viavel"]) == (False, "dados_invalidos", None)
    assert says in reply["mensagem"]


def test_the_radius_of_a_request_reaches_ozmap(client, sandbox):
    post(client, json=PAIR | {"raio_m": "80,5"})
    post(client, json=PAIR | {"raio_m": "{raio}"})
    assert [received.query.get("radius") for received in sandbox.requests] == ["80.5", None]


def test_the_body_may_have_64_kib(client):
    def padded(size: int):
        start = json.dumps(PAIR)[:-1] + ', "filler": "'
        return client.post(
            "/fivehub/viabilidade", headers=KEY, data=start + "x" * (size - len(start) - 2) + '"}'
        )

    assert padded(64 * 1024).get_json()["codigo"] == "viavel"
    refused = padded(64 * 1024 + 1)
    assert refused.status_code == 413
    assert refused.get_json()["codigo"] == "dados_invalidos"
    assert "64 kB" in refused.get_json()["mensagem"]


def test_a_strangers_body_is_not_read(client):
    answer = client.post("/fivehub/viabilidade", data="{" * 100_000)
    assert answer.status_code == 401


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.binary(max_size=300), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""])
)
def test_no_body_breaks_the_service(client, body, content_type):
    reply = post(client, data=body, content_type=content_type)
    refused = {"dados_invalidos", "localizacao_ausente", "localizacao_nao_entendida"}
    # A few bytes may be a place: {"localizacao":"+0,00-30"}.
    assert reply["codigo"] in refused or reply["latitude"] is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["latitude", "longitude", "lat", "lng", "modo", "raio_m", "cep", "endereco"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("{x}"),
    )
)
def test_no_value_gives_a_verdict_for_a_point_that_was_not_sent(client, values):
    reply = post(client, data=json.dumps(values))
    if reply["latitude"] is not None:
        assert {reply["latitude"], reply["longitude"]} <= {number(value) for value in values.values()}
