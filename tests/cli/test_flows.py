"""python -m webhook flows: what it prints, and its exit status."""

import json
import sys

import pytest

from webhook.__main__ import main
from webhook.flows import export, loading
from webhook.flows.check import check_all
from webhook.platforms import PLATFORMS


@pytest.fixture
def flows(monkeypatch, capsys):
    def flows(*arguments):
        monkeypatch.setattr(sys, "argv", ["webhook", "flows", *map(str, arguments)])
        status = main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return flows


@pytest.fixture
def root(monkeypatch, tmp_path):
    """An empty folder in place of this repository, for what is exported."""
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.setattr(export.folder, "__defaults__", (root,))
    monkeypatch.setattr("webhook.cli.flows.check_all", lambda routes: check_all(routes, root))
    return root


def test_check(flows):
    status, out, err = flows("check")
    assert (status, err) == (0, "")
    assert out == f"flows: {len(loading.built_in()) + 1} read, 0 finding(s)\n"


def test_check_of_the_exported_files(flows, root):
    flows("write")
    assert flows("check")[0] == 0
    (root / "huggy_flows" / "conversa.json").write_text("{}")
    status, out, err = flows("check")
    assert (status, err) == (
        1,
        "huggy_flows/conversa.json: is not what its conversation makes: run flows write\n",
    )
    assert out.endswith("1 finding(s)\n")


def test_write_makes_what_there_is_and_takes_away_the_rest(flows, root):
    for platform in PLATFORMS:
        (root / f"{platform}_flows").mkdir()
        (root / f"{platform}_flows" / "antiga.json").write_text("{}")
    assert flows("write") == (0, "", "")
    for platform in PLATFORMS:
        made = {
            path.stem: path.read_text(encoding="utf-8") for path in (root / f"{platform}_flows").iterdir()
        }
        assert made == {
            name: export.definition(platform, name, export.PUBLIC_URL) for name in export.exported(platform)
        }


def test_what_is_committed_is_what_write_makes(flows, root):
    flows("write")
    for made in root.glob("*/*.json"):
        assert made.read_bytes() == (loading.LOOP.parents[2] / made.relative_to(root)).read_bytes()


def test_check_of_a_folder(flows, tmp_path):
    flows("new", "nossa", "--dir", tmp_path)
    assert flows("check", tmp_path)[::2] == (0, "")
    path = tmp_path / "nossa.toml"
    path.write_text(path.read_text().replace('depois = "nome"', 'depois = "longe"'))
    (tmp_path / "outra.toml").write_text("x = \n")
    status, out, err = flows("check", tmp_path)
    first, second = err.splitlines()
    assert status == 1
    assert first == (
        "nossa.toml [consentimento]: leads to longe, which does not exist: correct the name, or add the step"
    )
    assert second.startswith("outra.toml: cannot be read: ")
    assert out == f"flows: {len(loading.built_in()) + 3} read, 2 finding(s)\n"


def test_check_looks_at_the_services_own_folder(flows, tmp_path, monkeypatch):
    (tmp_path / "nossa.toml").write_text("")
    monkeypatch.setenv("FLOWS_DIR", str(tmp_path))
    status, _, err = flows("check")
    assert status == 1
    assert "nossa.toml: passos is missing\n" in err


def test_check_knows_the_isps_own_recipes(flows, tmp_path, monkeypatch):
    recipes, own = tmp_path / "recipes", tmp_path / "flows"
    recipes.mkdir()
    own.mkdir()
    (recipes / "meu.toml").write_text('descricao = "x"\ncaminho = "projects"\n[chaves]\nnome_dele = "name"\n')
    (own / "nossa.toml").write_text(
        'titulo = "x"\npara_que = "x"\nversao = "1"\ndata = 2026-11-27\n[passos.a]\nchame = "consulta/meu"\n'
        'guarde = ["nome_dele"]\nsenao = "b"\n[passos.b]\nencerre = "{nome_dele}"\n'
    )
    assert flows("check", own)[0] == 1
    monkeypatch.setenv("RECIPES_DIR", str(recipes))
    assert flows("check", own)[::2] == (0, "")


