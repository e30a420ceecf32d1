"""Typebot: typed values, by radius; what its bodies carry."""

import json
import random

import pytest
from sqlalchemy import select

from schemas.unfilled import is_missing
from tests.platforms.contract import PlatformContract
from webhook.conversation.state import State
from webhook.platforms.typebot.platform import PLATFORM
from webhook.store import Store
from webhook.store.tables import conversations


class TestTypebot(PlatformContract):
    platform = PLATFORM
    yes, no, unknown, nothing = True, False, None, None
    text_only = False
    notifies = False

    def test_a_whole_reply(self, client):
        reply = self.ask(client, "viable")
        assert (reply["viavel"], reply["modo"], reply["portas_livres"], reply["endereco"]) == (
            True, "raio", 5, None,
        )  # fmt: skip


def body_of(answer, token, chat, flow):
    """What Typebot makes of the file's body: a value goes into it as a piece of JSON text."""
    fragment = json.dumps(answer)[1:-1]
    text = f'{{"conversa_id": "{chat}", "resposta": " {fragment}", "etapa": "{token}",'
    return (text + f' "nome": " ", "telefone": " ", "botoes": "sim", "fluxo": "{flow}"}}').encode()


class Bot:
    """The loop as Typebot runs it."""

    def __init__(self, client, chat, flow=""):
        self.client, self.chat, self.flow, self.token = client, chat, flow, ""

    def answer(self, text):
        reply = self.client.post(
            "/typebot/conversa",
            data=body_of(text, self.token, self.chat, self.flow),
            headers={"X-Webhook-Key": TestTypebot().key, "Content-Type": "application/json"},
        )
        assert reply.status_code == 200
        values = reply.get_json()
        self.token = values["etapa"]
        return values


def test_from_the_first_message_to_real_buttons(client):
    bot = Bot(client, "result-1")
    first = bot.answer("")
    assert (first["acao"], first["opcoes"]) == ("perguntar", "")
    placed = bot.answer("-27.59871, -48.519455")  # how it hands a shared location on
    assert placed["opcoes"].split("\n") == ["Sim", "Não", "Atendente"]
    assert "1 - " not in placed["mensagem"]
    assert bot.answer("Sim")["viavel"] is True


@pytest.mark.parametrize("answer", ["", " ", "   "])
def test_a_sticker_or_a_voice_note_is_an_empty_answer(client, answer):
    bot = Bot(client, "result-1")
    bot.answer("")
    assert "Não consegui achar um lugar" in bot.answer(answer)["mensagem"]


def test_a_doubled_backslash_and_digits_with_an_n(client):
    bot = Bot(client, "result-1")
    bot.answer("")
    assert "552" in bot.answer("Rua Dona Marina\\\\ 552")["mensagem"]
    bot.answer("Não")
    assert bot.answer("12n")["acao"] == "perguntar"


SIGNS = [
    '"',
    "\n",
    "{{nome}}",
    "{x}",
    "\\",
    "🙂",
    "'",
    "12n",
    "%",
    "<b>",
    "\t",
    "&",
    "ç",
    "—",
    "\u200b",
    "$1",
]
WORDS = ["Rua", "Dona Marina", "552", "casa", "n", "12", " "]
ECHO = """
titulo = "Eco"
para_que = "Guarda o que foi dito"
versao = "1"
data = 2026-11-27
[passos.pede]
pergunte = "Diga algo."
variavel = "dito"
precisa = "qualquer"
depois = "de_novo"
[passos.de_novo]
pergunte = "Diga mais."
variavel = "mais"
precisa = "qualquer"
depois = "fim"
[passos.fim]
encerre = "Obrigado."
"""


def test_answers_of_every_odd_kind_arrive_as_they_were_written(make_app, sqlite_url, tmp_path):
    (tmp_path / "eco.toml").write_text(ECHO)
    tenant_of = make_app(flows_dir=str(tmp_path), database_url=sqlite_url)
    client, store, chance = tenant_of.test_client(), Store(sqlite_url), random.Random(1)
    for number in range(500):
        pieces = chance.choices([*SIGNS, *WORDS], k=chance.randint(1, 6))
        answer = "".join(pieces) if number % 50 else "x" * 4000
        bot = Bot(client, f"result-{number}", flow="eco")
        bot.answer("")
        assert bot.answer(answer)["mensagem"] == "Diga mais.", answer
        with store.read() as connection:
            row = connection.scalars(
                select(conversations.c.state).order_by(conversations.c.id.desc())
            ).first()
        kept = State.of_json(row).variables["dito"]
        assert kept == ("" if is_missing(answer.strip(), "resposta") else answer.strip())
