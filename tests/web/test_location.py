"""`localizacao`, and what a place that is not a house means for `viabilidade`."""

import json

import pytest

from sandbox import PLACES
from tests.conftest import KEYS

HEADERS = {"X-Webhook-Key": KEYS["fivehub"][0]}


@pytest.fixture
def ask(client):
    return lambda action, **values: client.post(f"/fivehub/{action}", json=values, headers=HEADERS).get_json()


def said(reply, *keys):
    return tuple(reply[key] for key in keys)


def test_a_typed_address_is_shown_before_anybody_asks_ozmap(ask, sandbox):
    reply = ask("localizacao", localizacao="R. Dona Marina nº 450, Trindade")
    assert reply.pop("protocolo")
    assert reply == {
        "ok": True,
        "codigo": "localizacao_ok",
        "mensagem": "Encontrei este lugar: Rua Dona Marina, 450 - Trindade, Florianópolis - SC\n"
        "https://www.google.com/maps/search/?api=1&query=-27.5990129,-48.5204417",
        "latitude": -27.5990129,
        "longitude": -48.5204417,
        "endereco": "Rua Dona Marina, 450 - Trindade, Florianópolis - SC",
        "precisao": "endereco",
        "mapa_url": "https://www.google.com/maps/search/?api=1&query=-27.5990129,-48.5204417",
    }
    assert [call.path for call in sandbox.requests] == ["/nominatim/search"]


def test_a_pin_gets_the_address_that_stands_there(ask):
    place = PLACES["viable"].point
    reply = ask("localizacao", latitude=place.lat, longitude=place.lng)
    address = "Rua Dona Marina, 548 - Trindade, Florianópolis - SC"
    assert said(reply, "precisao", "endereco") == ("exata", address)


def test_a_pin_without_an_address_is_a_place_all_the_same(ask, sandbox):
    place = PLACES["nowhere"].point
    for fault in (None, {"status": 503}, {"broken": "reset"}, {"status": 200, "body": "<html>"}):
        if fault:
            sandbox.faults.add("/nominatim", **fault)
        reply = ask("localizacao", localizacao=f"{place.lat}, {place.lng}")
        assert said(reply, "codigo", "endereco", "latitude") == ("localizacao_ok", None, place.lat)
        assert reply["mensagem"] == f"Encontrei este lugar: {reply['mapa_url']}"
        sandbox.faults.clear()


@pytest.mark.parametrize("key", ["precisao_m", "accuracy", "horizontal_accuracy"])
@pytest.mark.parametrize(
    "place",
    [
        {"latitude": -27.603545, "longitude": -48.534955},
        {"lat": "-27.603545", "lon": "\u200e-48.534955"},
        {"localizacao": "-27.603545, -48.534955"},
    ],
    ids=str,
)
def test_a_position_known_to_a_kilometre_never_hears_no(ask, sandbox, key, place):
    assert said(ask("viabilidade", **place, **{key: 20}), "codigo", "precisao") == (
        "sem_viabilidade",
        "exata",
    )
    sandbox.requests.clear()
    for metres in (1500, "1500", "100,0"):
        reply = ask("viabilidade", **place, **{key: metres})
        assert said(reply, "codigo", "viavel") == ("localizacao_nao_entendida", None)
        assert said(reply, "precisao", "latitude") == ("bairro", None)
    assert "só com uns 100 m de precisão. Envie de novo" in reply["mensagem"]
    assert not sandbox.requests


def test_a_region_never_hears_no(ask, sandbox):
    for text in ("-27.6, -48.5", "27°36'S 48°31'O", "https://maps.google.com/?q=-27.6,-48.5"):
        assert ask("viabilidade", localizacao=text)["viavel"] is None
    assert not sandbox.requests


@pytest.mark.parametrize("key", ["localizacao", "endereco"])
@pytest.mark.parametrize(
    "text", ["-27.598.710, -48.519.455", "27°95'S 48°31'W", "2.5307 - 44.3068", '{"lat": -27.5', "27,59871"]
)
def test_what_was_meant_as_coordinates_goes_to_no_geocoder(ask, sandbox, key, text):
    reply = ask("localizacao", **{key: text}, cidade="Florianópolis")
    assert reply["codigo"] == "localizacao_nao_entendida"
    assert not sandbox.requests


def test_a_thumbnail_of_any_length(ask):
    pin = {"degreesLatitude": -27.59871, "degreesLongitude": -48.519455, "jpegThumbnail": "/9j4AAQ" * 5000}
    for sent in (pin, json.dumps({"message": {"locationMessage": pin}})):
        assert ask("localizacao", localizacao=sent)["codigo"] == "localizacao_ok"


def test_the_address_that_comes_with_a_pin(ask, sandbox):
    pin = {"latitude": -27.598710, "longitude": -48.519455, "name": "Casa", "address": "Rua Dona Marina, 1"}
    assert ask("localizacao", localizacao=pin)["endereco"] == "Rua Dona Marina, 1"
    assert not sandbox.requests


