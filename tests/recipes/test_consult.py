"""Recipes as flows call them: over the sandbox, on both platforms, whatever a customer writes."""

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox, sample_network
from schemas.reply import Reply
from tests.conftest import KEYS
from webhook.recipes.load import BUILTIN, load

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"```sh\n(curl .+?)\n```\n\n```json\n(.*?)```", re.DOTALL)
COMMON = list(Reply().fields)
EACH_RUN = {"protocolo", "prospect_id", "criado_em"}
"""Keys whose values are others in each run."""
CODE = "22611812"  # of a client of CTO 04-04


@pytest.fixture
def ask(client):
    def ask(recipe, platform="fivehub", **values):
        headers = {"X-Webhook-Key": KEYS[platform][0]}
        answer = client.post(f"/{platform}/consulta/{recipe}", json=values, headers=headers)
        assert answer.status_code == 200
        return answer.get_json()

    return ask


def test_the_documented_calls_give_the_documented_answers(make_app, tenant):
    shown = set()
    with Sandbox(token="t", network=sample_network()) as own:
        keys = {"huggy": ("demo-huggy",), "fivehub": ("demo-5hub",)}
        app = make_app(replace(tenant, keys=keys, ozmap_url=own.url, ozmap_token="t"))
        for line, expected in EXAMPLE.findall((ROOT / "docs" / "pt" / "recipes.md").read_text()):
            _, _, url, *options = shlex.split(line)
            path = urlsplit(url).path
            sent = list(zip(options[::2], options[1::2], strict=True))
            headers = [value.split(": ", 1) for flag, value in sent if flag == "-H"]
            data = [value.split("=", 1) for flag, value in sent if flag == "-d"]
            reply = app.test_client().post(path, headers=headers, data=dict(data)).get_json()
            documented = json.loads(expected)
            for key in EACH_RUN & documented.keys():
                assert reply.pop(key)
                assert documented.pop(key)
            assert reply == documented
            assert reply["codigo"] in {"consulta_ok", "prospect_criado"}
            shown.add(path)
    read = {path.rpartition("/")[2] for path in shown if "/consulta/" in path}
    assert read == {path.stem for path in BUILTIN.glob("*.toml")}


@pytest.mark.parametrize("platform", ["huggy", "fivehub"])
@pytest.mark.parametrize("name", load(None))
def test_all_of_its_keys_whatever_happens(client, sandbox, platform, name):
    recipe = load(None)[name]
    values = {"codigo_cliente": "x", "serial": "x", "caixa_nome": "x", "localizacao": "-27.5, -48.5"}
    values |= {"codigo_prospect": "x", "caixa_id": "5da61d359e6e85a19f351426"}
    good = {"X-Webhook-Key": KEYS[platform][0]}
    path = f"/{platform}/consulta/{name}"
    for options in (
        {"json": values, "headers": good},
        {"json": {}, "headers": good},
        {"data": "{", "headers": good},
        {"json": values},
        {"data": "x" * 70_000, "headers": good},
    ):
        for fault in (None, {"status": 503}, {"status": 401}, {"status": 404}, {"status": 200, "body": [[]]}):
            if fault:
                sandbox.faults.add("/", **fault)
            answer = client.post(path, **options)
            assert list(answer.get_json()) == [*COMMON, *recipe.key_names]
            assert answer.status_code in {200, 401, 413}
            if platform == "huggy":
                assert all(isinstance(value, str) for value in answer.get_json().values())
            sandbox.faults.clear()
    assert client.delete(path).status_code == 405


