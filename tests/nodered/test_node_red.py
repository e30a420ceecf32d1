"""Whole conversations that Node-RED plays leave what they leave without it."""

import json
import time

import pytest

from flowkit import script
from tests.conversation.conftest import FIBRE, NO_FIBRE
from tests.flowkit.playing import SCRIPTS
from tests.nodered.conftest import DOWN, REAL_PAUSES, WRONG_KEY
from tests.nodered.playing import CUSTOMER, NAME
from webhook.platforms import PLATFORMS

# Scripts for the loop alone are about calls that fail, and a stranger's loop has its own words for that.
WRITTEN = {
    path.stem: written
    for path, written in SCRIPTS.items()
    if path.parent.name == NAME and written.only != script.LOOP and written.platform in {"", "fivehub"}
}
ODD = ["Rua \"das {flores}\" \\ 'número' 😀\r\n\t{{resposta}} </b>", "", " ", "x" * 4000]
ODD_NAME = 'Ana "Nina" d\'Ávila \\ (Lu) 😀'


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_conversation(playing, name):
    led = playing.led(WRITTEN[name], NAME, "fivehub", [])
    assert playing.through_node_red(WRITTEN[name], "fivehub") == led


@pytest.mark.parametrize("platform", PLATFORMS)
def test_odd_answers(playing, platform):
    """No quote and no backslash is lost on the way."""
    answers = [*ODD, FIBRE, "Sim", "Quero reservar", ODD_NAME, "48 99988-7766"]
    lines = [("cliente", answer) for answer in answers] + [("fim", "confirmado")]
    written = script.Script(tuple(script.Line(number, *line) for number, line in enumerate(lines, start=1)))
    left = playing.through_node_red(written, platform)
    assert left == playing.led(written, NAME, platform, [])
    assert left.variables["nome"] == ODD_NAME


@pytest.mark.usefixtures("_webhook")
def test_two_customers_at_once_get_their_own_conversations(node_red):
    first, second = (node_red.post("fivehub", {"conversa_id": id_}) for id_ in ("c1", "c2"))
    for begun, answer, text in [(first, FIBRE, "552"), (second, NO_FIBRE, "1050")]:
        reply = node_red.post("fivehub", begun | {"resposta": answer})
        assert text in reply["mensagens"][-1]
        assert reply["conversa_id"] == begun["conversa_id"]


@pytest.mark.usefixtures("_webhook")
def test_a_wrong_key(node_red):
    reply = node_red.post(WRONG_KEY, CUSTOMER)
    assert (reply["saida"], reply["statusCode"]) == ("falha", 401)
    assert node_red.post("fivehub", CUSTOMER)["saida"] == "perguntar"


def test_the_service_is_down(node_red):
    reply = node_red.post(DOWN, CUSTOMER)
    assert (reply["saida"], reply["statusCode"]) == ("falha", "ECONNREFUSED")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Internal Server Error", {"acao": "transferir", "mensagem": "Vou chamar uma pessoa."}),
        ("200 OK", {"acao": "dançar", "mensagem": ""}),
        ("200 OK", {}),
        ("200 OK", None),
    ],
)
def test_a_reply_that_is_none(node_red, server, status, body):
    server.app = replies((status, body))
    assert node_red.post("fivehub", CUSTOMER)["saida"] == "falha"


def test_a_pause_lasts_the_seconds_that_the_reply_says(node_red, server):
    waits = {"acao": "esperar", "mensagem": "Só um instante.", "etapa": "a", "espera_s": 1}
    ends = {"acao": "encerrar", "mensagem": "Pronto.", "etapa": "b", "espera_s": None}
    server.app = replies(("200 OK", waits), ("200 OK", ends))
    started = time.monotonic()
    reply = node_red.post(REAL_PAUSES, CUSTOMER | {"resposta": "oi"})
    assert time.monotonic() - started >= 1
    assert (reply["saida"], reply["mensagens"]) == ("encerrar", ["Só um instante.", "Pronto."])


def test_no_key_is_exported(node_red):
    exported = node_red.exported()
    assert '"KEY"' in exported
    assert "key-of-" not in exported
    assert "another-key" not in exported


def replies(*given):
    """An application that gives these replies, one after the other. None is no JSON."""
    left = iter(given)

    def application(environ, start_response):
        status, body = next(left)
        start_response(status, [("Content-Type", "application/json")])
        return [b"<html>" if body is None else json.dumps(body).encode()]

    return application
