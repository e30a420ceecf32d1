"""An ISP's own conversations: where they come from, which goes first, and what stops the start."""

import os
import sys
from dataclasses import replace

import pytest

from tests.conftest import KEYS
from webhook import create_app
from webhook.__main__ import main
from webhook.flows import loading
from webhook.process.gunicorn_hooks import settings_at_start
from webhook.settings import SettingsError, load

OWN = """titulo = "Nossa"
para_que = "testar"
versao = "1"
data = 2026-11-27
[passos.pede]
pergunte = "{words}"
variavel = "nome"
precisa = "nome"
depois = "fim"
[passos.fim]
encerre = "Obrigado, {{nome}}!"
"""
BROKEN = OWN.replace('depois = "fim"', 'depois = "longe"')
LONGE = "[pede] leads to longe, which does not exist: correct the name, or add the step"


@pytest.fixture
def folder(tmp_path):
    """A folder with these conversations: name to the words of the question, or to the file's text."""

    def folder(called="flows", **files):
        path = tmp_path / called
        path.mkdir()
        for name, words in files.items():
            text = words if "\n" in words else OWN.format(words=words)
            (path / f"{name}.toml").write_text(text, encoding="utf-8")
        return str(path)

    return folder


def asked(app, key="fivehub-key-1", conversation="c1", **values):
    """What the customer is asked first, and by which conversation."""
    headers = {"X-Webhook-Key": key}
    body = {"conversa_id": conversation, **values}
    reply = app.test_client().post("/fivehub/conversa", json=body, headers=headers).get_json()
    return reply["mensagem"].partition("\n")[0], reply["fluxo"]


OURS = "Olá! Vamos ver se a nossa fibra já chega até você."


def test_without_a_folder_ours_are_led(make_app):
    assert asked(make_app()) == (OURS, "contratacao")


def test_a_folder_for_all_goes_before_ours(make_app, folder):
    app = make_app(flows_dir=folder(contratacao="Aqui é a nossa.", outra="E esta?"))
    assert asked(app) == ("Aqui é a nossa.", "contratacao")
    assert asked(app, conversation="c2", fluxo="outra") == ("E esta?", "outra")
    assert asked(app, conversation="c3", fluxo="prospect")[1] == "prospect"


def test_an_isps_own_folder_goes_before_that(make_app, tenant, folder):
    shared = folder("shared", contratacao="De todos.", outra="Também.")
    isp = replace(tenant, flows_dir=folder("own", contratacao="Só nossa."))
    app = make_app(isp, flows_dir=shared)
    assert asked(app) == ("Só nossa.", "contratacao")
    assert asked(app, conversation="c2", fluxo="outra") == ("Também.", "outra")


def test_two_isps_have_each_its_own(make_app, tenant, folder):
    one = replace(tenant, flows_dir=folder("one", contratacao="Um.", so_do_um="Sim."))
    keys = {"fivehub": ("another-key-1",)}
    two = replace(tenant, slug="dois", keys=keys, flows_dir=folder("two", contratacao="Dois."))
    app = make_app(one, two)
    assert asked(app) == ("Um.", "contratacao")
    assert asked(app, "another-key-1") == ("Dois.", "contratacao")
    body = {"conversa_id": "c2", "fluxo": "so_do_um"}
    headers = {"X-Webhook-Key": "another-key-1"}
    reply = app.test_client().post("/fivehub/conversa", json=body, headers=headers).get_json()
    assert (reply["codigo"], reply["acao"]) == ("fluxo_desconhecido", "transferir")


def test_an_isp_says_which_is_led(make_app, tenant, folder):
    isp = replace(tenant, conversation="nossa", flows_dir=folder(nossa="Nossa."))
    assert asked(make_app(isp)) == ("Nossa.", "nossa")
    assert asked(make_app(isp), conversation="c2", fluxo="prospect")[1] == "prospect"
    assert asked(make_app(replace(tenant, conversation="prospect")), conversation="c3")[1] == "prospect"


def test_an_own_conversation_runs_to_its_end(make_app, folder):
    client = make_app(flows_dir=folder(contratacao="Quem é?")).test_client()
    headers = {"X-Webhook-Key": KEYS["fivehub"][0]}
    client.post("/fivehub/conversa", json={"conversa_id": "c1"}, headers=headers)
    reply = client.post(
        "/fivehub/conversa", json={"conversa_id": "c1", "resposta": "Ana *Luz*"}, headers=headers
    ).get_json()
    assert (reply["acao"], reply["mensagem"]) == ("encerrar", "Obrigado, Ana  Luz !")


def problems(make_app, *tenants, **options):
    with pytest.raises(SettingsError) as stop:
        make_app(*tenants, **options)
    return list(stop.value.problems)


def test_every_finding_stops_the_start(make_app, tenant, folder):
    shared = folder("shared", boa="Boa.", quebrada=BROKEN, outra=OWN + "cor = 1\n")
    own = folder("own", nossa="x = \n")
    found = problems(make_app, replace(tenant, flows_dir=own), flows_dir=shared)
    assert found[:2] == [
        "FLOWS_DIR outra.toml [fim] cor is no key here: remove it or correct its name",
        f"FLOWS_DIR quebrada.toml {LONGE}",
    ]
    assert found[2].startswith("flows_dir of isp nossa.toml cannot be read: Invalid value")
    assert len(found) == 3


