"""What an ISP gets for a platform's builder: the definition with the address in it, also over HTTP."""

import json

import pytest

from tests.conftest import STYLES
from webhook import create_app
from webhook.flows import export, loading
from webhook.flows.expand import expand
from webhook.platforms import PLATFORMS
from webhook.settings import Settings

URL = "https://webhook.isp.example/ozmap"
KEY = {"X-Webhook-Key": "operator-key"}
BUILT = [platform.name for platform in PLATFORMS.values() if platform.loop is None]
"""Platforms on which a person builds the flow, block by block."""
ALL = [(platform, name) for platform in BUILT for name in export.exported(platform)]
ENDS = {"Transferir para atendente", "Finalizar atendimento"}


def read(platform, name):
    return json.loads(export.definition(platform, name, URL))


def targets(step):
    edges = [case["depois"] for case in step.get("casos", ())]
    return [*edges, *(step[key] for key in ("depois", "senao") if key in step)]


def test_what_each_platform_gets():
    ours = set(loading.built_in())
    assert "localizacao_recebida" in ours
    assert set(export.exported("huggy")) == {"conversa", *ours}
    assert set(export.exported("fivehub")) == {"conversa", *ours} - {"localizacao_recebida"}
    assert set(export.exported("typebot")) == {"conversa"}


@pytest.mark.parametrize("which", ALL, ids="/".join)
def test_the_definition_has_the_address_and_no_key(which):
    text = export.definition(*which, URL)
    assert "{{PUBLIC_URL}}" not in text
    assert "{{PUBLIC_URL}}" in export.definition(*which, export.PUBLIC_URL)
    calls = [step for step in json.loads(text)["passos"] if step["acao"] == "Enviar requisição"]
    actions = {step.calls for step in expand(export.dialogue_of(*which)).steps if hasattr(step, "calls")}
    assert {call["url"] for call in calls} == {f"{URL}/{which[0]}/{action}" for action in actions}
    for call in calls:
        assert (call["metodo"], call["cabecalho"]) == ("POST", {"X-Webhook-Key": "{{CHAVE}}"})
        assert call["corpo"].get("conversa_id", "{conversa_id}") == "{conversa_id}"


@pytest.mark.parametrize("which", ALL, ids="/".join)
def test_the_steps_are_linked(which):
    document = read(*which)
    steps = {step["id"]: step for step in document["passos"]}
    assert len(steps) == len(document["passos"])
    assert document["inicio"] == document["passos"][0]["id"]
    for step in steps.values():
        assert set(targets(step)) <= set(steps)
        assert bool(targets(step)) != (step["acao"] in ENDS)
    reached, waiting = set(), [document["inicio"]]
    while waiting:
        if (id_ := waiting.pop()) not in reached:
            reached.add(id_)
            waiting += targets(steps[id_])
    assert reached == set(steps)


@pytest.mark.parametrize("which", ALL, ids="/".join)
def test_its_head(which):
    platform, name = which
    document, dialogue = read(*which), export.dialogue_of(*which)
    assert (document["formato"], document["plataforma"], document["nome"]) == (2, platform, name)
    assert (document["titulo"], document["para_que"]) == (dialogue.title, dialogue.purpose)
    assert (document["versao"], document["data"]) == (dialogue.version, dialogue.date.isoformat())


@pytest.mark.parametrize("which", ALL, ids="/".join)
def test_what_the_author_replaces_is_said_and_nothing_else(which):
    document = read(*which)
    placeholders = {"{{CHAVE}}", "{{PROVEDOR}}", "{{DIAS}}"}
    assert "{{CHAVE}}" in document["troque"]
    assert set(document["troque"]) <= placeholders
    steps = json.dumps(document["passos"], ensure_ascii=False)
    assert {one for one in placeholders if one in steps} == set(document["troque"])
    assert "{provedor}" not in steps.replace("{{PROVEDOR}}", "")
    assert ("conversa_id" in document["variaveis_da_plataforma"]) == ("{conversa_id}" in steps)


def test_the_isps_own_words_are_placeholders():
    texts = [step.get("texto", "") for step in read("huggy", "contratacao")["passos"]]
    [consent] = [text for text in texts if "{{PROVEDOR}}" in text]
    assert consent.startswith("Para isso, {{PROVEDOR}} guarda o seu nome")
    assert "por até {{DIAS}} dias" in consent


def test_the_keys_of_each_kind_of_step():
    steps = [step for which in ALL for step in read(*which)["passos"]]
    keys = {step["acao"]: list(step) for step in steps}
    assert keys == {
        "Enviar mensagem": ["id", "acao", "texto", "depois"],
        "Enviar pergunta": ["id", "acao", "texto", "variavel", "resposta", "botoes", "depois"],
        "Enviar requisição": [
            *("id", "acao", "metodo", "url", "cabecalho", "corpo", "processar_resposta", "depois"),
        ],
        "Condicional": ["id", "acao", "variavel", "casos", "senao"],
        "Pausas": ["id", "acao", "segundos", "depois"],
        "Transferir para atendente": ["id", "acao"],
        "Finalizar atendimento": ["id", "acao"],
    }
    assert all(len(step["botoes"]) <= 3 for step in steps if "botoes" in step)


def test_the_loop_is_a_few_blocks():
    steps = read("huggy", "conversa")["passos"]
    assert len(steps) <= 10
    [call] = [step for step in steps if step["acao"] == "Enviar requisição"]
    assert call["corpo"] == {"conversa_id": "{conversa_id}", "etapa": "{etapa}", "resposta": "{acao}"}
    assert "conversa" not in loading.built_in()


def test_no_such_flow():
    for which in [("fivehub", "nada"), ("nada", "prospect"), ("huggy", "../fivehub_flows/prospect")]:
        with pytest.raises(export.NoSuchFlow):
            export.definition(*which, URL)
    with pytest.raises(export.NoSuchFlow, match="no flow localizacao_recebida of fivehub: see flows list"):
        export.definition("fivehub", "localizacao_recebida", URL)


def test_over_http(make_app):
    client = make_app(operator_key="operator-key", public_url=URL).test_client()
    for name in ("contratacao", "conversa"):
        answer = client.get(f"/flows/fivehub/{name}.json", headers=KEY)
        assert answer.get_json() == read("fivehub", name)
    for headers in ({}, {"X-Webhook-Key": "huggy-key-1"}):
        refused = client.get("/flows/fivehub/contratacao.json", headers=headers)
        assert (refused.status_code, refused.get_json()["codigo"]) == (401, "chave_invalida")
    nothing = client.get("/flows/fivehub/nada.json", headers=KEY)
    assert (nothing.status_code, nothing.get_json()["codigo"]) == (404, "nao_encontrado")
    off = make_app(public_url=URL).test_client().get("/flows/fivehub/contratacao.json", headers=KEY)
    assert off.status_code == 404


def test_the_webhook_alone_has_no_guide_and_no_simulator(tenant, sqlite_url):
    settings = Settings(
        (tenant,), STYLES, operator_key="operator-key", simulator=True, database_url=sqlite_url
    )
    client = create_app(settings).test_client()
    assert client.get("/flows/fivehub/contratacao.json", headers=KEY).status_code == 200
    assert client.get("/flows/fivehub/contratacao.html", headers=KEY).status_code == 404
    assert client.get("/simulador").status_code == 404
    described = client.get("/openapi.json").get_json()["paths"]
    assert [path for path in described if path.startswith("/flows/")] == ["/flows/{platform}/{name}.json"]
