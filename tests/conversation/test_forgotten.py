"""What a customer said to the webhook goes when they ask for it."""

import pytest
from sqlalchemy import func, select

from schemas.conversation import Conversation
from tests.conversation.conftest import FIBRE
from webhook.sales.retention import Person, forget
from webhook.store.tables import conversations

MOBILE = "+5548999887766"
OWN = """titulo = "Nossa"
para_que = "testar"
versao = "1"
data = 2026-11-27
[passos.pede]
pergunte = "Seu telefone?"
variavel = "meu_numero"
precisa = "telefone"
depois = "fim"
[passos.fim]
pergunte = "Mais alguma coisa?"
variavel = "mais"
depois = "adeus"
[passos.adeus]
encerre = ""
"""


def stored(store):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(conversations)).scalar_one()


@pytest.mark.parametrize(
    "person", [Person(MOBILE), Person(conversations=[Conversation("fivehub", "c1")])], ids=["phone", "chat"]
)
def test_by_phone_as_it_was_typed_and_by_conversation(chat, person):
    chat.says(None, FIBRE, "1", "quero reservar", "Maria Souza", "48 99988-7766")
    assert stored(chat.store) == 1
    forget(chat.store, person)
    assert stored(chat.store) == 0


def test_by_a_phone_that_an_own_conversation_calls_otherwise(chat_on, tmp_path):
    (tmp_path / "nossa.toml").write_text(OWN)
    chat = chat_on(app={"flows_dir": str(tmp_path)}, known={"fluxo": "nossa"})
    chat.says(None, "(48) 99988-7766")
    forget(chat.store, Person(MOBILE))
    assert stored(chat.store) == 0


def test_by_a_phone_that_the_platform_knew(chat_on):
    chat = chat_on(known={"telefone": "48 99988-7766", "nome": "Maria Souza"})
    chat.says(None, FIBRE, "1", "quero reservar")
    assert stored(chat.store) == 1
    forget(chat.store, Person(MOBILE))
    assert stored(chat.store) == 0