def test_outcomes(ask, sandbox):
    assert ask("cliente", codigo_cliente=CODE)["codigo"] == "consulta_ok"
    assert ask("cliente", codigo_cliente="nobody")["codigo"] == "consulta_vazia"
    assert ask("nada")["codigo"] == "consulta_desconhecida"
    assert list(ask("nada/mais")) == COMMON
    assert (
        ask("cliente")["mensagem"]
        == "Não foi possível usar os dados recebidos: codigo_cliente está faltando."
    )
    assert ask("cliente", codigo_cliente="{codigo}")["codigo"] == "dados_invalidos"
    assert ask("cliente", codigo_cliente="..")["mensagem"].endswith("mais que um ponto ou dois.")
    assert ask("clientes_da_caixa", caixa_id="x")["codigo"] == "dados_invalidos"
    assert ask("caixas_perto")["codigo"] == "localizacao_ausente"
    assert ask("caixas_perto", cep="88040-104")["codigo"] == "endereco_impreciso"
    assert ask("caixas_perto", localizacao="Rua Dona Marina, 552")["caixa_1_nome"] == "CTO 04-04"
    for fault, code in (
        ({"status": 404}, "consulta_vazia"),
        ({"status": 503}, "ozmap_indisponivel"),
        ({"status": 403}, "ozmap_recusou"),
        ({"broken": "half"}, "ozmap_indisponivel"),
        ({"status": 200, "body": []}, "consulta_vazia"),
        # Not what the recipe expects: nobody knows whether there is such a customer.
        ({"status": 200, "body": "Bad Gateway"}, "ozmap_indisponivel"),
        ({"status": 200, "body": 7}, "ozmap_indisponivel"),
        ({"status": 204, "body": ""}, "ozmap_indisponivel"),
        ({"status": 200, "body": None}, "ozmap_indisponivel"),
        ({"status": 200, "body": [{"id": ".."}]}, "ozmap_indisponivel"),
    ):
        sandbox.faults.add("/properties", **fault)
        assert ask("cliente", codigo_cliente=CODE)["codigo"] == code
        sandbox.faults.clear()


def test_values_in_the_platforms_style(ask):
    typed, text = (ask("cliente", platform, codigo_cliente=CODE) for platform in ("fivehub", "huggy"))
    assert (typed["implantado"], typed["porta"]) == (True, 2)
    assert (text["implantado"], text["porta"]) == ("sim", "2")
    assert ask("sinal", "huggy", codigo_cliente=CODE)["potencia_dbm"] == "-17.4"
    empty = [ask("cliente", platform, codigo_cliente="nobody")["porta"] for platform in ("fivehub", "huggy")]
    assert empty == [None, ""]


