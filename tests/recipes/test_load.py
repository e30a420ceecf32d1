"""Whatever is wrong with a recipe stops the start, all of it at once, with file and line."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from webhook.recipes.expressions import Expression
from webhook.recipes.load import BUILTIN, load, read
from webhook.settings import SettingsError

GOOD = """descricao = "Exemplo"
caminho = "boxes/{caixa_id}"

[entrada]
serial = "texto"

[parametros]
filter = [{ property = "onu", operator = "=", value = "{serial}" }]

[chaves]
nome = "name"
quando = { valor = "createdAt", tipo = "data" }
"""


@pytest.fixture
def problems(tmp_path):
    def problems(text, name="exemplo.toml"):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(SettingsError) as stop:
            read(path)
        assert all(problem.startswith(f"{path}:") for problem in stop.value.problems)
        return [problem.removeprefix(f"{path}:") for problem in stop.value.problems]

    return problems


def test_a_good_one(tmp_path):
    (tmp_path / "exemplo.toml").write_text(GOOD)
    recipe = read(tmp_path / "exemplo.toml")
    assert (recipe.name, recipe.key_names) == ("exemplo", ["nome", "quando"])
    assert recipe.wanted == {"caixa_id", "serial"}


LIST = '[lista]\nnome = "x"\nde = "rows"\nate = {}\n[lista.chaves]\nid = "id"'

MISTAKEN = """descricao = "x"
mensagem = "{cor} {tamanho}"
caminho = "boxes/{a}/{b}"
plataformas = ["zap", "sms"]

[parametros]
q = "{c}"

[antes]
caminho = "x/{d}"
chaves.id = "["

[chaves]
nome = "name"
value = "cor(name)"

