"""The simulator without a browser: what it gives, and what it refuses."""

import json
import re
from dataclasses import replace

import pytest

from flowkit import fibre
from sandbox import PLACES
from tests.conftest import KEYS
from webhook.flows import loading

ID = "simulador-0123456789abcdef"
RELAY = "/simulador/fivehub"
FIBRE = PLACES["viable"].point


@pytest.fixture
def simulator(make_app):
    return make_app(simulator=True, public_url="https://webhook.isp.example").test_client()


@pytest.fixture
def say(simulator):
    """Says something as the page does, and gives what came back."""
    step = ""

    def say(answer="", platform="fivehub", **values):
        nonlocal step
        sent = {"conversa_id": ID, "resposta": answer, "etapa": step, "botoes": "sim", **values}
        shown = simulator.post(f"/simulador/{platform}", json=sent).get_json()
        step = shown["reply"]["etapa"]
        return shown["reply"], shown["inside"]

    return say


def test_off_unless_asked_for(make_app):
    client = make_app().test_client()
    assert client.get("/simulador").status_code == 404
    assert client.get("/simulador/rede/huggy?latitude=1&longitude=1").status_code == 404
    assert client.post(RELAY, json={"conversa_id": ID}).status_code == 404


def test_the_page_and_its_files(simulator):
    page = simulator.get("/simulador")
    titles = re.findall(
        r'<option value="(\w+/\w+)" data-area="[^"]+"(?: data-guide)?>([^<]+)</option>', page.text
    )
    assert ("fivehub/contratacao", "5Hub: Contratação") in titles
    # What a platform's flow gets without naming a conversation comes first.
    first = {value.partition("/")[0]: value for value, _ in reversed(titles)}
    assert first == {
        "huggy": "huggy/viabilidade", "fivehub": "fivehub/contratacao", "typebot": "typebot/contratacao"
    }  # fmt: skip
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert simulator.get("/simulador/static/simulator.js").mimetype == "text/javascript"
    assert simulator.get("/simulador/static/simulator.css").mimetype == "text/css"
    assert simulator.get("/simulador/static/simulator.html").status_code == 404


def test_the_page_has_the_picture_of_each_conversation(simulator):
    page = simulator.get("/simulador").text
    for name, dialogue in loading.built_in().items():
        picture = page.partition(f'data-flow="huggy/{name}"')[2].partition("</div>")[0]
        assert re.findall(r'data-step="(\w+)"', picture)[0] == dialogue.start
        assert set(re.findall(r'data-step="(\w+)"', picture)) == set(dialogue.steps)
    assert 'data-flow="fivehub/localizacao_recebida"' not in page  # a conversation of Huggy's


def test_a_tenants_own_conversations(make_app, tenant, tmp_path):
    text = (loading.BUILT_IN / "contratacao.toml").read_text()
    (tmp_path / "minha.toml").write_text(text)
    (tmp_path / "viabilidade.toml").write_text(text.replace('"Contratação"', '"<b>Nossa</b>"'))
    client = make_app(replace(tenant, flows_dir=str(tmp_path)), simulator=True).test_client()
    page = client.get("/simulador").text
    assert ">Huggy: Contratação (minha)</option>" in page
    assert "Huggy: &lt;b&gt;Nossa&lt;/b&gt;" in page
    assert "<b>Nossa" not in page


def test_guides(simulator):
    guide = simulator.get("/simulador/guia/fivehub/conversa")
    assert "https://webhook.isp.example/fivehub/conversa" in guide.text
    assert "script-src" not in guide.headers["Content-Security-Policy"]
    assert simulator.get("/simulador/guia/fivehub/nada").status_code == 404
    assert simulator.get("/simulador/guia/nada/conversa").status_code == 404


def test_a_conversation(say, sandbox):
    reply, inside = say()
    assert (reply["acao"], reply["fluxo"]) == ("perguntar", "contratacao")
    assert inside == {"step": "pede", "variables": {}, "calls": []}
    reply, inside = say(json.dumps({"latitude": FIBRE.lat, "longitude": FIBRE.lng}))
    assert (reply["opcoes"], inside["step"]) == ("Sim\nNão\nAtendente", "confirma")
    assert [(call["action"], call["reply"]["codigo"]) for call in inside["calls"]] == [
        ("localizacao", "localizacao_ok")
    ]
    for answer in ("Sim", "Quero reservar", "Maria Souza"):
        reply, inside = say(answer)
    assert inside["calls"] == []
    reply, inside = say("48 99988-7766")
    assert (reply["acao"], inside["step"]) == ("encerrar", "confirmado")
    assert inside["variables"]["reserva_codigo"] == reply["reserva_codigo"]
    (call,) = inside["calls"]
    assert (call["action"], call["values"]["nome"]) == ("reserva", "Maria Souza")
    assert call["reply"]["imovel_id"] in sandbox.store["properties"]


def test_another_conversation_of_the_same_customer(say):
    reply, inside = say(platform="huggy", fluxo="cancelar_reserva")
    assert (reply["fluxo"], inside["calls"][0]["action"]) == ("cancelar_reserva", "reserva/consulta")
    reply, inside = say(platform="huggy", fluxo="nada")
    assert (reply["codigo"], reply["acao"]) == ("fluxo_desconhecido", "transferir")


def test_no_key_leaves_the_service(simulator):
    sent = {"conversa_id": ID, "fluxo": "cancelar_reserva"}
    called = simulator.post(RELAY, json=sent)
    assert called.get_json()["inside"]["calls"]
    for answer in (called, simulator.get("/simulador"), simulator.get("/simulador/guia/fivehub/prospect")):
        assert not any(key in answer.text for keys in KEYS.values() for key in keys)


