"""python -m webhook recipe try: the raw answer, the flat one, and what else could be had."""

import json
import re
import sys

import pytest

from webhook.__main__ import main
from webhook.recipes.flatten import values_of
from webhook.recipes.load import read


@pytest.fixture
def try_recipe(sandbox, monkeypatch, capsys):
    def try_recipe(*arguments):
        settings = {"OZMAP_URL": sandbox.url, "OZMAP_TOKEN": sandbox.token, "HUGGY_KEY": "12345678"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["webhook", "recipe", "try", *arguments])
        status = main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return try_recipe


def test_raw_beside_flat_and_every_key(try_recipe):
    status, out, err = try_recipe("cliente", "codigo_cliente=22611812")
    assert (status, err) == (0, "")
    first, _, flat = out.partition("# OZmap: GET properties/{imovel_id}")
    assert first.startswith("# OZmap: GET properties/client/{codigo_cliente}\n[")
    assert 'client_name = "[0].client.name"  # Helena Jaques' in first
    assert 'connections_port = "connections[0].port"  # 2' in flat
    reply = json.loads(flat.partition("# The flat reply\n")[2])
    assert (reply["codigo"], reply["porta"], reply["implantado"]) == ("consulta_ok", 2, True)


def test_what_is_shown_was_read_once(try_recipe, sandbox):
    try_recipe("cliente", "codigo_cliente=22611812")
    assert len(sandbox.requests) == 2


def test_the_keys_that_are_shown_make_a_recipe(try_recipe, sandbox, tmp_path):
    odd = {
        "rows": [{"a b": 1, "é": "x\ny", "rows": [{"codigo": "\U0001f600"}], "idsOfAll": [1, 2], "2": None}]
    }
    odd["codigo"] = odd["rows_codigo"] = {"x": [[1], []]}
    sandbox.faults.add("/projects", status=200, body=odd)
    _, out, _ = try_recipe("projetos")
    shown = re.search(r"# Every key [^\n]+\n(.*?)\n\n", out, re.DOTALL)[1]
    (tmp_path / "x.toml").write_text(f'descricao = "x"\ncaminho = "x"\n[chaves]\n{shown}\n')
    assert values_of(read(tmp_path / "x.toml"), odd) == {
        "length": 1,
        "a_b": 1,
        "valor": "x y",
        "length_1": 1,
        "valor_codigo": "😀",
        "ids_of_all": "1 e 2",
        "valor_2": None,
        "length_codigo_x": 2,
        "codigo_x": "1",
        "length_rows_codigo_x": 2,
        "rows_codigo_x": "1",
    }


def test_a_404(try_recipe, sandbox):
    sandbox.faults.add("/properties", status=404)
    _, out, _ = try_recipe("cliente", "codigo_cliente=1")
    assert out.startswith("# OZmap: GET properties/client/{codigo_cliente}\n# nothing there\n")
    assert json.loads(out.partition("# The flat reply\n")[2])["codigo"] == "consulta_vazia"


def test_nothing_there(try_recipe, sandbox):
    status, out, _ = try_recipe("caixa", "caixa_nome=X")
    assert status == 0
    assert [call.path for call in sandbox.requests] == ["/boxes"]
    assert json.loads(out.partition("# The flat reply\n")[2])["codigo"] == "consulta_vazia"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nada",), "no recipe nada: there are caixa, caixas_perto, cliente,"),
        (("cliente",), "codigo_cliente=... está faltando"),
        (("clientes_da_caixa", "caixa_id=x"), "caixa_id=... deve ter 24 letras e números"),
        (("caixas_perto",), "latitude=... está faltando; give coordinates here"),
        (("cliente", "codigo_cliente=1", "--isp", "norte"), "name one of: --isp isp"),
    ],
)
def test_mistakes(try_recipe, arguments, said):
    status, out, err = try_recipe(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith(said)


def test_ozmap_in_trouble(try_recipe, sandbox):
    sandbox.faults.add("/", status=403, body={"message": "Forbidden"})
    assert try_recipe("projetos") == (1, "", "OZmap: 403 Forbidden\n")