HOSTILE = [
    "../properties", "..", ".", "a/b", "a?limit=1", "a#b", "%2e%2e%2f", "..%2f", "a\\b", "a;b", "a&filter=[]",
    "á çã", '"}]', "{codigo}", "a\tb", "a\nb", "a|b", "//evil.example", "\u2028", "a b",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_changes_no_path(ask, sandbox, value):
    code = ask("cliente", codigo_cliente=value)["codigo"]
    assert code in {"consulta_vazia", "dados_invalidos"}
    for call in sandbox.requests:
        assert call.path == f"/properties/client/{value.strip()}"
        assert call.query == {}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_changes_no_filter(ask, sandbox, value):
    assert ask("caixa", caixa_nome=value)["codigo"] in {"consulta_vazia", "dados_invalidos"}
    for call in sandbox.requests:
        assert (call.path, call.query["limit"]) == ("/boxes", "1")
        told = [{"property": "name", "operator": "=", "value": value.strip()}]
        assert json.loads(call.query["filter"]) == told


@pytest.mark.parametrize("value", ["..", "../boxes", "a/b", "a?b=1", "%2e%2e", "a#b", ".", "a\\b"])
def test_a_value_of_ozmap_changes_no_path(ask, sandbox, value):
    sandbox.faults.add("/properties/client", status=200, body=[{"id": value}])
    reply = ask("cliente", codigo_cliente="1")
    asked = [call.path for call in sandbox.requests][1:]
    if value in {".", ".."}:
        assert (reply["codigo"], asked) == ("ozmap_indisponivel", [])
    else:
        assert (reply["codigo"], asked) == ("consulta_vazia", [f"/properties/{value}"])


def test_a_value_in_the_url_changes_no_path(client, sandbox):
    headers = {"X-Webhook-Key": KEYS["huggy"][0]}
    answer = client.get("/huggy/consulta/cliente?codigo_cliente=..%2f..%2fboxes%3flimit%3d1", headers=headers)
    assert answer.get_json()["codigo"] == "consulta_vazia"
    assert [call.path for call in sandbox.requests] == ["/properties/client/../../boxes?limit=1"]
    for path in ("../boxes", "%2e%2e/boxes", "cliente/../../boxes", "cliente%2f..", "cliente%00", ""):
        sandbox.requests.clear()
        answer = client.get(f"/huggy/consulta/{path}", headers=headers)
        assert (answer.status_code, len(sandbox.requests)) in {(200, 0), (404, 0)}
        assert answer.get_json()["codigo"] in {"consulta_desconhecida", "nao_encontrado"}


def test_all_that_is_missing_is_said_at_once(make_app, tmp_path):
    (tmp_path / "duas.toml").write_text(
        'descricao = "x"\ncaminho = "x/{caixa_id}/{serial}"\nentrada.serial = "numero"\nchaves.a = "a"\n'
    )
    client = make_app(recipes_dir=str(tmp_path)).test_client()
    reply = client.post(
        "/huggy/consulta/duas", json={"serial": "x"}, headers={"X-Webhook-Key": KEYS["huggy"][0]}
    )
    said = "Não foi possível usar os dados recebidos: caixa_id está faltando; serial deve ser um número."
    assert reply.get_json()["mensagem"] == said


def test_what_ozmap_does_not_say_is_not_a_no(ask, sandbox):
    customer = {"name": "Ana", "client": {"name": "Ana"}}
    sandbox.faults.add("/ftth-clients", status=200, body={"rows": [customer]})
    assert ask("cliente_por_onu", serial="x")["com_erro"] is None
    box = {"caixa_id": "5da61d35a3318ff6ab468847"}
    for clients, found in (
        ([0, 1, 1], (3, 2, "2 de 3 clientes desta caixa estão com erro.")),
        ([0, None], (2, None, "Consulta feita.")),
        ([], (0, 0, "0 de 0 clientes desta caixa estão com erro.")),
    ):
        rows = [{"client": {"id": "x", "status": status}} for status in clients] + [{"client": None}]
        sandbox.faults.add("/properties", status=200, body={"rows": rows})
        reply = ask("clientes_da_caixa", **box)
        assert (reply["clientes"], reply["com_erro"], reply["mensagem"]) == found
        sandbox.faults.clear()
    sandbox.faults.add("/properties", status=200, body={"rows": [{"client": "an id"}]})
    assert ask("clientes_da_caixa", **box)["com_erro"] is None
    sandbox.faults.clear()
    sandbox.faults.add(
        "/tags", status=200, body={"rows": [{"name": "A"}, {"name": "B", "allowedTypes": ["prospect"]}]}
    )
    assert ask("tags_de_prospect")["nomes"] == "B"


def test_a_number_stays_a_number(ask, sandbox):
    ask("caixas_perto", latitude="-27,5871", longitude="-48,5194")
    assert json.loads(sandbox.requests[-1].query["filter"])[0]["value"] == {
        "lat": -27.5871,
        "lng": -48.5194,
        "radius": 300,
    }


def test_own_recipes_with_options(make_app, tenant, tmp_path):
    (tmp_path / "caixas.toml").write_text(
        'descricao = "x"\ncaminho = "boxes"\nplataformas = ["huggy"]\ncache_s = 60\n'
        'mensagem = "Temos {quantas}."\n[parametros]\nlimit = 3\n[chaves]\nquantas = "length(rows)"\n'
    )
    with Sandbox(token="t", network=sample_network()) as own:
        isp = replace(tenant, ozmap_url=own.url, ozmap_token="t")
        client = make_app(isp, recipes_dir=str(tmp_path)).test_client()
        for _ in range(3):
            reply = client.post(
                "/huggy/consulta/caixas", headers={"X-Webhook-Key": KEYS["huggy"][0]}
            ).get_json()
            assert (reply["mensagem"], reply["quantas"]) == ("Temos 3.", "3")
        assert len(own.requests) == 1
        refused = client.post("/fivehub/consulta/caixas", headers={"X-Webhook-Key": KEYS["fivehub"][0]})
        assert refused.get_json()["codigo"] == "consulta_desconhecida"


def test_a_failure_is_not_remembered(ask, sandbox):
    sandbox.faults.add("/projects", status=503, times=2)
    assert [ask("projetos")["codigo"] for _ in range(3)] == [
        "ozmap_indisponivel",
        "consulta_ok",
        "consulta_ok",
    ]


def test_no_value_is_logged(ask, caplog, capsys):
    ask("cliente", codigo_cliente="code-of-a-customer")
    printed = capsys.readouterr().out
    assert "code-of-a-customer" not in printed + caplog.text
    [line] = map(json.loads, printed.splitlines())
    assert (line["action"], line["ozmap_calls"]) == ("consulta/cliente", 1)
