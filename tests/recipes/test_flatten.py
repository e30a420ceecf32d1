"""Any answer becomes flat values: readable, and never the syntax of a language."""

import json
import tomllib
from pathlib import Path

import pytest

from webhook.recipes.flatten import message, readable, values_of
from webhook.recipes.model import RecipeSchema

SAMPLES = Path(__file__).parents[1] / "fixtures" / "ozmap"


def recipe(text):
    return RecipeSchema().load(tomllib.loads('descricao = "x"\ncaminho = "x"\n' + text))


def flat(keys, answer):
    return values_of(recipe(f"[chaves]\n{keys}"), answer)


WHOLE = {
    "viability_radius": (
        """viavel = "viable"
        nomes = "boxes[].name"
        distancia_m = "boxes[0].distance"
        livres = "boxes[0].availability"
        recusadas = "length(refused_boxes)"
        imovel = "properties[0].address"
        """,
        {
            "viavel": True,
            "nomes": "CTO 22-05",
            "distancia_m": 30.41,
            "livres": 6,
            "recusadas": 0,
            "imovel": "720 Michigan Avenue, Chicago, IL -- 60605, United States",
        },
    ),
    "poles_near": (
        'nome = "rows[0].name"\ntotal_de_postes = "total"\nlat = "rows[0].lat"',
        {"nome": "P_2520", "total_de_postes": 12, "lat": None},
    ),
    "property_created": (
        'endereco = "address"\ncliente = "client"\nlugar = "coords"\n'
        'entrou = { valor = "history.clients[0].enter_date", tipo = "data" }',
        {
            "endereco": "Rua das Orquideas, 258",
            "cliente": "6390ba3be0e3780014620fdb",
            "lugar": "-48.50243926048279 e -27.59561149230905",
            "entrou": "07/12/2022 13:07",
        },
    ),
    "property_row": (
        'porta = "connections[0].port"\nsplitter = "connections[0].name"\nimplantado = "client.implanted"',
        {"porta": 1, "splitter": "Splitter 1", "implantado": True},
    ),
    "list_page": ('total_de_imoveis = "total"\nlidos = "length(rows)"', {"total_de_imoveis": 48, "lidos": 3}),
    "property_by_code": (
        'imovel = "[0]._id"\ncaixa = "[0].box"\nendereco = "[0].address"',
        {"imovel": "643d32bf7112800014c38742", "caixa": "5da728dd11450e0006947cbb", "endereco": None},
    ),
    "prospect_created": (
        'nome = "name"\ntags = "tags"\ncriado = { valor = "createdAt", tipo = "data" }',
        {
            "nome": "Maria",
            "tags": "638a088b25360200206c0750 e 638a089825360200206c0757",
            "criado": "02/12/2022 11:20",
        },
    ),
    "tag": (
        'nome = "name"\ntipos = "allowedTypes"\ncriada = { valor = "createdAt", tipo = "data" }',
        {"nome": "Sem viabilidade", "tipos": "prospect", "criada": "02/12/2022 11:15"},
    ),
    "box": (
        'implantada = "implanted"\nem_projeto = "draft"\ncaixa = "name"\nde_quem = "creatorData"',
        {
            "implantada": False,
            "em_projeto": False,
            "caixa": "teste",
            "de_quem": "id: 635c31fe8ea52700137428a3, name: api e username: api",
        },
    ),
    "box_row": (
        'tipo = "boxType"\ncaixa = "name"\ncabos = "cables"\nhistoria = "history"',
        {
            "tipo": None,
            "caixa": "POP - 1",
            "cabos": "5da61dd9493d9c0006665433 e 5da61dfb493d9c000666544d",
            "historia": None,
        },
    ),
    "splitter": (
        'livres = "portas_livres([@])"\nsaidas = "length(connectables.output)"',
        {"livres": 7, "saidas": 8},
    ),
    "splitter_without_ports": ('livres = "portas_livres([@])"', {"livres": 3}),
    "pole": (
        'usavel = "usable"\nlicenca = "licensing.status"\nlicenciado = "licensing"',
        {"usavel": True, "licenca": 0, "licenciado": "status: 0"},
    ),
    "poles_list": ('nomes = "rows[].name"', {"nomes": "P_1, P_2 e P_3"}),
    "project": ('drop_m = "drop.maxSize"\nareas = "type(area)"', {"drop_m": 200, "areas": "object"}),
}


def test_every_sample_is_here():
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(WHOLE)


@pytest.mark.parametrize("name", WHOLE)
def test_sample(name):
    keys, expected = WHOLE[name]
    answer = json.loads((SAMPLES / f"{name}.json").read_text())
    found = flat("\n".join(line.strip() for line in keys.splitlines()), answer)
    assert found == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["A", "B", "C"], "A, B e C"),
        (["A"], "A"),
        ([], ""),
        ([True, False, None, 1.5, 2, 12345678901.5, 1e-7], "sim, não, 1.5, 2, 12345678901.5 e 0.0000001"),
        ({"nome": "X", "portas": [1, 2]}, "nome: X e portas: 1 e 2"),
        ([["A", "B"], []], "A e B"),
        ("  a\n b ", "a b"),
        (float("nan"), ""),
        (float("-inf"), ""),
        (10**400, ""),
        ("x" * 1000, "x" * 1000),
        ("x" * 5000, "x" * 999 + "…"),
        (["x" * 600, "y" * 600], f"{'x' * 600}, {'y' * 397}…"),
        (["CTO 04-04"] * 1_000_000, "CTO 04-04, " * 90 + "CTO 04-04…"),
        ("a\ud800b\0\u200bc", "a b c"),
        ({"a\ud800\n": "b"}, "a: b"),
        ([[[[[[[[["fundo"]]]]]]]]], "…"),
    ],
)
def test_readable(value, text):
    assert readable(value) == text


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2022-12-07T16:07:23.649Z", "07/12/2022 13:07"),
        ("2022-12-07T01:07:23-03:00", "07/12/2022 01:07"),
        ("2022-12-07 16:07:23", "07/12/2022 13:07"),
        (" 20221207T160723Z ", "07/12/2022 13:07"),
        ("2022-12-07", "07/12/2022"),
        ("ontem", None),
        ("0001-01-01T00:00:00Z", None),
        (7, None),
        (None, None),
    ],
)
def test_times(time, told):
    assert flat('quando = { valor = "t", tipo = "data" }', {"t": time}) == {"quando": told}


def test_a_list_over_numbered_keys():
    spread = recipe('[lista]\nnome = "caixa"\nde = "rows"\nate = 2\n[lista.chaves]\nid = "id"\nnome = "name"')
    rows = [{"id": n, "name": f"CTO {n}"} for n in range(3)]
    assert values_of(spread, {"rows": rows[:1]}) == {
        "caixa_1_id": 0,
        "caixa_1_nome": "CTO 0",
        "caixa_2_id": None,
        "caixa_2_nome": None,
        "total": 1,
    }
    assert values_of(spread, {"rows": rows})["total"] == 3
    assert values_of(spread, {"rows": []})["total"] == 0
    assert values_of(spread, {"rows": "x"})["total"] is None


def test_a_message_with_values_in_it():
    told = recipe('mensagem = "{nome} tem {portas} portas"\n[chaves]\nnome = "a"\nportas = "b"')
    assert message(told, {"nome": "{portas}", "portas": 2}) == "{portas} tem 2 portas"
    assert message(told, {"nome": "CTO 1", "portas": None}) == ""
