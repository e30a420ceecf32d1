"""python -m flowkit: what it prints, and its exit status."""

import sys
from threading import Thread

import pytest
from werkzeug.serving import make_server

from flowkit import __main__ as commands
from tests.conftest import KEYS
from webhook.flows import loading


@pytest.fixture
def flowkit(monkeypatch, capsys):
    def flowkit(*arguments):
        monkeypatch.setattr(sys, "argv", ["flowkit", *arguments])
        status = commands.main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return flowkit


@pytest.fixture
def serve(make_app):
    servers = []

    def serve(**options):
        server = make_server("127.0.0.1", 0, make_app(**options), threaded=True)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_guide(flowkit, tmp_path):
    out = tmp_path / "guia.html"
    guide = ("guide", "fivehub", "contratacao", "--out", str(out), "--url", "https://isp.example/")
    assert flowkit(*guide)[::2] == (0, "")
    assert "https://isp.example/fivehub/viabilidade" in out.read_text()
    assert flowkit("guide", "huggy", "nada", "--out", str(out))[0] == 1
    status, _, err = flowkit("guide", "huggy", "prospect", "--out", str(tmp_path / "no" / "x.html"))
    assert (status, err) == (1, f"{tmp_path / 'no' / 'x.html'}: No such file or directory\n")


CONVERSATION = """\
bot: Onde seria a instalação?
cliente: Rua Dona Marina, 552
cliente: Sim
bot: Boa notícia
variavel: viavel = sim
cliente: Agora não
fim: ate_logo
"""


@pytest.fixture
def play(flowkit, tmp_path):
    written = tmp_path / "conversa.txt"

    def play(text, url, *, key=KEYS["huggy"][0], name="viabilidade"):
        written.write_text(text, encoding="utf-8")
        return flowkit("play", "huggy", name, "--url", url, "--script", str(written), "--key", key)

    return play


def test_play(play, serve):
    status, out, err = play(CONVERSATION, serve())
    assert (status, err) == (0, "")
    assert "\ncliente: Rua Dona Marina, 552\n" in out
    assert "\nbot: Encontrei este lugar: " in out
    assert "bot: Boa notícia: temos fibra disponível no seu endereço!" in out
    assert "viavel (not checked: the service keeps it)" in out
    assert out.endswith("É só chamar quando quiser.\n  conversa_encerrada: encerrar\n")
    assert KEYS["huggy"][0] not in out


def test_play_of_what_does_not_fit(play, serve):
    url = serve()
    failures = {
        "cliente: atendente\nfim: ate_logo\n": "line 2: the conversation is at transferir\n",
        "mundo: fora\n": "mundo: fora is for the tests, which have a sandbox to themselves\n",
        "so: laco\n": "the script is not for a conversation that the service leads here\n",
        "plataforma: fivehub\n": "the script is not for a conversation that the service leads here\n",
    }
    for text, expected in failures.items():
        assert play(text, url)[::2] == (1, expected)
    assert play(CONVERSATION, url, name="nada")[0] == 1
    status, _, err = play(CONVERSATION, url, key="wrong-key")
    assert (status, "line 1: the bot did not say " in err) == (1, True)
    assert play(CONVERSATION, "http://127.0.0.1:1")[::2] == (1, "no reply of conversa, but None\n")


def test_play_of_the_isps_own_conversation(play, serve, tmp_path):
    """Its steps are not known here: it is enough that it ends."""
    folder = tmp_path / "own"
    folder.mkdir()
    text = (loading.BUILT_IN / "viabilidade.toml").read_text(encoding="utf-8")
    (folder / "nossa.toml").write_text(text, encoding="utf-8")
    status, _, err = play(
        CONVERSATION.replace("ate_logo", "tchau"), serve(flows_dir=str(folder)), name="nossa"
    )
    assert (status, err) == (0, "")


def test_play_uses_the_location_page(play, serve):
    """Here nothing listens where the links lead: PUBLIC_URL is another one."""
    text = "cliente: Procurar no mapa\nmapa: -27.598710, -48.519455\n"
    status, _, err = play(text, serve(public_url="http://127.0.0.1:1"))
    assert (status, " cannot be reached: ConnectionError" in err) == (1, True)


def test_play_waits_where_the_service_says(play, serve, sandbox, monkeypatch):
    slept = []

    class Clock:
        @staticmethod
        def sleep(seconds):
            slept.append(seconds)
            sandbox.faults.clear()

    monkeypatch.setattr(commands, "time", Clock)
    sandbox.faults.add("/boxes", delay=1.2)
    text = "cliente: -27.598710, -48.519455\ncliente: Sim\nbot: Boa notícia\n"
    assert play(text, serve(reply_deadline=1.0))[::2] == (0, "")
    assert set(slept) == {5}
