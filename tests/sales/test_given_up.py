"""A sale that the worker cannot bring to its end: rare tries, a bound, and a person who takes over."""

import time

from sqlalchemy import update

from tests.sales.habits import WORDS, quotes_ozmap, refuse_all, refuse_nearest, set_down, take_everybody
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
    assert not quotes_ozmap(reply)
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


def test_a_prospect_that_the_worker_cannot_make_has_an_end(other, pending):
    other.sandbox.down = True
    assert other.prospect()["codigo"] == "prospect_pendente"
    other.sandbox.down = False
    other.restart()
    answer = other.sandbox.answer

    def refuse(call, query):
        return (400, WORDS) if (call.method, call.path) == ("POST", "/prospects") else answer(call, query)

    other.sandbox.answer = refuse
    other.work(rounds=60)
    assert len(other.writes()) <= MOST_POSTS
    assert "gave up" in pending(other)
    other.sandbox.answer = answer
    assert "1 will be tried again" in pending(other, "--retry")
    other.work()
    assert other.prospect()["codigo"] == "prospect_ja_existe"
    assert len(other.sandbox.store["prospects"]) == 1


def test_a_post_that_never_says_anything_useful_has_an_end(other, pending):
    """Neither done nor refused, each time: what it made is looked for, and it is repeated only so often."""
    promise(other)
    other.sandbox.refusal_status = 500
    refuse_all(other)
    other.work(rounds=200)
    assert len(other.posts()) <= MOST_POSTS
    other.restart()
    assert other.code("reserva/consulta") == "falhou"
    assert "gave up" in pending(other)