def test_customers_conversations_stay_closed(simulator, client):
    client.post("/fivehub/conversa", json={"conversa_id": "1"}, headers={"X-Webhook-Key": KEYS["fivehub"][0]})
    for id_ in ("1", "", None, 5, ["1"], "simulador-1", f"{ID}\n", "\ud800", f"x{ID}"):
        assert simulator.post(RELAY, json={"conversa_id": id_}).status_code == 400


@pytest.mark.parametrize("sent", [[], [1], "x", 5, {}, {"conversa_id": {"a": ID}}])
def test_what_the_page_never_sends(simulator, sent):
    assert simulator.post(RELAY, json=sent).status_code == 400


def test_odd_values(simulator):
    """They are for `conversa` to refuse, as they are from a platform."""
    for values in (
        {"resposta": "\ud800"},
        {"resposta": {"x": ["\ud800"]}},
        {"etapa": []},
        {"fluxo": "\ud800"},
    ):
        answer = simulator.post(RELAY, json={"conversa_id": ID, **values})
        assert (answer.status_code, answer.get_json()["reply"]["acao"]) in {
            (200, "perguntar"),
            (200, "transferir"),
        }


def test_a_body_too_deep_or_too_long(simulator):
    for body, status in (("[" * 60_000, 400), ('{"resposta": "' + "x" * 70_000 + '"}', 413)):
        answer = simulator.post(RELAY, data=body, content_type="application/json")
        assert answer.status_code == status


def test_another_sites_form_is_refused(simulator):
    body = json.dumps({"conversa_id": ID})
    assert simulator.post(RELAY, data=body, content_type="text/plain").status_code == 415
    assert simulator.post(RELAY, data={"conversa_id": ID}).status_code == 415
    assert simulator.post("/simulador/nada", json={"conversa_id": ID}).status_code == 404
    assert simulator.options(RELAY).status_code == 405


def test_each_request_has_a_log_line_of_its_own(simulator, capsys):
    simulator.post(RELAY, json={"conversa_id": ID, "fluxo": "cancelar_reserva"})
    step, called, relayed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (step["event"], step["action"]) == ("conversation step", "reserva/consulta")
    assert (called["platform"], called["action"]) == ("fivehub", "conversa")
    assert (relayed["platform"], relayed["action"], relayed["outcome"]) == (None, None, None)
    assert called["protocolo"] == step["protocolo"] != relayed["protocolo"]


def test_only_platforms_with_a_key(make_app, tenant):
    client = make_app(replace(tenant, keys={"huggy": KEYS["huggy"]}), simulator=True).test_client()
    assert "5Hub" not in client.get("/simulador").text
    assert client.post(RELAY, json={"conversa_id": ID}).status_code == 404
    assert client.get("/simulador/rede/fivehub?latitude=1&longitude=1").status_code == 404


def test_a_limit_and_a_lost_store_are_shown_as_a_platform_gets_them(make_app, tmp_path):
    client = make_app(simulator=True, rate_limit="1/hour").test_client()
    assert client.post(RELAY, json={"conversa_id": ID}).status_code == 200
    limited = client.post(RELAY, json={"conversa_id": ID})
    assert (limited.status_code, limited.get_json()["reply"]["acao"]) == (429, "transferir")
    client = make_app(simulator=True, database_url=f"sqlite:///{tmp_path}/no/store.db").test_client()
    lost = client.post(RELAY, json={"conversa_id": ID}).get_json()
    assert (lost["reply"]["codigo"], lost["reply"]["acao"]) == ("ocupado", "transferir")
    assert lost["inside"] == {"step": "", "variables": {}, "calls": []}


def network(client, point=FIBRE, platform="huggy"):
    place = {"latitude": point.lat, "longitude": point.lng}
    return client.get(f"/simulador/rede/{platform}", query_string=place)


def test_the_boxes_with_free_ports_around_a_place(simulator, sandbox):
    ports = {box["name"]: box["free_ports"] for box in network(simulator).get_json()}
    assert ports["CTO 04-04"] == 5
    assert ports["CTO 35-01"] > 0  # not implanted
    assert not {"CTO 31-01", "CTO 32-01", "CTO 33-01"} & ports.keys()  # full, blocked, being planned
    nearest = network(simulator).get_json()[0]
    assert nearest["name"] == "CTO 04-04"
    assert nearest["point"] == pytest.approx([FIBRE.lat, FIBRE.lng], abs=0.001)


def test_free_ports_are_read_each_time(simulator, sandbox):
    network(simulator)
    before = len(sandbox.requests)
    network(simulator)
    assert len(sandbox.requests) > before


def test_boxes_that_the_tenant_does_not_sell_in(make_app, tenant):
    client = make_app(replace(tenant, implanted_only=True), simulator=True).test_client()
    assert "CTO 35-01" not in {box["name"] for box in network(client).get_json()}


def test_no_more_boxes_than_a_map_can_show(simulator, monkeypatch):
    monkeypatch.setattr(fibre, "MOST", 3)
    assert 0 < len(network(simulator).get_json()) <= 3


def test_a_place_without_boxes_and_no_place(simulator):
    assert network(simulator, FIBRE._replace(lat=-10.0)).get_json() == []
    for query in (
        "",
        "?latitude=1",
        "?latitude=x&longitude=1",
        "?latitude=nan&longitude=1",
        "?latitude=91&longitude=1",
    ):
        assert simulator.get(f"/simulador/rede/huggy{query}").status_code == 400


def test_an_ozmap_that_does_not_answer(simulator, sandbox, capsys):
    sandbox.faults.add("/boxes", status=500)
    answer = network(simulator)
    assert answer.status_code == 503
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["tenant"], line["ozmap_failed"]) == ("isp", ["boxes: 500"])