@pytest.mark.parametrize(
    ("values", "precision"),
    [
        ({"cep": "88040-104"}, "cep"),
        ({"cep": 88040104}, "cep"),
        ({"cep": "88190-000", "numero": 45}, "cidade"),
        ({"endereco": "Trindade", "cidade": "Florianópolis"}, "bairro"),
        ({"endereco": "Florianópolis", "uf": "SC"}, "cidade"),
        ({"localizacao": "Rua das Acácias, 100"}, None),
    ],
    ids=str,
)
def test_less_than_a_street_is_asked_about_and_ozmap_is_not(ask, sandbox, values, precision):
    for action in ("localizacao", "viabilidade"):
        reply = ask(action, **values)
        assert said(reply, "codigo", "precisao", "latitude") == ("endereco_impreciso", precision, None)
        assert reply["mensagem"].startswith(("Encontrei ", "Há esse endereço em "))
    assert reply["viavel"] is None
    assert not [call for call in sandbox.requests if not call.path.startswith(("/nominatim", "/viacep"))]


@pytest.mark.parametrize("mode", ["poste", "raio"])
def test_from_a_street_only_a_yes_is_said(ask, mode):
    reply = ask("viabilidade", localizacao="Rua das Camélias, 100", modo=mode)
    assert said(reply, "codigo", "viavel", "precisao") == ("viavel", True, "rua")
    reply = ask("viabilidade", localizacao="Estrada do Morro Alto, 99999", modo=mode)
    assert said(reply, "codigo", "viavel", "precisao", "motivo") == ("endereco_impreciso", None, "rua", None)
    assert reply["mensagem"] == (
        "Encontrei Estrada do Morro Alto - Trindade, Florianópolis - SC, mas o mapa não mostra o número"
        " 99999. Envie o endereço completo, ou a sua localização pelo aplicativo."
    )


@pytest.mark.parametrize("mode", ["poste", "raio"])
def test_from_a_house_both(ask, mode):
    reply = ask("viabilidade", endereco="Estrada do Morro Alto", numero=1050, modo=mode)
    assert said(reply, "codigo", "precisao") == ("sem_viabilidade", "endereco")
    reply = ask("viabilidade", cep="88040-104", numero="552", modo=mode)
    assert said(reply, "codigo", "precisao", "caixa_nome") == ("viavel", "endereco", "CTO 04-04")


@pytest.mark.parametrize("path", ["/nominatim", "/viacep"])
@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 429}, {"broken": "silent"}, {"drip": 0.3}, {"broken": "half"}],
    ids=str,
)
def test_trouble_with_the_services_is_told_and_a_pin_asked_for(make_app, sandbox, path, fault):
    sandbox.faults.add(path, **fault)
    client = make_app(reply_deadline=1.0).test_client()
    for action in ("localizacao", "viabilidade"):
        values = {"cep": "88040-104", "numero": "450"}
        reply = client.post(f"/fivehub/{action}", json=values, headers=HEADERS).get_json()
        assert (reply["codigo"], reply["latitude"]) == ("geocoder_indisponivel", None)
        assert "pelo aplicativo" in reply["mensagem"]
    assert reply["viavel"] is None


def test_a_slow_geocoder_leaves_time_for_ozmap(make_app, sandbox):
    sandbox.faults.add("/nominatim", delay=0.5)
    client = make_app(reply_deadline=4.0).test_client()
    values = {"localizacao": "Rua Dona Marina, 552"}
    reply = client.post("/fivehub/viabilidade", json=values, headers=HEADERS).get_json()
    assert reply["codigo"] == "viavel"


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"cep": "123"}, "cep deve ter 8 dígitos"),
        ({"endereco": {"a": 1}}, "endereco deve ser um texto de até 200 caracteres"),
        ({"endereco": "x" * 201}, "endereco deve ser um texto de até 200 caracteres"),
        ({"cep": "88040-104", "numero": True}, "numero deve ser um texto de até 200 caracteres"),
    ],
    ids=str,
)
def test_a_field_that_is_none(ask, values, detail):
    reply = ask("localizacao", **values)
    assert said(reply, "codigo", "mensagem") == (
        "dados_invalidos",
        f"Não foi possível usar os dados recebidos: {detail}.",
    )


def test_outside_text_enters_a_question_as_one_value(ask, sandbox):
    ask("localizacao", localizacao="Rua X&countrycodes=ar#?q=Y/../, 1%00")
    ask("localizacao", cep="88040-104/../..")
    searches = [call for call in sandbox.requests if call.path == "/nominatim/search"]
    assert [call.query["countrycodes"] for call in searches] == ["br"] * len(searches)
    assert all(call.path in {"/nominatim/search", "/viacep/88040104/json/"} for call in sandbox.requests)


def test_no_address_is_logged(ask, caplog, capsys):
    ask("localizacao", localizacao="Rua Dona Marina, 450")
    ask("localizacao", localizacao="-27.598710, -48.519455")
    logged = capsys.readouterr().out + caplog.text
    assert logged.count("localizacao_ok") == 2
    assert "Marina" not in logged
    assert "27.59" not in logged
