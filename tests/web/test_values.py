"""Values in the spellings of low-code blocks: what is read, what is left out, and what is refused."""

import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from sandbox import PLACES

POINT = PLACES["viable"].point
PAIR = {"latitude": POINT.lat, "longitude": POINT.lng}
LOCATION = f"{POINT.lat}, {POINT.lng}"
KEY = {"X-Webhook-Key": "fivehub-key-1"}
HALF = "\ud83c"
FORM = "application/x-www-form-urlencoded"


def post(client: FlaskClient, action: str = "viabilidade", **options) -> dict:
    answer = client.post(f"/fivehub/{action}", headers=KEY, **options)
    assert answer.status_code == 200
    return answer.get_json()


def left_out(capsys) -> list[str]:
    return json.loads(capsys.readouterr().out.splitlines()[-1]).get("left_out", [])


@pytest.mark.parametrize(
    ("beside", "named"),
    [
        ({"endereco": "Trindade, " * 30}, ["endereco"]),
        ({"cidade": ["Florianópolis", "Palhoça"]}, ["cidade"]),
        ({"cidade": ["Florianópolis"]}, []),
        ({"numero": False}, []),
        ({"numero": True, "cep": {"valor": 1}}, ["cep", "numero"]),
        ({"uf": "x" * 201, "bairro": [[1], [2]]}, ["bairro", "uf"]),
        ({"conversa_id": {"id": 7}}, ["conversa_id"]),
        ({"bairro": HALF}, ["bairro"]),
        ({"apelido": f"Ana {HALF}"}, []),
        ({"nome": f"{HALF}"}, []),
        ({"telefone": {}, "tags": [None], "observacao": "x" * 9999}, []),
    ],
)
def test_a_value_that_decides_nothing_fails_nothing(client, capsys, beside, named):
    assert post(client, data=json.dumps(PAIR | beside))["codigo"] == "viavel"
    assert left_out(capsys) == named
    assert post(client, data=json.dumps({"localizacao": LOCATION} | beside))["codigo"] == "viavel"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"endereco": "Rua Dona Marina, " * 30}, "endereco deve ser um texto"),
        ({"endereco": ["Rua A", "Rua B"]}, "endereco deve ser um texto"),
        ({"cep": {"valor": "88040-104"}}, "cep deve ser um texto"),
        ({"endereco": "Rua Dona Marina", "numero": [552, 554]}, "numero deve ser um texto"),
        ({"localizacao": "Rua Dona Marina, 552", "cidade": {"nome": "Palhoça"}}, "cidade deve ser um texto"),
        (PAIR | {"modo": ["poste", "raio"]}, "modo deve ser"),
        (PAIR | {"raio_m": [100, 200]}, "raio_m deve ser"),
    ],
)
def test_a_value_that_decides_something_is_asked_for(client, values, says):
    reply = post(client, json=values)
    assert (reply["codigo"], reply["viavel"]) == ("dados_invalidos", None)
    assert says in reply["mensagem"]


def test_an_address_beside_a_typed_one_decides_nothing(client):
    typed = {"localizacao": "R. Dona Marina nº 552, Trindade", "endereco": "x" * 300}
    assert post(client, "localizacao", json=typed)["precisao"] == "endereco"
    assert post(client, "localizacao", json=typed | {"numero": False})["precisao"] == "endereco"
    hello = {"localizacao": "oi, quero internet", "cidade": [1, 2]}
    assert post(client, "localizacao", json=hello)["codigo"] == "localizacao_nao_entendida"


@pytest.mark.parametrize(
    ("sent", "metres"),
    [
        ("1.000", "1000"),
        ("1.500", "1500"),
        ("10.000", "10000"),
        ("1,000", "1000"),
        ("1 000", "1000"),
        ("1.000,50", "1000.5"),
        ("1.000 m", "1000"),
        ("500 metros", "500"),
        ("80,5", "80.5"),
        (1000, "1000"),
        (1000.0, "1000"),
        ("1000.0", "1000"),
        ([300], "300"),
    ],
)
def test_a_radius_is_whole_metres(client, sandbox, sent, metres):
    assert post(client, json=PAIR | {"raio_m": sent})["codigo"] == "viavel"
    assert float(sandbox.requests[-1].query["radius"]) == float(metres)


@pytest.mark.parametrize("sent", ["0.500", "0,500", "100.000", "1.00.000", "1.0000.000", 1.0, 1.5])
def test_a_radius_that_may_be_thousands_is_refused(client, sent):
    assert post(client, json=PAIR | {"raio_m": sent})["codigo"] == "dados_invalidos"


PROSPECT = {"conversa_id": "v1", "nome": "Ana", "telefone": "48 99988-7766", "localizacao": LOCATION}


@pytest.mark.parametrize("key", ["conversa_id", "nome", "telefone"])
@pytest.mark.parametrize(
    "value", ["{{valor}}", "@contact.id", "(null)", "undefined undefined", "-", "#N/A", "[valor]"]
)
def test_what_was_not_filled_is_named(client, key, value):
    for action in ("prospect", "reserva"):
        reply = post(client, action, json=PROSPECT | {key: value})
        assert reply["codigo"] == "dados_invalidos"
        assert f"{key} " in reply["mensagem"]
        assert "veio sem valor" in reply["mensagem"]


