"""Repeated, reordered and simultaneous calls of one conversation."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from tests.conversation.conftest import FIBRE
from webhook.conversation import turns
from webhook.store.tables import conversations


def test_a_repeated_call_is_played_once_and_answered_the_same(chat):
    chat.say()
    before = chat.last["etapa"]
    reply = chat.say(FIBRE)
    again = chat.post(resposta=FIBRE, etapa=before)
    assert without_protocol(again) == without_protocol(reply)
    assert chat.state.calls == 2


@pytest.mark.parametrize("token", ["etapadesconhecida", "7"])
def test_an_older_or_unknown_token_moves_nothing(chat, token):
    chat.say()
    chat.say(FIBRE)
    reply = chat.post(resposta="Sim", etapa=token)
    assert without_protocol(reply) == without_protocol(chat.last)


def test_without_a_token_an_equal_answer_is_a_repeat_for_two_seconds(chat):
    chat.sends_token = False
    chat.say()
    chat.say(FIBRE)
    chat.say("Não")
    assert without_protocol(chat.post(resposta="Não")) == without_protocol(chat.last)
    assert chat.state.calls == 3
    chat.let_pass(turns.REPEAT_S)
    chat.say("Não")
    assert chat.state.calls == 4


def test_the_same_answer_to_a_new_question_with_the_same_options_is_none(chat_on, tenant, tmp_path):
    head = 'titulo = "T"\npara_que = "P"\nversao = "1"\ndata = 2026-11-27\natendente = "fim"\n'
    ask = '[passos.%s]\npergunte = "%s?"\nvariavel = "%s"\nopcoes = { "Sim" = "%s", "Não" = "fim" }\n'
    steps = ask % ("a", "A", "a", "b") + ask % ("b", "B", "b", "fim") + '[passos.fim]\ntransfira = "Fim."\n'
    (tmp_path / "duas.toml").write_text(head + steps)
    chat = chat_on(app={"flows_dir": str(tmp_path)}, sends_token=False, known={"fluxo": "duas"})
    chat.say()
    assert chat.say("Sim")["mensagem"].startswith("B?")
    assert chat.say("Sim")["mensagem"] == "Fim."


def test_the_call_that_ended_it_is_repeated(chat):
    chat.say()
    chat.say(FIBRE)
    before = chat.last["etapa"]
    reply = chat.say("Atendente")
    assert without_protocol(chat.post(resposta="Atendente", etapa=before)) == without_protocol(reply)
    chat.sends_token = False
    assert without_protocol(chat.say("Atendente")) == without_protocol(reply)


def test_of_two_answers_at_once_the_first_one_counts(chat, monkeypatch):
    chat.say()
    token, started = chat.last["etapa"], threading.Event()
    answer = turns.Turns._play

    def slowly(*arguments):
        started.set()
        time.sleep(0.3)
        return answer(*arguments)

    monkeypatch.setattr(turns.Turns, "_play", slowly)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(chat.post, resposta=FIBRE, etapa=token)
        started.wait()
        others = [
            threads.submit(chat.post, resposta=FIBRE, etapa=token),
            threads.submit(chat.post, resposta=FIBRE),
            threads.submit(chat.post, resposta="Atendente"),
        ]
    replies = [without_protocol(one.result()) for one in (first, *others)]
    assert replies == [replies[0]] * 4
    assert chat.state.calls == 2


def test_two_first_calls_at_once(chat):
    with ThreadPoolExecutor() as threads:
        replies = [*threads.map(lambda _: without_protocol(chat.post(resposta="oi")), range(4))]
    assert replies == [replies[0]] * 4
    assert chat.state.calls == 1


def test_a_call_that_died_is_over_after_its_deadline(chat_on):
    chat = chat_on()
    chat.say()
    token = chat.last["etapa"]
    with chat.store.write() as connection:
        connection.execute(update(conversations).values(lease="dead", lease_until=time.time() + 0.4))
    assert "É aqui" in chat.post(resposta=FIBRE, etapa=token)["mensagem"]


def test_while_another_call_is_at_work_for_too_long_the_flow_waits(chat, monkeypatch):
    monkeypatch.setattr(turns, "RESERVE", 60.0)
    chat.say()
    set_lease(chat, "slow")
    waits = chat.post(resposta=FIBRE, etapa=chat.last["etapa"])
    assert (waits["acao"], waits["espera_s"]) == ("esperar", 3)
    assert waits["mensagem"]
    set_lease(chat, None)
    assert_asks_once_more(chat, waits)


def test_the_flow_waits_for_a_call_that_ends_at_that_moment_with_nothing_done(chat, monkeypatch):
    monkeypatch.setattr(turns, "RESERVE", 60.0)
    chat.say()
    set_lease(chat, "slow")
    look = turns.rows.look

    def last_look(*arguments):
        row = look(*arguments)
        set_lease(chat, None)
        return row

    monkeypatch.setattr(turns.rows, "look", last_look)
    waits = chat.post(resposta=FIBRE, etapa=chat.last["etapa"])
    assert waits["acao"] == "esperar"
    monkeypatch.undo()
    assert_asks_once_more(chat, waits)


def set_lease(chat, lease):
    until = lease and time.time() + 60
    with chat.store.write() as connection:
        connection.execute(update(conversations).values(lease=lease, lease_until=until))


def assert_asks_once_more(chat, waits):
    """What comes after a pause is no answer: the question comes again without a word about it."""
    again = chat.post(resposta="", etapa=waits["etapa"])
    assert again["mensagem"].startswith("Olá!")
    assert "É aqui" in chat.post(resposta=FIBRE, etapa=again["etapa"])["mensagem"]


def test_whoever_lost_the_conversation_writes_nothing(chat, monkeypatch):
    chat.say()
    play = turns.Turns._play

    def lose(self, *arguments):
        set_lease(chat, "another")
        return play(self, *arguments)

    monkeypatch.setattr(turns.Turns, "_play", lose)
    waits = chat.post(resposta=FIBRE, etapa=chat.last["etapa"])
    assert waits["acao"] == "esperar"
    assert chat.state.calls == 1
    monkeypatch.undo()
    set_lease(chat, None)
    assert_asks_once_more(chat, waits)


def test_a_defect_lets_go(chat, monkeypatch):
    chat.say()
    monkeypatch.setattr(turns.Turns, "_play", lambda *_: 1 / 0)
    broken = chat.post(resposta=FIBRE, etapa=chat.last["etapa"])
    assert (broken["codigo"], broken["acao"]) == ("erro_interno", "transferir")
    monkeypatch.undo()
    assert "É aqui" in chat.say(FIBRE)["mensagem"]


def without_protocol(reply):
    return {key: value for key, value in reply.items() if key != "protocolo"}
