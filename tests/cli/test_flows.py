"""python -m webhook flows: what it prints, and its exit status."""

import sys

import pytest

from webhook.__main__ import main
from webhook.flows import loading


@pytest.fixture
def flows(monkeypatch, capsys):
    def flows(*arguments):
        monkeypatch.setattr(sys, "argv", ["webhook", "flows", *arguments])
        status = main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return flows


def test_check(flows, monkeypatch, tmp_path):
    status, out, err = flows("check")
    assert (status, err) == (0, "")
    assert out.endswith("0 finding(s)\n")
    monkeypatch.setattr(loading.load, "__defaults__", (tmp_path,))
    status, out, err = flows("check")
    assert (status, out) == (1, "flows: 0 read, 2 finding(s)\n")
    assert err.startswith("huggy_flows/index.toml: cannot be read")


def test_list_and_show(flows):
    assert "huggy viabilidade (versão 2" in flows("list")[1]
    path = loading.folder("huggy") / "viabilidade.json"
    assert flows("show", "huggy", "viabilidade") == (0, path.read_text(), "")
    assert flows("show", "huggy", "nada") == (1, "", "no flow nada of huggy: see flows list\n")


def test_export(flows, tmp_path):
    out = tmp_path / "fluxo.json"
    export = ("export", "fivehub", "contratacao", "--out", str(out), "--url", "https://isp.example/")
    assert flows(*export)[::2] == (0, "")
    assert "https://isp.example/fivehub/viabilidade" in out.read_text()
    assert flows("export", "huggy", "nada", "--out", str(out))[0] == 1
    status, _, err = flows("export", "huggy", "prospect", "--out", str(tmp_path / "no" / "x.json"))
    assert (status, err) == (1, f"{tmp_path / 'no' / 'x.json'}: No such file or directory\n")