def test_several_findings_of_one_file_are_one_line(make_app, folder):
    text = BROKEN.replace('encerre = "Obrigado', 'transfira = 1\nencerre = "Obrigado')
    [line] = problems(make_app, flows_dir=folder(a=text.replace('"nome"\ndepois', '"cpf"\ndepois')))
    assert line.startswith("FLOWS_DIR a.toml [pede] precisa must be one of: ")
    assert "; [fim] " in line


def test_a_folder_without_conversations(make_app, tenant, folder):
    empty = folder()
    assert problems(make_app, flows_dir=empty) == [f"FLOWS_DIR has no conversation (*.toml): {empty}"]
    found = problems(make_app, replace(tenant, flows_dir=empty))
    assert found == [f"flows_dir of isp has no conversation (*.toml): {empty}"]


def test_a_name_that_no_conversation_has(make_app, tenant, folder):
    isp = replace(tenant, conversation="nossa")
    assert problems(make_app, isp) == ["conversa of isp names no conversation: nossa"]
    two = replace(tenant, slug="dois", keys={}, flows_dir=folder(nossa="Nossa."))
    assert problems(make_app, isp, two) == ["conversa of isp names no conversation: nossa"]


def test_a_copy_of_ours_starts_also_when_ours_has_changed(make_app, folder):
    text = (loading.BUILT_IN / "prospect.toml").read_text(encoding="utf-8")
    mark = 'copiada_de = "prospect"\noriginal = "0123456789abcdef"\n'
    assert asked(make_app(flows_dir=folder(nossa=mark + text)), fluxo="nossa")[1] == "nossa"


@pytest.fixture
def environment(monkeypatch):
    def environment(**values):
        given = {"OZMAP_URL": "http://127.0.0.1:1", "OZMAP_TOKEN": "a-token", "FIVEHUB_KEY": "key-number-1"}
        for name, value in (given | values).items():
            monkeypatch.setenv(name, value)

    settings_at_start.cache_clear()
    yield environment
    settings_at_start.cache_clear()


def test_gunicorn_refuses_with_the_same_lines(environment, folder, monkeypatch, tmp_path):
    counts = tmp_path / "counts"
    counts.mkdir()
    monkeypatch.setitem(os.environ, "PROMETHEUS_MULTIPROC_DIR", str(counts))
    environment(FLOWS_DIR=folder(quebrada=BROKEN, b=BROKEN), CONVERSA="nenhuma")
    with pytest.raises(SystemExit) as stop:
        settings_at_start()
    assert str(stop.value).splitlines() == [
        f"FLOWS_DIR b.toml {LONGE}",
        f"FLOWS_DIR quebrada.toml {LONGE}",
        "conversa of isp names no conversation: nenhuma",
    ]
    with pytest.raises(SettingsError) as refused:
        create_app(load())
    assert str(refused.value) == str(stop.value)
    assert not counts.exists()


def test_a_good_folder_starts(environment, folder):
    environment(FLOWS_DIR=folder(nossa="Nossa."), CONVERSA="nossa")
    assert settings_at_start().tenants[0].conversation == "nossa"


def test_a_folder_that_is_not_there(environment, tmp_path):
    environment(FLOWS_DIR=str(tmp_path / "nada"))
    with pytest.raises(SettingsError) as stop:
        load()
    assert stop.value.problems == ("FLOWS_DIR must be a folder that can be read",)


def test_isps_of_a_file(environment, monkeypatch, tmp_path, folder):
    file = tmp_path / "isps.toml"
    isp = '[isp.{0}]\nozmap_url = "http://{0}.example"\nozmap_token = "a-token"\nfivehub_key = "key-of-{0}"\n'
    one, two = folder("one", nossa="Um."), folder("two", nossa="Dois.")
    environment(TENANTS_FILE=str(file))
    for name in ("OZMAP_URL", "OZMAP_TOKEN", "FIVEHUB_KEY"):
        monkeypatch.delenv(name)
    text = f'{isp.format("um")}flows_dir = "{one}"\n{isp.format("dois")}flows_dir = "{two}"\n'
    text += 'conversa = "nossa"\n'
    file.write_text(text)
    assert [(t.slug, t.flows_dir, t.conversation) for t in load().tenants] == [
        ("um", one, None),
        ("dois", two, "nossa"),
    ]
    environment(FLOWS_DIR=folder("shared", de_todos="De todos."))
    for name in ("OZMAP_URL", "OZMAP_TOKEN", "FIVEHUB_KEY"):
        monkeypatch.delenv(name)
    assert load().flows_dir.endswith("shared")
    file.write_text(text.replace(one, str(tmp_path / "nada")))
    with pytest.raises(SettingsError, match="flows_dir must name a folder that can be read"):
        load()


def test_the_check_command_says_the_same(environment, folder, monkeypatch, capsys):
    environment(FLOWS_DIR=folder(quebrada=BROKEN))
    monkeypatch.setattr(sys, "argv", ["webhook", "check"])
    assert main() == 1
    assert f"FLOWS_DIR quebrada.toml {LONGE}" in capsys.readouterr().err
