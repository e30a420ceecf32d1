"""An OZmap that says no for good gets an answer, not a promise."""

import time

import pytest
from sqlalchemy import update

from tests.sales.habits import WORDS, refuse_all, refuse_nearest, set_down, take_everybody
from webhook.store.tables import outbox

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between two rounds of the worker that end in refusals."""
MOST_POSTS = 24


def promise(shop, **values):
    """A sale that is the worker's, because OZmap was down when the customer asked."""
    set_down(shop)
    assert shop.reserve(**values)["codigo"] == "reserva_pendente"
    set_down(shop, down=False)
    shop.restart()


def words_are_kept_from_replies(*replies) -> bool:
    return not any(word in str(reply) for reply in replies for word in ("Limite contratado", "atingido"))


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, WORDS), (409, {"message": WORDS}), (422, {"error": WORDS}), (400, b""), (422, b"<html>")],
    ids=["string", "message", "error", "empty", "html"],
)
def test_whatever_the_refusal_looks_like_the_next_box_is_tried(other, status, words):
    other.sandbox.refusal_status = status
    nearest = other.nearest()
    other.sandbox.refuse = lambda form: words if form["box"] in nearest[:3] else None
    reply = other.reserve()
    assert (reply["codigo"], reply["caixa_nome"]) == ("reservado", "CTO 4")


def test_the_fourth_takes_in_the_first_call(any_shop):
    nearest = any_shop.nearest()[:4]
    refuse_nearest(any_shop, 3)
    reply = any_shop.reserve()
    assert (reply["codigo"], reply["caixa_id"]) == ("reservado", nearest[3])
    assert any_shop.posts() == nearest, "none twice"


def test_all_refuse_and_stay_viable(any_shop, pending):
    refuse_all(any_shop)
    reply = any_shop.reserve()
    assert (reply["codigo"], reply["ok"]) == ("ozmap_recusou", False)
    posts = any_shop.posts()
    assert len(set(posts)) == len(posts) >= 4, "each box once"
    found = any_shop.ask("reserva/consulta")
    assert found["codigo"] == "reserva_nao_encontrada"
    assert words_are_kept_from_replies(reply, found)
    any_shop.work()
    assert any_shop.posts() == posts, "it was not promised, so nobody tries again"
    assert pending(any_shop).splitlines()[-1].startswith("0 pending")
    take_everybody(any_shop)
    assert any_shop.reserve()["codigo"] == "reservado"


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
    refuse_all(other)
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


def test_the_worker_finds_the_fourth_box(any_shop):
    promise(any_shop)
    nearest = any_shop.nearest()[:4]
    refuse_nearest(any_shop, 3)
    any_shop.work()
    reply = any_shop.ask("reserva/consulta")
    assert (reply["codigo"], reply["caixa_id"]) == ("reserva_encontrada", nearest[3])
    assert any_shop.posts() == nearest


def test_rounds_become_rare_and_end(any_shop, pending):
    promise(any_shop)
    refuse_all(any_shop)
    pauses, rounds = [], []
    for _ in range(40):
        before = len(any_shop.posts())
        any_shop.pass_time()
        if not any_shop.worker.deliver_one():
            break
        rounds.append(any_shop.posts()[before:])
        pauses.append(any_shop.owed().due_at - time.time())
    tried = [boxes for boxes in rounds if boxes]
    assert all(len(set(boxes)) == len(boxes) for boxes in tried), "no box twice in a round"
    assert len(tried) > 1, "boxes are tried again in the next round"
    assert len(any_shop.posts()) <= MOST_POSTS
    assert FIRST_PAUSE / 2 < pauses[0] <= FIRST_PAUSE * 1.5
    assert FIRST_PAUSE < pauses[1] <= FIRST_PAUSE * 3
    assert max(pauses) <= LONGEST_PAUSE * 1.5
    any_shop.restart()
    reply = any_shop.ask("reserva/consulta")
    assert (reply["codigo"], reply["ok"]) == ("falhou", False)
    assert words_are_kept_from_replies(reply)
    assert "gave up" in pending(any_shop)


def fail(any_shop) -> None:
    promise(any_shop)
    refuse_all(any_shop)
    any_shop.work(rounds=40)
    any_shop.restart()
    assert any_shop.code("reserva/consulta") == "falhou"


def test_what_failed_can_be_cancelled(any_shop):
    fail(any_shop)
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert any_shop.code("reserva/consulta") == "reserva_nao_encontrada"
    take_everybody(any_shop)
    assert any_shop.reserve()["codigo"] == "reservado"


def test_what_failed_can_be_tried_again_by_an_operator(any_shop, pending):
    fail(any_shop)
    take_everybody(any_shop)
    assert "1 will be tried again" in pending(any_shop, "--retry")
    any_shop.work()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"


def test_an_operator_gets_ozmaps_own_words(any_shop, pending):
    fail(any_shop)
    assert "Limite contratado" in pending(any_shop)


def test_too_many_days_are_an_end_too(any_shop, pending):
    promise(any_shop)
    set_down(any_shop)
    with any_shop.store.write() as connection:
        connection.execute(update(outbox).values(since=time.time() - 8 * 86400))
    any_shop.work()
    any_shop.restart()
    reply = any_shop.ask("reserva/consulta")
    assert (reply["codigo"], "atendente" in reply["mensagem"]) == ("falhou", True)
    assert "gave up" in pending(any_shop)


def test_an_outage_is_tried_again_within_seconds(any_shop):
    promise(any_shop)
    set_down(any_shop)
    for _ in range(8):
        any_shop.pass_time()
        assert any_shop.worker.deliver_one()
    assert any_shop.owed().due_at - time.time() <= 20


def test_an_outage_uses_up_no_posts(any_shop):
    promise(any_shop)
    set_down(any_shop)
    for _ in range(40):
        any_shop.pass_time()
        assert any_shop.worker.deliver_one()
    assert any_shop.posts() == []
    set_down(any_shop, down=False)
    any_shop.restart()
    any_shop.work()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"


def test_a_code_of_somebody_is_an_end(any_shop, pending):
    any_shop.add_client("ERP-7", implanted=True)
    before = any_shop.everything()
    promise(any_shop, codigo_cliente="ERP-7")
    any_shop.work()
    any_shop.restart()
    assert len(any_shop.posts()) <= 1
    assert any_shop.code("reserva/consulta") == "falhou"
    assert "ERP-7" in pending(any_shop)
    assert any_shop.everything() == before
