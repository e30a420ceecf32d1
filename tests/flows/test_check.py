"""A broken flow for each finding of the checker."""

import json

import pytest

from webhook.cli.flows import routes
from webhook.flows import loading
from webhook.flows.check import check
from webhook.flows.definition import Condition, HandOver, Message, Request

REQUEST = {
    "id": "consulta",
    "acao": "Enviar requisição",
    "metodo": "POST",
    "url": "{{PUBLIC_URL}}/huggy/viabilidade",
    "cabecalho": {"X-Webhook-Key": "{{CHAVE}}"},
    "corpo": {"localizacao": "{localizacao}"},
    "processar_resposta": ["codigo", "mensagem"],
    "depois": "resultado",
}
QUESTION = {
    "id": "pede",
    "acao": "Enviar pergunta",
    "nome": "Localização",
    "variavel": "localizacao",
    "texto": "Onde é?",
    "depois": "consulta",
}
CONDITION = {
    "id": "resultado",
    "acao": "Condicional",
    "variavel": "codigo",
    "casos": [{"valores": ["viavel"], "depois": "diz"}],
    "senao": "atendente",
}
SAYS = {"id": "diz", "acao": "Enviar mensagem", "texto": "{mensagem}", "depois": "fim"}
END = {"id": "fim", "acao": "Finalizar atendimento"}
PERSON = {"id": "atendente", "acao": "Transferir para atendente"}
GOOD = [QUESTION, REQUEST, CONDITION, SAYS, END, PERSON]
INDEX = """[exemplo]
titulo = "Exemplo"
para_que = "testar"
coleta = ["localização"]
define = ["codigo", "localizacao", "mensagem"]
versao = "1"
data = 2026-11-24
"""


@pytest.fixture
def findings(tmp_path):
    def findings(steps=GOOD, index=INDEX, text=None, **changes):
        for platform in ("huggy", "fivehub"):
            (tmp_path / f"{platform}_flows").mkdir(exist_ok=True)
            (tmp_path / f"{platform}_flows" / "index.toml").write_text(index if platform == "huggy" else "")
        flow = {
            "formato": 1,
            "plataforma": "huggy",
            "nome": "exemplo",
            "titulo": "Exemplo",
            "inicio": "pede",
            "passos": steps,
        }
        path = tmp_path / "huggy_flows" / "exemplo.json"
        path.write_text(text if text is not None else json.dumps(flow | changes))
        return [str(finding) for finding in check(loading.load(tmp_path), routes())]

    return findings


def changed(step, **changes):
    """GOOD with one step changed; None takes a key away."""
    new = {key: value for key, value in (step | changes).items() if value is not None}
    return [new if other is step else other for other in GOOD]


def test_a_good_flow_has_none(findings):
    assert findings() == []


