"""python -m flowkit: what it prints, and its exit status."""

import sys
from threading import Thread

import pytest
from werkzeug.serving import make_server

from flowkit import __main__ as commands
from tests.conftest import KEYS


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


def test_play(flowkit, serve, tmp_path):
    script = tmp_path / "conversa.txt"
    script.write_text(
        "cliente: Rua Dona Marina, 552\ncliente: Sim\nbot: Boa notícia\ncliente: Agora não\nfim: fim\n"
    )
    play = ("play", "huggy", "viabilidade", "--url", serve(), "--script", str(script))
    status, out, _ = flowkit(*play, "--key", KEYS["huggy"][0])
    assert status == 0
    assert "  POST {{PUBLIC_URL}}/huggy/viabilidade " in out
    assert '"localizacao": "Rua Dona Marina, 552"}\n' in out
    assert "bot: Boa notícia: temos fibra disponível no seu endereço!" in out
    assert out.endswith("fim: fim\n")
    assert KEYS["huggy"][0] not in out
    status, _, err = flowkit(*play, "--key", "wrong-key")
    assert (status, "line 2: " in err) == (1, True)
    script.write_text("mundo: fora\n")
    assert flowkit(*play, "--key", KEYS["huggy"][0])[2].endswith("which have a sandbox to themselves\n")
    assert flowkit("play", "huggy", "nada", "--script", "x", "--key", "x")[0] == 1
    script.write_text("cliente: Rua Dona Marina, 552\nfim: fim\n")
    nobody = flowkit(
        "play", "huggy", "viabilidade", "--script", str(script), "--key", "x", "--url", "http://127.0.0.1:1"
    )
    assert nobody[0] == 1


def test_play_waits_where_the_flow_does(flowkit, serve, sandbox, tmp_path, monkeypatch):
    slept = []

    class Clock:
        @staticmethod
        def sleep(seconds):
            slept.append(seconds)
            sandbox.faults.clear()

    monkeypatch.setattr(commands, "time", Clock)
    script = tmp_path / "conversa.txt"
    script.write_text("cliente: -27.598710, -48.519455\ncliente: Sim\nbot: Boa notícia\n")
    play = ("play", "huggy", "viabilidade", "--url", serve(reply_deadline=1.0), "--script", str(script))
    sandbox.faults.add("/boxes", delay=1.2)
    assert flowkit(*play, "--key", KEYS["huggy"][0])[::2] == (0, "")
    assert set(slept) == {8}