def test_a_copy_of_ours(flows, tmp_path):
    path = tmp_path / "nossa.toml"
    status, out, err = flows("new", "nossa", "--from", "prospect", "--dir", tmp_path)
    assert (status, err) == (0, "")
    assert out == f"{path}, for FLOWS_DIR; after a change: python -m webhook flows check {tmp_path}\n"
    source = loading.BUILT_IN / "prospect.toml"
    assert path.read_text().endswith(source.read_text())
    copy = loading.load(path)
    assert (copy.copy_of, copy.copied) == ("prospect", loading.digest(source))
    assert copy.steps == loading.load(source).steps


def test_a_copy_overwrites_nothing(flows, tmp_path):
    path = tmp_path / "nossa.toml"
    path.write_text("mine")
    assert flows("new", "nossa", "--dir", tmp_path) == (1, "", f"{path}: File exists\n")
    assert path.read_text() == "mine"
    status, _, err = flows("new", "nossa", "--dir", tmp_path / "nada")
    assert (status, err) == (1, f"{tmp_path / 'nada' / 'nossa.toml'}: No such file or directory\n")


def test_a_copy_goes_where_the_service_looks(flows, tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWS_DIR", str(tmp_path))
    flows("new", "contratacao")
    assert loading.load(tmp_path / "contratacao.toml").copy_of == "contratacao"


def test_only_ours_can_be_copied(flows, tmp_path):
    with pytest.raises(SystemExit):
        flows("new", "nossa", "--from", "nada", "--dir", tmp_path)


@pytest.mark.parametrize("name", ["../nossa", "Nossa", "a b", "", "1a", "nossa.toml"])
def test_a_copy_needs_a_name_that_the_service_can_use(flows, tmp_path, name):
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(SystemExit):
        flows("new", name, "--dir", folder)
    assert not list(tmp_path.rglob("*.toml"))


def test_a_copy_whose_original_has_changed(flows, tmp_path):
    flows("new", "nossa", "--dir", tmp_path)
    path, now = tmp_path / "nossa.toml", loading.digest(loading.BUILT_IN / "contratacao.toml")
    path.write_text(path.read_text().replace(now, "0123456789abcdef"))
    assert flows("check", tmp_path)[::2] == (
        1,
        "nossa.toml: contratacao has changed since it was copied: compare the two, and then set"
        f' original = "{now}"\n',
    )


def test_list_and_show(flows):
    listed = flows("list")[1].splitlines()
    assert len(listed) == sum(len(export.exported(platform)) for platform in PLATFORMS)
    assert any(line.startswith("huggy viabilidade (versão ") for line in listed)
    path = export.folder("huggy") / "viabilidade.json"
    assert flows("show", "huggy", "viabilidade") == (0, path.read_text(encoding="utf-8"), "")
    assert flows("show", "huggy", "nada") == (1, "", "no flow nada of huggy: see flows list\n")


def test_export(flows, tmp_path, monkeypatch):
    out = tmp_path / "fluxo.json"
    arguments = ("export", "fivehub", "contratacao", "--out", out)
    assert flows(*arguments, "--url", "https://isp.example/")[::2] == (0, "")
    assert "https://isp.example/fivehub/viabilidade" in out.read_text(encoding="utf-8")
    assert json.loads(out.read_text(encoding="utf-8"))["nome"] == "contratacao"
    monkeypatch.setenv("PUBLIC_URL", "https://outro.example")
    assert flows(*arguments)[0] == 0
    assert "https://outro.example/fivehub/viabilidade" in out.read_text(encoding="utf-8")
    assert flows("export", "huggy", "nada", "--out", out)[0] == 1
    status, _, err = flows("export", "huggy", "prospect", "--out", tmp_path / "no" / "x.json")
    assert (status, err) == (1, f"{tmp_path / 'no' / 'x.json'}: No such file or directory\n")