[lista]
nome = "X"
de = "rows"
ate = 2
[lista.chaves]
nome = "cor(name)"
"""

WRONG = {
    'caminho = "boxes/{caixa_id}"': {
        'caminho = "../boxes"': "2: caminho must be a path below /api/v2",
        'caminho = "https://evil.example/x"': "2: caminho must be a path below /api/v2",
        'caminho = "boxes?x=1"': "2: caminho must be a path below /api/v2",
        'caminho = "/boxes"': "2: caminho must be a path below /api/v2",
        'caminho = "boxes/{codigo}"': "2: caminho {codigo} is no request key: declare it under [entrada]",
        "caminho = 7": "2: caminho must be a path below /api/v2",
        "": "1: caminho Missing data for required field.",
        'caminho = "boxes"\nmetodo = "POST"': "3: metodo is not a setting of a recipe",
        'caminho = "boxes"\nplataformas = ["zap"]': (
            "3: plataformas zap is no platform: huggy | fivehub | typebot"
        ),
        'caminho = "boxes"\nmensagem = "Oi {cor}"': "3: mensagem {cor} is no key of this recipe",
        'caminho = "boxes"\ncache_s = -1': "3: cache_s Must be greater than or equal to 0",
        'caminho = "boxes"\nvazio = "[0"': "3: vazio is no JMESPath expression: ",
        'caminho = "boxes/{caixa_id"': "2: caminho must be a path below /api/v2",
        'caminho = "boxes/{}"': "2: caminho {} is no request key",
        'caminho = "boxes/%2e%2e/{caixa_id}"': "2: caminho must be a path below /api/v2",
    },
    'serial = "texto"': {
        'serial = "cor"': "5: entrada.serial Must be one of: texto, numero, id.",
        'Serial = "texto"': "5: entrada.Serial must be a name of a-z",
        'outra = "texto"': "8: parametros.filter {serial} is no request key",
    },
    'filter = [{ property = "onu", operator = "=", value = "{serial}" }]': {
        """filter = '[{"property":"onu","value":"{serial}"}]'""": "8: parametros.filter must be an array",
        'filter = "{serial}"': "8: parametros.filter must be an array or a table",
        """busca = '{"a":"{serial}"}'""": "8: parametros.busca must be an array or a table",
        "desde = 2024-01-01": "8: parametros.desde must be made of text, numbers, true and false",
        "filter = [{ value = 2024-01-01T00:00:00Z }]": "8: parametros.filter must be made of text",
        "radius = nan": "8: parametros.radius must be made of text",
    },
    'nome = "name"': {
        'Nome = "name"': "11: chaves.Nome must be a name of a-z",
        'codigo = "name"': "11: chaves.codigo is a key of every reply: take another name",
        'mensagem = "name"': "11: chaves.mensagem is a key of every reply: take another name",
        'nome = "name["': "11: chaves.nome is no JMESPath expression: ",
        'nome = ""': "11: chaves.nome must be a JMESPath expression",
        "nome = 7": "11: chaves.nome must be a JMESPath expression",
        'nome = "cor(name)"': "11: chaves.nome is no JMESPath expression: there is no function cor",
        'nome = { valor = "name", tipo = "hora" }': "11: chaves.nome must be an expression, or ",
        'nome = { tipo = "data" }': "11: chaves.nome must be an expression, or ",
        f'nome = "name"\n{LIST.format(99)}': "15: lista.ate Must be",
        'nome = "name"\n[lista]\nnome = "x"\nde = "rows"\nate = 2': "12: lista.chaves Missing data",
        f'x_1_id = "a"\n{LIST.format(2)}': "11: chaves.x_1_id stands twice",
        'nome = "a"\n[antes]\ncaminho = "x"\nchaves.nome = "b"': "14: antes.chaves.nome stands twice",
        'nome = "a"\n[antes]\ncaminho = "boxes"\nchaves.a = "b"\n[x]\ny = "z"': "x is not a setting",
    },
}


@pytest.mark.parametrize(
    ("line", "instead"), [(line, instead) for line, others in WRONG.items() for instead in others], ids=str
)
def test_what_is_wrong(problems, line, instead):
    found = problems(GOOD.replace(line, instead))
    assert any(WRONG[line][instead] in problem for problem in found), found


def test_all_mistakes_at_once(problems):
    text = GOOD.replace('"name"', '"["').replace('"boxes/{caixa_id}"', '"../x"').replace('"texto"', '"cor"')
    assert [problem[: problem.index(":")] for problem in problems(text)] == ["2", "5", "11"]


def test_no_mistake_hides_another(problems):
    assert problems(MISTAKEN) == [
        "2: mensagem {cor} is no key of this recipe",
        "2: mensagem {tamanho} is no key of this recipe",
        "3: caminho {a} is no request key: declare it under [entrada]",
        "3: caminho {b} is no request key: declare it under [entrada]",
        "4: plataformas sms is no platform: huggy | fivehub | typebot",
        "4: plataformas zap is no platform: huggy | fivehub | typebot",
        "7: parametros.q {c} is no request key: declare it under [entrada]",
        "10: antes.caminho {d} is no request key: declare it under [entrada]",
        "11: antes.chaves.id is no JMESPath expression: Invalid jmespath expression: Incomplete expression:"
        ' "[" ^',
        "15: chaves.value is no JMESPath expression: there is no function cor",
        "18: lista.nome must be a name of a-z, 0-9 and _, beginning with a letter",
        "22: lista.chaves.nome is no JMESPath expression: there is no function cor",
    ]


def test_a_key_of_the_request_that_the_first_read_makes_again(tmp_path):
    text = GOOD.replace("[chaves]", '[antes]\ncaminho = "x/{caixa_id}"\nchaves.caixa_id = "id"\n[chaves]')
    (tmp_path / "exemplo.toml").write_text(text)
    assert read(tmp_path / "exemplo.toml").wanted == {"caixa_id", "serial"}


def test_static_json_text_may_stand(tmp_path):
    text = GOOD.replace("[chaves]", """sort = '[{"property":"name","direction":1}]'\n[chaves]""")
    (tmp_path / "exemplo.toml").write_text(text)
    assert read(tmp_path / "exemplo.toml").wanted == {"caixa_id", "serial"}


DOCUMENTED = re.findall(
    "```toml\n(.*?)```", (Path(__file__).parents[2] / "docs" / "pt" / "recipes.md").read_text(), re.DOTALL
)


@pytest.mark.parametrize("text", DOCUMENTED)
def test_the_documented_file_is_a_recipe(tmp_path, text):
    (tmp_path / "onu.toml").write_text(text)
    assert read(tmp_path / "onu.toml").key_names == ["nome_do_cliente", "implantado"]


# JMESPath still takes `abc` for "abc", and says that it will not for ever.
@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@given(st.text() | st.text(alphabet="ab.[]{}()*?|&@!=<>`'\\\"0123:,- "))
def test_any_text_is_an_expression_or_a_mistake(text):
    try:
        found = Expression(text).search({"a": [{"b": 1}]})
    except ValidationError as error:
        assert str(error.messages[0]).startswith("is no JMESPath expression: ")
    else:
        json.dumps(found, default=repr)


def test_no_toml_and_a_bad_name(problems):
    assert problems("descricao = ")[0].startswith(" is not TOML: ")
    assert problems(GOOD, "Exemplo Um.toml") == [
        " the file's name must be of a-z, 0-9 and _, beginning with a letter"
    ]


def test_an_isps_own_recipe_takes_the_place_of_ours(tmp_path):
    assert sorted(load(None)) == sorted(path.stem for path in BUILTIN.glob("*.toml"))
    (tmp_path / "cliente.toml").write_text(GOOD)
    (tmp_path / "outra.toml").write_text(GOOD)
    own = load(str(tmp_path))
    assert own["cliente"].description == "Exemplo"
    assert len(own) == len(load(None)) + 1


def test_a_folder_without_recipes_stops_the_start(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match="has no recipes: name a folder with"):
            load(str(folder))


def test_a_placeholder_of_the_first_read_must_be_sent(problems):
    text = GOOD.replace("[chaves]", '[antes]\ncaminho = "boxes/{nome_da_caixa}"\nchaves.id = "id"\n[chaves]')
    assert problems(text) == [
        "11: antes.caminho {nome_da_caixa} is no request key: declare it under [entrada]"
    ]
