"""A POST that outlives the reply is normal: it is looked for, never repeated, and it harms nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from sandbox import PLACES
from webhook.store import Store, StoreUnavailable
from webhook.store.tables import outbox, reservations

DEADLINE, POST_SECONDS = 1.5, 3.0
"""Seconds of a reply, and of a POST that outlives it."""


@pytest.fixture
def slow(open_other, stand_in):
    """Its OZmap makes the client at once, and the property when the drop is drawn."""
    stand_in.post_seconds = POST_SECONDS
    return open_other(deadline=DEADLINE)


def wait_for(condition) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "OZmap never finished"
        time.sleep(0.02)


def wait_for_property(shop) -> None:
    wait_for(lambda: shop.sandbox.store["properties"])


def reads_only_since(shop, before: int) -> bool:
    return all(one.method == "GET" for one in list(shop.sandbox.requests)[before:])


def test_consulta_finds_it_without_a_worker_step(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    wait_for_property(slow)
    before = len(slow.sandbox.requests)
    reply = slow.ask("reserva/consulta")
    (record,) = slow.sandbox.store["properties"].values()
    assert (reply["codigo"], reply["imovel_id"]) == ("reserva_encontrada", record["id"])
    assert (reply["porta"], reply["caixa_nome"]) == (1, "CTO 1")
    assert reads_only_since(slow, before)
    slow.work()
    assert len(slow.posts()) == 1
    assert len(slow.sandbox.store["properties"]) == 1
    assert slow.code("reserva/consulta") == "reserva_encontrada"


def test_while_it_is_under_way_nobody_repeats_it_or_takes_its_client_away(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    before = len(slow.sandbox.requests)
    assert slow.code("reserva/consulta") == "reserva_pendente"
    assert slow.reserve()["codigo"] == "reserva_pendente"
    slow.look_again()
    slow.worker.deliver_one()
    assert reads_only_since(slow, before)
    wait_for_property(slow)
    assert slow.code("reserva/consulta") == "reserva_encontrada"
    assert len(slow.sandbox.store["ftth-clients"]) == len(slow.posts()) == 1


def test_the_worker_finds_it_by_reads_when_it_next_looks(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    due_at = slow.owed().due_at
    assert due_at - time.time() <= POST_SECONDS + 2, "looked for within seconds"
    wait_for_property(slow)
    before = len(slow.sandbox.requests)
    slow.look_again()
    assert slow.worker.deliver_one()
    assert reads_only_since(slow, before)
    assert slow.code("reserva/consulta") == "reserva_encontrada"


def test_looks_become_rarer_while_ozmap_takes_long(open_other, stand_in):
    shop = open_other(deadline=DEADLINE)
    stand_in.post_seconds = 600
    assert shop.reserve()["codigo"] == "reserva_pendente"
    pauses = []
    for seconds in (3, 10, 40):
        with shop.store.write() as connection:
            connection.execute(update(reservations).values(posted_at=time.time() - seconds))
            connection.execute(update(outbox).values(due_at=0, lease_until=None))
        assert shop.worker.deliver_one()
        pauses.append(shop.owed().due_at - time.time())
    assert pauses[0] <= 20
    assert pauses[0] < pauses[2] <= 60
    assert len(shop.posts()) == 1


def test_a_repeated_call_after_it_landed_does_no_second_thing(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    wait_for_property(slow)
    assert slow.reserve()["codigo"] in {"reservado", "ja_reservado", "reserva_pendente"}
    assert slow.code("reserva/consulta") == "reserva_encontrada"
    assert slow.reserve()["codigo"] == "ja_reservado"
    assert len(slow.posts()) == 1


def test_it_can_be_cancelled_while_it_is_under_way(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    assert slow.code("reserva/cancelamento") in {"cancelamento_pendente", "reserva_cancelada"}
    wait_for_property(slow)
    slow.work()
    assert slow.code("reserva/cancelamento") == "reserva_cancelada"
    assert slow.sandbox.store["properties"] == slow.sandbox.store["ftth-clients"] == {}


def test_ten_at_once_shut_nobody_out(slow):
    slow.sandbox.ports = 16
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda number: slow.reserve(f"c{number}"), range(10)))
    assert {reply["codigo"] for reply in replies} == {"reserva_pendente"}
    point = PLACES["viable"].point
    reply = slow.ask("viabilidade", "reader", latitude=point.lat, longitude=point.lng)
    assert reply["codigo"] == "viavel"
    wait_for(lambda: len(slow.sandbox.store["properties"]) == 10)
    found = [slow.code("reserva/consulta", f"c{number}") for number in range(10)]
    assert found == ["reserva_encontrada"] * 10
    assert len(slow.posts()) == 10


def test_a_slow_refusal_is_read_by_whoever_looks_next(slow):
    """The client stays, the property never comes: no promise is kept by waiting for it."""
    slow.sandbox.client_first = True

    def refuse(form):
        slow.sandbox.lock.release()
        time.sleep(POST_SECONDS)
        slow.sandbox.lock.acquire()
        slow.sandbox.post_seconds = 0.0
        slow.sandbox.refuse = lambda form: None
        return "Não foi possível desenhar o drop."

    slow.sandbox.refuse = refuse
    assert slow.reserve()["codigo"] == "reserva_pendente"
    wait_for(lambda: slow.sandbox.post_seconds == 0)
    slow.work()
    assert slow.code("reserva/consulta") == "reserva_encontrada"
    assert (len(slow.sandbox.store["ftth-clients"]), len(slow.sandbox.store["properties"])) == (1, 1)
    assert len(slow.posts()) == 2


def test_the_store_that_fails_after_the_post_leaves_a_promise(other, monkeypatch):
    """The port is held in OZmap, so the customer must not be told that we were busy."""

    def fail(*_: object):
        raise StoreUnavailable

    with monkeypatch.context() as outage:

        def take(form) -> None:
            outage.setattr(Store, "write", fail)
            outage.setattr(Store, "read", fail)

        other.sandbox.refuse = take
        assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.refuse = lambda form: None
    other.work()
    assert other.code("reserva/consulta") == "reserva_encontrada"
    assert len(other.posts()) == len(other.sandbox.store["properties"]) == 1
