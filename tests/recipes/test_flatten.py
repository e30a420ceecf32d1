"""Any answer becomes flat values: readable, and never the syntax of a language."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.recipe import RecipeSchema
from webhook.recipes.flatten import is_empty, message, readable, spread_over, values_of

SAMPLES = Path(__file__).parents[1] / "fixtures" / "ozmap"


def recipe(text, name="exemplo"):
    return RecipeSchema(name, ["huggy", "fivehub"]).load(
        tomllib.loads('descricao = "x"\ncaminho = "x"\n' + text)
    )


def flat(keys, answer):
    return values_of(recipe(f"[chaves]\n{keys}").main, answer)


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
            "lugar": "-48.50243926 e -27.59561149",
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
    "tag": ('nome = "name"\ntipos = "allowedTypes"', None),
    "box": ('implantada = "implanted"\nem_projeto = "draft"\ncaixa = "name"', None),
    "box_row": ('tipo = "boxType"\ncaixa = "name"', None),
    "splitter": (
        'livres = "portas_livres([@])"\nsaidas = "length(connectables.output)"',
        {"livres": 7, "saidas": 8},
    ),
    "splitter_without_ports": ('livres = "portas_livres([@])"', {"livres": 3}),
    "pole": ('usavel = "usable"\nlicenca = "licensing.status"', None),
    "poles_list": ('nomes = "rows[].name"', None),
    "project": ('drop_m = "drop.maxSize"\nareas = "type(area)"', {"drop_m": 200, "areas": "object"}),
}


def test_every_sample_is_here():
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(WHOLE)


@pytest.mark.parametrize("name", WHOLE)
def test_sample(name):
    keys, expected = WHOLE[name]
    answer = json.loads((SAMPLES / f"{name}.json").read_text())
    found = flat("\n".join(line.strip() for line in keys.splitlines()), answer)
    if expected is None:
        expected = EXPECTED[name](answer)
    assert found == expected


EXPECTED = {
    "tag": lambda raw: {"nome": raw["name"], "tipos": " e ".join(raw["allowedTypes"])},
    "box": lambda raw: {"implantada": False, "em_projeto": False, "caixa": raw["name"]},
    "box_row": lambda raw: {"tipo": None, "caixa": raw["name"]},
    "pole": lambda raw: {"usavel": raw["usable"], "licenca": raw["licensing"]["status"]},
    "poles_list": lambda raw: {
        "nomes": "{}, {} e {}".format(*(row["name"] for row in raw["rows"])),
    },
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["A", "B", "C"], "A, B e C"),
        (["A"], "A"),
        ([], ""),
        ([True, False, None, 1.5, 2], "sim, não, 1.5 e 2"),
        ({"nome": "X", "portas": [1, 2]}, "nome: X e portas: 1 e 2"),
        ([["A", "B"], []], "A e B"),
        ("  a\n b ", "a b"),
        (float("nan"), ""),
        ("x" * 5000, "x" * 1000),
        (["x" * 600, "y" * 600], f"{'x' * 600} e {'y' * 397}"),
    ],
)
def test_readable(value, text):
    assert readable(value) == text


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2022-12-07T16:07:23.649Z", "07/12/2022 13:07"),
        ("2022-12-07T01:07:23-03:00", "07/12/2022 01:07"),
        ("2022-12-07", "06/12/2022 21:00"),
        ("ontem", None),
        ("0001-01-01T00:00:00Z", None),
        (7, None),
        (None, None),
    ],
)
def test_times(time, told):
    assert flat('quando = { valor = "t", tipo = "data" }', {"t": time}) == {"quando": told}


def test_a_list_over_numbered_keys():
    spread = recipe(
        '[lista]\nnome = "caixa"\nde = "rows"\nate = 2\n[lista.chaves]\nid = "id"\nnome = "name"'
    ).spread
    rows = [{"id": n, "name": f"CTO {n}"} for n in range(3)]
    assert spread_over(spread, {"rows": rows[:1]}) == {
        "caixa_1_id": 0,
        "caixa_1_nome": "CTO 0",
        "caixa_2_id": None,
        "caixa_2_nome": None,
        "total": 1,
    }
    assert spread_over(spread, {"rows": rows})["total"] == 3
    assert spread_over(spread, {"rows": "x"})["total"] == 0


def test_a_message_with_values_in_it():
    told = recipe('mensagem = "{nome} tem {portas} portas"\n[chaves]\nnome = "a"\nportas = "b"')
    assert message(told, {"nome": "{portas}", "portas": None}) == "{portas} tem  portas"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["rows", "name", "id", "connectables", "output"]) | st.text(max_size=5), inner
        )
    ),
    max_leaves=20,
)
EXPRESSIONS = [
    "rows[].name", "@", "[0]", "length(@)", "sort_by(rows, &name)", "rows[?name > `3`].id", "sum(rows[].id)",
    "portas_livres(rows)", "max(rows[].id)", "join(', ', rows)", "rows[*].{a: id, b: name}", "reverse(rows)",
    "to_number(name)", "rows[::2]", "keys(@)", "contains(name, 'x')", "avg(rows)", "map(&id, rows)",
]  # fmt: skip
EVERYTHING = """vazio = "length(rows) == `0`"
[lista]
nome = "x"
de = "rows"
ate = 2
[lista.chaves]
n = "name"
[chaves]
quando = { valor = "name", tipo = "data" }
"""


@given(JSON, st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=6))
def test_any_answer_and_any_recipe_give_exactly_its_keys(answer, expressions):
    keys = "\n".join(f"k{n} = {json.dumps(text)}" for n, text in enumerate(expressions))
    some = recipe(EVERYTHING + keys)
    found = values_of(some.main, answer) | spread_over(some.spread, answer)
    assert list(found) == some.key_names
    assert all(isinstance(value, str | int | float | bool | None) for value in found.values())
    json.dumps(found, allow_nan=False)
    assert isinstance(is_empty(some.main, answer), bool)