@pytest.mark.parametrize("value", ["0", 0, "wa-{{id}}", "user_undefined", "5,54899E+12", "conversa_id"])
def test_nobody_shares_a_conversation(client, value):
    for action in ("prospect", "reserva", "reserva/consulta", "findme", "findme/resultado"):
        reply = post(client, action, json=PROSPECT | {"conversa_id": value})
        assert reply["codigo"] == "dados_invalidos"
        assert "conversa_id" in reply["mensagem"]
    assert post(client, json={"localizacao": LOCATION, "conversa_id": value})["codigo"] == "viavel"


@pytest.mark.parametrize(
    "options",
    [
        {
            "data": "&".join(f"{key}={quote(str(value))}" for key, value in [*PAIR.items()] * 2),
            "content_type": FORM,
        },
        {"data": urlencode({"localizacao": ["", LOCATION]}, doseq=True), "content_type": FORM},
        {"data": urlencode({"localizacao[latitude]": POINT.lat, "localizacao[longitude]": POINT.lng})},
        {"data": quote(json.dumps(PAIR)) + "=", "content_type": FORM},
        {"data": quote(json.dumps(PAIR)), "content_type": FORM},
        {"data": json.dumps(json.dumps(PAIR))},
        {"data": json.dumps([PAIR])},
        {"data": f'{{"latitude": {POINT.lat}, "latitude": {POINT.lat}, "longitude": {POINT.lng}}}'},
        {"json": {"Latitude": POINT.lat, "LONGITUDE": POINT.lng}},
        {"json": {"lat": POINT.lat, "lon": POINT.lng}},
        {"json": {"Lat": POINT.lat, "Long": POINT.lng}},
        {"json": {"Localização": LOCATION}},
        {"json": {" localizacao ": LOCATION, "localizacao": "{{x}}"}},
        {"json": {"LOCALIZACAO": "0, 0", "localizacao": LOCATION}},
        {"json": {"localizacao": LOCATION, "Raio M": "100"}},
    ],
)
def test_every_spelling_of_a_body_is_read(client, options):
    reply = post(client, **options)
    assert (reply["codigo"], reply["latitude"]) == ("viavel", POINT.lat)


def test_a_key_that_comes_a_hundred_times_and_more_is_refused(client):
    many = "{" + ", ".join(f'"a": {n}' for n in range(101)) + "}"
    assert "100 campos" in post(client, data=many)["mensagem"]
    assert post(client, json=PAIR | {"cidade": [*range(9999)]})["codigo"] == "viavel"


def test_two_different_values_of_one_key_are_none(client):
    twice = urlencode({**PROSPECT, "telefone": ["48 99988-7766", "48 99988-7755"]}, doseq=True)
    reply = post(client, "prospect", data=twice, content_type=FORM)
    assert reply["codigo"] == "dados_invalidos"
    assert "telefone" in reply["mensagem"]


@pytest.mark.parametrize(
    "tags",
    [
        "Chatbot, Outra",
        "Chatbot;Outra",
        "Chatbot\nOutra",
        '["Chatbot","Outra"]',
        "['Chatbot', 'Outra']",
        "[Chatbot, Outra]",
        ["Chatbot", "Outra"],
        ["Chatbot, Outra"],
        ["Chatbot", "{{tag}}", "", "Outra", "Chatbot"],
        ['["Chatbot"]', "Outra"],
    ],
)
def test_tags_are_a_list_however_it_is_written(tags):
    from schemas.fields import Tags

    assert Tags().read(tags) == ("Chatbot", "Outra")


@pytest.mark.parametrize(
    "keys", ["tags=Chatbot&tags=Outra", "tags[]=Chatbot&tags[]=Outra", "tags%5B0%5D=Chatbot&tags[1]=Outra"]
)
def test_tags_of_a_form(client, keys):
    reply = client.post("/fivehub/eco", headers=KEY, data=keys, content_type=FORM).get_json()
    assert reply["recebido"] == "tags: lista"


def test_the_echo_says_what_is_read_as_what(client):
    sent = {"Nome": "Ana", "Conversa ID": "7", "CEP": "{cep}", "lon": 1}
    sent |= {"Codigo-Prospect": "x", "uf": "SC", "y": 1}
    shown = [
        "Nome (lida como nome): texto",
        "Conversa ID (lida como conversa_id): texto",
        "CEP (lida como cep): vazio",
        "lon (lida como longitude): numero",
        "Codigo-Prospect (lida como codigo_prospect): texto",
        "uf: texto",
        "y: numero",
    ]
    assert post(client, "eco", data=json.dumps(sent))["recebido"] == ", ".join(shown)


@pytest.mark.parametrize("code", [22611812, 22611812.0, "22611812", "22611812.0", [22611812.0]])
def test_a_code_is_the_same_with_a_zero_behind_it(client, code):
    assert post(client, "consulta/cliente", json={"codigo_cliente": code})["codigo"] == "consulta_ok"
    assert post(client, "consulta/cliente", json={"Código Cliente": code})["codigo"] == "consulta_ok"


@pytest.mark.parametrize("code", [5512, 5512.0, "5512", "5512.0", " 5512.0 "])
def test_a_code_is_the_same_in_a_reservation(code):
    from schemas.request import ReservationKeySchema

    record, left_out = ReservationKeySchema().read_request({"codigo_cliente": code})
    assert (record.code, left_out) == ("5512", {})


@pytest.mark.parametrize("code", ["{{codigo}}", "(null)", "0", "#N/A", "-", "BOT-{{id}}"])
def test_a_recipe_asks_for_a_code_that_was_not_filled(client, code):
    reply = post(client, "consulta/cliente", json={"codigo_cliente": code})
    assert reply["codigo"] == "dados_invalidos"
    assert "codigo_cliente está faltando (veio sem valor" in reply["mensagem"]
