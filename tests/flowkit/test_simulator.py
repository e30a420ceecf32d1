"""The simulator without a browser: what it gives, and what it refuses."""

import json
from dataclasses import replace

import pytest

from tests.conftest import KEYS

PLAY = "/simulador/huggy/viabilidade"


@pytest.fixture
def simulator(make_app):
    return make_app(simulator=True, public_url="https://webhook.isp.example").test_client()


def test_off_unless_asked_for(make_app):
    client = make_app().test_client()
    assert client.get("/simulador").status_code == 404
    assert client.post(PLAY, json={}).status_code == 404


def test_the_page_and_its_files(simulator):
    page = simulator.get("/simulador")
    assert '<option value="fivehub/contratacao">5Hub: Contratação</option>' in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert simulator.get("/simulador/static/simulator.js").mimetype == "text/javascript"
    assert simulator.get("/simulador/static/simulator.css").mimetype == "text/css"
    assert simulator.get("/simulador/static/simulator.html").status_code == 404
    guide = simulator.get("/simulador/guia/fivehub/contratacao")
    assert "https://webhook.isp.example/fivehub/viabilidade" in guide.text
    assert "script-src" not in guide.headers["Content-Security-Policy"]
    assert simulator.get("/simulador/guia/fivehub/nada").status_code == 404


def test_a_conversation(simulator):
    played = simulator.post(PLAY, json={}).get_json()
    assert [event["text"][:4] for event in played["events"]] == ["Olá!", "Envi"]
    assert (played["at"], played["ended"], list(played["variables"])) == ("pede_1", False, ["conversa_id"])
    answer = {"at": played["at"], "variables": played["variables"], "answer": "Rua Dona Marina, 552"}
    played = simulator.post(PLAY, json=answer).get_json()
    called, asked = played["events"]
    assert called["call"] == {
        "method": "POST",
        "url": "https://webhook.isp.example/huggy/localizacao",
        "headers": {"X-Webhook-Key": "{{CHAVE}}"},
        "body": {"localizacao": "Rua Dona Marina, 552"},
    }
    assert called["reply"]["codigo"] == played["variables"]["codigo"] == "localizacao_ok"
    assert asked["buttons"] == ["Sim", "Não", "Atendente"]
    answer = {"at": played["at"], "variables": played["variables"], "answer": "Atendente"}
    played = simulator.post(PLAY, json=answer).get_json()
    assert played["ended"]
    assert played["events"] == [{"step": "atendente", "text": "", "end": "Uma pessoa continua daqui."}]


def test_no_key_leaves_the_service(simulator):
    played = simulator.post("/simulador/fivehub/cancelar_reserva", json={})
    assert played.get_json()["variables"]["codigo"] == "reserva_nao_encontrada"
    for answer in (played, simulator.get("/simulador"), simulator.get("/simulador/guia/fivehub/prospect")):
        assert not any(key in answer.text for keys in KEYS.values() for key in keys)


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"at": "fim", "variables": {}, "answer": "x"},
        {"at": "nada", "variables": {}, "answer": "x"},
        {"at": ["pede_1"], "variables": {}, "answer": "x"},
        {"at": "pede_1", "variables": [], "answer": "x"},
        {"at": "pede_1", "variables": {}, "answer": 5},
        {"at": "pede_1", "variables": {}},
        {"at": "pede_1", "variables": {}, "answer": "\ud800"},
        {"at": "pede_1", "variables": {"x": "\ud800"}, "answer": "x"},
    ],
)
def test_what_the_page_never_sends(simulator, sent):
    assert simulator.post(PLAY, json=sent).status_code == 400


def test_a_body_too_deep_to_read(simulator):
    answer = simulator.post(PLAY, data="[" * 60_000, content_type="application/json")
    assert answer.status_code == 400


def test_each_request_has_a_log_line_of_its_own(simulator, caplog):
    simulator.post("/simulador/fivehub/cancelar_reserva", json={})
    called, played = [json.loads(record.message) for record in caplog.records]
    assert (called["platform"], called["outcome"]) == ("fivehub", "reserva_nao_encontrada")
    assert (played["platform"], played["action"], played["outcome"]) == (None, None, None)
    assert called["protocolo"] != played["protocolo"]


def test_another_sites_form_is_refused(simulator):
    assert simulator.post(PLAY, data="{}", content_type="text/plain").status_code == 415
    assert simulator.post("/simulador/huggy/nada", json={}).status_code == 404


def test_only_platforms_with_a_key(make_app, tenant):
    client = make_app(replace(tenant, keys={"huggy": KEYS["huggy"]}), simulator=True).test_client()
    assert "5Hub" not in client.get("/simulador").text
    assert client.post("/simulador/fivehub/prospect", json={}).status_code == 404
