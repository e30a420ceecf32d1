"""/openapi.json says what the service answers, and the service answers what it says."""

import json
import re
from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import negative_data_rejection

from sandbox import PLACES
from tests.sales.shop import PERSON
from webhook.store import Store, health
from webhook.web.actions import ACTIONS
from webhook.web.actions.base import ActionRequest, BadValues

KEY = "key-of-all-of-it"
HEADERS = {"X-Webhook-Key": KEY}
HTML = re.compile(r"/$|/(l|simulador)(/|$)")
CATCH_ALL = "/consulta/{receita}"
"""Every name that no recipe has."""


@pytest.fixture
def sandbox(own_sandbox):
    return own_sandbox


@pytest.fixture
def tenant(tenant):
    return replace(tenant, keys=dict.fromkeys(tenant.keys, (KEY,)))


@pytest.fixture
def app(make_app, sqlite_url, monkeypatch):
    # Without a worker /readyz is the one 5xx that the contract has. This one is alive for the whole test.
    monkeypatch.setattr(health, "ALIVE_FOR", 3600.0)
    health.beat(Store(sqlite_url), "a worker", ["isp"])
    return make_app(operator_key=KEY)


@pytest.fixture
def described(app):
    """The document as schemathesis reads it."""
    load_all_checks()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    schema.config.analysis.constants.enabled = False  # what else is imported would change the examples
    schema.validate()
    return schema


def read(app):
    return json.loads(app.test_client().get("/openapi.json").text)


def test_every_route_is_described(make_app):
    app = make_app(operator_key=KEY, simulator=True)
    rules = {
        (re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or {"GET"}) - {"HEAD"}  # the page at / takes any
    }
    rules = {one for one in rules if not HTML.match(one[0]) and not one[0].endswith(CATCH_ALL)}
    assert rules == {(path, method) for path, item in read(app)["paths"].items() for method in item}


def test_only_what_is_on_is_described(make_app, tenant):
    alone = read(make_app(replace(tenant, keys={"fivehub": (KEY,)})))
    assert {path.split("/")[1] for path in alone["paths"]} >= {"fivehub", "openapi.json"}
    assert not [path for path in alone["paths"] if path.startswith(("/huggy/", "/flows/", "/metrics"))]
    assert [tag["name"] for tag in alone["tags"]] == ["5Hub", "operators"]


def test_an_isps_own_recipe_is_described(make_app, tmp_path):
    (tmp_path / "meu.toml").write_text(
        'descricao = "Só do Huggy"\ncaminho = "boxes/{caixa_id}"\nplataformas = ["huggy"]\n'
        '[entrada]\nserie = "numero"\n[parametros]\nx = "{serie} {latitude} {cidade}"\n'
        '[chaves]\nnome = "name"\n'
    )
    document = read(make_app(recipes_dir=str(tmp_path)))
    own = document["paths"]["/huggy/consulta/meu"]["get"]
    assert own["summary"] == "Só do Huggy"
    needed = {one["name"]: one["schema"] for one in own["parameters"] if one["required"]}
    assert needed == {
        "caixa_id": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
        "cidade": {"type": ["string", "integer"], "maxLength": 200},
        "serie": {"type": ["number", "string"]},
    }
    assert {"latitude", "localizacao"} <= {one["name"] for one in own["parameters"]}
    assert document["components"]["schemas"]["TextRecipe_meu"]["properties"]["nome"] == {"type": "string"}
    assert "/fivehub/consulta/meu" not in document["paths"]


def test_values_in_each_style(make_app):
    schemas = read(make_app())["components"]["schemas"]
    typed, text = (schemas[f"{style}Viability"]["properties"] for style in ("", "Text"))
    assert typed["viavel"]["type"] == ["boolean", "null"]
    assert text["viavel"]["enum"] == ["sim", "nao", "indefinido"]
    assert typed["motivo"]["enum"] == ["sem_poste", "sem_caixa", "sem_porta", "distancia", None]
    assert text["motivo"]["enum"] == ["sem_poste", "sem_caixa", "sem_porta", "distancia", ""]
    assert typed["portas_livres"] == {"type": ["integer", "null"]}
    assert {one["type"] for one in text.values() if "type" in one} == {"string"}
    assert text["codigo"] == typed["codigo"] == {"$ref": "#/components/schemas/codigo"}
    as_text = read(make_app(styles={"huggy": "text", "fivehub": "text"}))
    responses = as_text["paths"]["/fivehub/viabilidade"]["post"]["responses"]
    assert responses["200"]["$ref"] == "#/components/responses/TextViability"


def test_each_action_reads_the_keys_that_are_described(app, monkeypatch):
    read_by = []

    def note(_, schema):
        read_by.append(schema)
        raise BadValues("")

    monkeypatch.setattr(ActionRequest, "read", note)
    for action in ACTIONS:
        app.test_client().post(f"/huggy/{action.name}", headers=HEADERS)
    assert read_by == [action.request for action in ACTIONS]


def test_replies_of_a_whole_sale_are_as_described(described, subtests):
    place, none = (
        {"latitude": p.lat, "longitude": p.lng} for p in (PLACES["viable"].point, PLACES["nowhere"].point)
    )
    sale = PERSON | {"conversa_id": "c-1"}
    calls = [
        ("viabilidade", place, "viavel"),
        ("viabilidade", none, "sem_viabilidade"),
        ("localizacao", {"endereco": "Rua Dona Marina, 552", "cidade": "Florianópolis"}, "localizacao_ok"),
        ("findme", sale, "link_criado"),
        ("findme/resultado", sale, "aguardando_localizacao"),
        ("reserva", sale | place, "reservado"),
        ("reserva/consulta", sale, "reserva_encontrada"),
        ("reserva/cancelamento", sale, "reserva_cancelada"),
        ("prospect", sale | none | {"tags": ["Chatbot"]}, "prospect_criado"),
        ("consulta/caixas_perto", place, "consulta_ok"),
        ("consulta/projetos", {}, "consulta_ok"),
        ("eco", {"a": {"b": 1.5}}, "eco"),
    ]
    for platform in ("huggy", "fivehub"):
        for action, body, code in calls:
            with subtests.test(f"{platform} {action}"):
                case = described[f"/{platform}/{action}"]["POST"].Case(
                    body=body, media_type="application/json"
                )
                assert case.call_and_validate(headers=HEADERS).json()["codigo"] == code


def test_no_request_is_answered_in_another_way_than_described(described, subtests):
    for operation in (one.ok() for one in described.get_all_operations()):
        right, wrong = (operation.as_strategy(mode) for mode in GenerationMode)

        @settings(max_examples=4, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        @given(st.one_of(right, wrong))
        def check(case):
            # Bad input is an outcome, with HTTP 200.
            case.call_and_validate(headers=HEADERS, excluded_checks=[negative_data_rejection])

        with subtests.test(operation.label):
            check()