BROKEN = {
    "an unknown action": (changed(END, acao="Dançar"), "passos.4 acao must be one of: Enviar mensagem | "),
    "a missing setting": (changed(SAYS, texto=None), "passos.3.texto Missing data for required field."),
    "an unknown setting": (changed(END, cor="azul"), "passos.4.cor Unknown field."),
    "a value in two cases": (
        changed(
            CONDITION,
            casos=[{"valores": ["viavel"], "depois": "diz"}, {"valores": ["Viavel"], "depois": "fim"}],
        ),
        "[resultado]: Viavel stands in two cases",
    ),
    "a case that is called like everything else": (
        changed(CONDITION, variavel="mensagem", casos=[{"valores": ["senão"], "depois": "diz"}]),
        "[resultado]: senão cannot be a value",
    ),
    "a button without a text": (changed(QUESTION, botoes=[""]), "passos.0.botoes.0 "),
    "an id twice": ([*GOOD, SAYS], "[diz]: the id is used 2 times"),
    "an edge to nowhere": (changed(SAYS, depois="longe"), "[diz]: leads to longe, which does not exist"),
    "a step that no edge leads to": (
        [*GOOD, {"id": "ilha", "acao": "Pausas", "segundos": 3, "depois": "fim"}],
        "[ilha]: no way leads here",
    ),
    "a loop without an exit": (changed(SAYS, depois="diz"), "[diz]: no way leads from here to an end"),
    "an unknown route": (
        changed(REQUEST, url="{{PUBLIC_URL}}/huggy/viabilidades"),
        "[consulta]: /huggy/viabilidades is no route of this service for huggy",
    ),
    "a route of another platform": (
        changed(REQUEST, url="{{PUBLIC_URL}}/fivehub/viabilidade"),
        "[consulta]: /fivehub/viabilidade is no route of this service for huggy",
    ),
    "a method that the route does not take": (
        changed(REQUEST, metodo="PUT"),
        "[consulta]: /huggy/viabilidade does not take PUT",
    ),
    "a variable without a value": (
        changed(SAYS, texto="{nome}"),
        "[diz]: reads {nome}, which may have no value here",
    ),
    "a variable that only some paths set": (
        [
            {
                "id": "inicio",
                "acao": "Condicional",
                "variavel": "canal",
                "casos": [{"valores": ["x"], "depois": "pede"}],
                "senao": "consulta",
            },
            *GOOD,
        ],
        "[consulta]: reads {localizacao}, which may have no value here",
    ),
    "a key that the reply does not have": (
        changed(REQUEST, processar_resposta=["codigo", "mensagem", "cliente_id"]),
        "[consulta]: /huggy/viabilidade answers without the key cliente_id",
    ),
    "a key that a recipe does not have": (
        changed(
            REQUEST, url="{{PUBLIC_URL}}/huggy/consulta/sinal", processar_resposta=["codigo", "potencia"]
        ),
        "[consulta]: /huggy/consulta/sinal answers without the key potencia",
    ),
    "an unknown recipe": (
        changed(REQUEST, url="{{PUBLIC_URL}}/huggy/consulta/nada"),
        "[consulta]: /huggy/consulta/nada is no route of this service for huggy",
    ),
    "an unknown outcome": (
        changed(CONDITION, casos=[{"valores": ["viável"], "depois": "diz"}]),
        "[resultado]: viável is no outcome of this service",
    ),
    "no edge for the other outcomes": (changed(CONDITION, senao=None), "passos.2.senao Missing data"),
    "a long text": (changed(SAYS, texto="x" * 1025), "[diz]: the text has more than 1024 characters"),
    "many buttons": (changed(QUESTION, botoes=["a", "b", "c", "d"]), "[pede]: more than 3 buttons"),
    "a long button": (
        changed(QUESTION, botoes=["x" * 21]),
        "has more than 20 characters",
    ),
    "a URL without its placeholder": (
        changed(REQUEST, url="https://isp.example/huggy/viabilidade"),
        "[consulta]: the URL must begin with {{PUBLIC_URL}}",
    ),
    "a call without a key": (changed(REQUEST, cabecalho={}), "[consulta]: no header has the key {{CHAVE}}"),
    "a secret": (
        changed(REQUEST, cabecalho={"X-Webhook-Key": "{{CHAVE}}", "X": "a81f3c9d2b7e40516f8e"}),
        "[consulta]: has a text that looks like a secret",
    ),
    "a bearer token": (changed(SAYS, texto="Bearer abc"), "[diz]: has a text that looks like a secret"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_finding(findings, name):
    steps, expected = BROKEN[name]
    platform_variables = {"canal": "o canal"} if name.startswith("a variable that only") else {}
    start = "inicio" if platform_variables else "pede"
    reported = findings(steps, variaveis_da_plataforma=platform_variables, inicio=start)
    assert any(expected in finding for finding in reported), reported
    assert all("exemplo" in finding for finding in reported)


def test_files_and_index(findings, tmp_path):
    flow, index = "huggy_flows/exemplo.json", "huggy_flows/index.toml"
    broken = findings(text="{")
    assert broken[0].startswith(f"{flow}: is not JSON: Expecting property name")
    assert broken[1:] == [f"{index} [exemplo]: has no file"]
    assert findings(index="") == [f"{flow}: has no entry in index.toml"]
    assert findings(index="[")[0].startswith(f"{index}: cannot be read: ")
    without_version = INDEX.replace('versao = "1"\n', "")
    assert findings(index=without_version)[0] == f"{index} [exemplo]: versao Missing data for required field."
    assert findings(index=INDEX.replace(', "mensagem"', "")) == [
        f"{flow}: index.toml must say: define = ['codigo', 'localizacao', 'mensagem']"
    ]
    assert findings(inicio="longe")[0] == f"{flow}: inicio leads to longe, which does not exist"
    assert findings(nome="outro")[0] == f"{flow}: says it is outro of huggy"
    assert findings(formato=2)[0].startswith(f"{flow}: formato")
    (tmp_path / "huggy_flows" / "index.toml").unlink()
    assert "cannot be read" in str(loading.load(tmp_path).findings[-1])


def test_all_findings_at_once(findings):
    steps = [step | {"texto": "Bearer abc {nome}"} if step is SAYS else step for step in GOOD]
    assert len(findings(steps)) == 2


@pytest.mark.parametrize("code", ["viavel_sem_caixa", "falhou", "busca_incompleta", "ozmap_recusou"])
@pytest.mark.parametrize(
    "flow", loading.load().flows.values(), ids=lambda flow: f"{flow.platform}/{flow.name}"
)
def test_a_code_for_a_person_leads_to_one_after_its_message(flow, code):
    ends = ("/viabilidade", "/reserva", "/reserva/consulta", "/reserva/cancelamento", "/prospect")
    steps = flow.by_id
    for request in flow.steps:
        if not isinstance(request, Request) or not request.url.endswith(ends):
            continue
        step, texts = steps[request.next], []
        while step.next:
            if isinstance(step, Condition):
                assert step.variable == "codigo"
                step = steps[next((case.next for case in step.cases if code in case.values), step.next)]
            else:
                assert type(step) is Message
                texts.append(step.text)
                step = steps[step.next]
        assert isinstance(step, HandOver)
        assert "{mensagem}" in texts


def test_the_flows_that_ship_have_none():
    assert check(loading.load(), routes()) == []
