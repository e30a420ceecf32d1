"""An OZmap that says no for good gets an answer, not a promise."""

import time

import pytest
from sqlalchemy import update

from tests.sales.stand_in import WORDS, refuse_boxes, take_everybody
from webhook.store.tables import outbox

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between two rounds of the worker that end in refusals."""
MOST_POSTS = 24


def promise(shop, **values):
    """A sale that is the worker's, because OZmap was down when the customer asked."""
    shop.sandbox.down = True
    assert shop.reserve(**values)["codigo"] == "reserva_pendente"
    shop.sandbox.down = False


def words_are_kept_from_replies(*replies) -> bool:
    return not any(word in str(reply) for reply in replies for word in ("Limite contratado", "atingido"))


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, WORDS), (409, {"message": WORDS}), (422, {"error": WORDS}), (400, b""), (422, b"<html>")],
    ids=["string", "message", "error", "empty", "html"],
)
def test_the_fourth_takes_in_the_first_call(other, status, words):
    other.sandbox.refusal_status = status
    refuse_boxes(other, "CTO 1", "CTO 2", "CTO 3", words=words)
    reply = other.reserve()
    assert (reply["codigo"], reply["caixa_nome"]) == ("reservado", "CTO 4")
    assert other.posts() == [box["id"] for box in other.sandbox.boxes], "nearest first, none twice"


def test_all_refuse_and_stay_viable(other, pending):
    refuse_boxes(other)
    reply = other.reserve()
    assert (reply["codigo"], reply["ok"]) == ("ozmap_recusou", False)
    posts = other.posts()
    assert len(set(posts)) == len(posts) == 4, "each box once"
    found = other.ask("reserva/consulta")
    assert found["codigo"] == "reserva_nao_encontrada"
    assert words_are_kept_from_replies(reply, found)
    other.work()
    assert other.posts() == posts, "it was not promised, so nobody tries again"
    assert pending(other).startswith("0 pending")
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_all_refuse_because_the_ports_are_gone(other):
    def refuse(form):
        other.sandbox.full |= {box["name"] for box in other.sandbox.boxes if box["id"] == form["box"]}
        return WORDS

    other.sandbox.refuse = refuse
    reply = other.reserve()
    assert (reply["codigo"], reply["motivo"]) == ("sem_viabilidade", "sem_porta")
    assert len(other.posts()) == 4


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_key_that_may_not_sell_is_asked_once(other, status):
    other.sandbox.refusal_status = status
    refuse_boxes(other)
    reply = other.reserve()
    assert reply["codigo"] == "ozmap_recusou"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    other.work()
    assert len(other.posts()) == 1
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_a_name_that_ozmap_does_not_take(other):
    other.sandbox.refuse = lambda form: WORDS if "Fulana" in str(form) else None
    assert other.reserve()["codigo"] == "ozmap_recusou"
    assert other.reserve(nome="Maria")["codigo"] == "reservado"


def test_a_refused_prospect_is_no_promise(other):
    answer = other.sandbox.answer

    def refuse(call, query):
        return (400, WORDS) if (call.method, call.path) == ("POST", "/prospects") else answer(call, query)

    other.sandbox.answer = refuse
    reply = other.prospect()
    assert reply["codigo"] == "ozmap_recusou"
    assert words_are_kept_from_replies(reply)
    other.work()
    assert other.writes() == [("POST", "prospects")]
    other.sandbox.answer = answer
    assert other.prospect()["codigo"] == "prospect_criado"


def test_the_fourth_box_takes_the_workers_sale(other):
    promise(other)
    refuse_boxes(other, "CTO 1", "CTO 2", "CTO 3")
    other.work()
    other.restart()
    reply = other.ask("reserva/consulta")
    assert (reply["codigo"], reply["caixa_nome"]) == ("reserva_encontrada", "CTO 4")
    assert len(other.posts()) == 4


def test_rounds_become_rare_and_end(other, pending):
    promise(other)
    refuse_boxes(other)
    pauses, rounds = [], []
    for _ in range(40):
        before = len(other.posts())
        other.pass_time()
        if not other.worker.deliver_one():
            break
        rounds.append(other.posts()[before:])
        pauses.append(other.owed().due_at - time.time())
    tried = [boxes for boxes in rounds if boxes]
    assert all(len(set(boxes)) == len(boxes) for boxes in tried), "no box twice in a round"
    assert len(tried) > 1, "boxes are tried again in the next round"
    assert len(other.posts()) <= MOST_POSTS
    assert FIRST_PAUSE / 2 < pauses[0] <= FIRST_PAUSE * 1.5
    assert FIRST_PAUSE < pauses[1] <= FIRST_PAUSE * 3
    assert max(pauses) <= LONGEST_PAUSE * 1.5
    other.restart()
    reply = other.ask("reserva/consulta")
    assert (reply["codigo"], reply["ok"]) == ("falhou", False)
    assert words_are_kept_from_replies(reply)
    assert "gave up" in pending(other)


def fail(other) -> None:
    promise(other)
    refuse_boxes(other)
    other.work(rounds=40)
    other.restart()
    assert other.code("reserva/consulta") == "falhou"


def test_what_failed_can_be_cancelled(other):
    fail(other)
    assert other.code("reserva/cancelamento") == "reserva_cancelada"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_what_failed_can_be_tried_again_by_an_operator(other, pending):
    fail(other)
    take_everybody(other)
    assert "1 will be tried again" in pending(other, "--retry")
    other.work()
    assert other.code("reserva/consulta") == "reserva_encontrada"


def test_an_operator_gets_ozmaps_own_words(other, pending):
    fail(other)
    assert "Limite contratado" in pending(other)


def test_too_many_days_are_an_end_too(other, pending):
    promise(other)
    other.sandbox.down = True
    with other.store.write() as connection:
        connection.execute(update(outbox).values(since=time.time() - 8 * 86400))
    other.work()
    other.restart()
    reply = other.ask("reserva/consulta")
    assert (reply["codigo"], "atendente" in reply["mensagem"]) == ("falhou", True)
    assert "gave up" in pending(other)


def test_an_outage_is_tried_again_within_seconds(other):
    promise(other)
    other.sandbox.down = True
    for _ in range(8):
        other.pass_time()
        assert other.worker.deliver_one()
    assert other.owed().due_at - time.time() <= 20


def test_an_outage_uses_up_no_posts(other):
    promise(other)
    other.sandbox.down = True
    for _ in range(40):
        other.pass_time()
        assert other.worker.deliver_one()
    assert other.posts() == []
    other.sandbox.down = False
    other.restart()
    other.work()
    assert other.code("reserva/consulta") == "reserva_encontrada"


def test_a_code_of_somebody_is_an_end(other, pending):
    theirs = other.add_client("ERP-7", implanted=True)
    promise(other, codigo_cliente="ERP-7")
    other.work()
    other.restart()
    assert len(other.posts()) <= 1
    assert other.code("reserva/consulta") == "falhou"
    assert "ERP-7" in pending(other)
    assert other.sandbox.store["ftth-clients"] == {theirs["id"]: theirs}
