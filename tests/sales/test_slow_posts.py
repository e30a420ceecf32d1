"""A POST that outlives the reply is normal: it is looked for, never repeated, and it harms nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import update

from sandbox import PLACES
from tests.sales.habits import take_seconds
from tests.sales.stand_in import StandIn
from webhook.ozmap.api import Ozmap
from webhook.store import Store, StoreUnavailable
from webhook.store.tables import reservations

DEADLINE, POST_SECONDS = 2.5, 4.0
"""Seconds of a reply, and of a POST that outlives it."""


@pytest.fixture
def slow(open_any):
    """Its OZmap makes the client at once, and the property when the drop is drawn."""
    shop = open_any(deadline=DEADLINE)
    take_seconds(shop, POST_SECONDS)
    return shop


@pytest.fixture
def new(slow):
    """The properties that are new, by id."""
    before = set(slow.sandbox.store["properties"])
    return lambda: set(slow.sandbox.store["properties"]) - before


def reads_only_since(shop, before: int) -> bool:
    return all(one.method == "GET" for one in list(shop.sandbox.requests)[before:])


def test_consulta_finds_it_without_a_worker_step(slow, new):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    slow.wait_for(new)
    before = len(slow.sandbox.requests)
    reply = slow.ask("reserva/consulta")
    (id_,) = new()
    assert (reply["codigo"], reply["imovel_id"]) == ("reserva_encontrada", id_)
    assert reply["porta"]
    assert reply["caixa_nome"].startswith("CTO ")
    assert reads_only_since(slow, before)
    slow.work()
    assert len(slow.posts()) == len(new()) == 1
    assert slow.code("reserva/consulta") == "reserva_encontrada"


def test_while_it_is_under_way_nobody_repeats_it_or_takes_its_client_away(slow, new):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    before = len(slow.sandbox.requests)
    assert slow.code("reserva/consulta") in {"reserva_pendente", "reserva_encontrada"}  # it looks for a while
    assert slow.reserve()["codigo"] in {"reserva_pendente", "ja_reservado"}
    slow.look_again()
    slow.worker.deliver_one()
    assert reads_only_since(slow, before)
    slow.wait_for(new)
    assert slow.code("reserva/consulta") == "reserva_encontrada"
    assert len(slow.clients()) == len(slow.posts()) == len(new()) == 1


def test_the_worker_finds_it_by_reads_when_it_next_looks(slow, new):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    due_at = slow.owed().due_at
    assert due_at - time.time() <= POST_SECONDS + 2, "looked for within seconds"
    slow.wait_for(new)
    before = len(slow.sandbox.requests)
    slow.look_again()
    assert slow.worker.deliver_one()
    assert reads_only_since(slow, before)
    assert slow.code("reserva/consulta") == "reserva_encontrada"


def test_looks_become_rarer_while_ozmap_takes_long(slow):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    pauses = []
    for seconds in (3, 10, 40):
        with slow.store.write() as connection:
            connection.execute(update(reservations).values(posted_at=time.time() - seconds))
        slow.look_again()
        assert slow.worker.deliver_one()
        pauses.append(slow.owed().due_at - time.time())
    assert pauses[0] <= 20
    assert pauses[0] < pauses[2] <= 60
    assert len(slow.posts()) == 1


def test_a_repeated_call_after_it_landed_does_no_second_thing(slow, new):
    assert slow.reserve()["codigo"] == "reserva_pendente"
    slow.wait_for(new)
    assert slow.reserve()["codigo"] in {"reservado", "ja_reservado", "reserva_pendente"}
    assert slow.code("reserva/consulta") == "reserva_encontrada"
    assert slow.reserve()["codigo"] == "ja_reservado"
    assert len(slow.posts()) == 1


def test_it_can_be_cancelled_while_it_is_under_way(slow):
    """Its client must not be taken from under it: a port would stay that no code leads to."""
    before = slow.everything()
    assert slow.reserve()["codigo"] == "reserva_pendente"
    assert slow.code("reserva/cancelamento") in {"cancelamento_pendente", "reserva_cancelada"}
    slow.wait_for(slow.is_answered)
    slow.work()
    assert slow.code("reserva/cancelamento") == "reserva_cancelada"
    assert slow.everything() == before


def test_ten_at_once_shut_nobody_out(slow):
    if isinstance(slow.sandbox, StandIn):
        slow.sandbox.ports = 16
    names = [f"c{number}" for number in range(10)]

    def reserve(name: str) -> str:
        while (code := slow.reserve(name)["codigo"]) == "ocupado":  # as a flow does
            pass
        return code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(reserve, names)) == {"reserva_pendente"}
    point = PLACES["viable"].point
    reply = slow.ask("viabilidade", "reader", latitude=point.lat, longitude=point.lng)
    assert reply["codigo"] == "viavel"
    codes = [slow.codes[name] for name in names]
    slow.wait_for(slow.is_answered)  # what is under way must not be taken for lost
    take_seconds(slow, 0)  # for those whom the nearest boxes had no port left
    slow.work(rounds=100)
    assert [slow.code("reserva/consulta", name) for name in names] == ["reserva_encontrada"] * 10
    assert [len(slow.properties(code)) for code in codes] == [1] * 10
    assert not slow.booked_twice()


def test_a_slow_refusal_is_read_by_whoever_looks_next(open_other, stand_in):
    """The client stays, the property never comes: no promise is kept by waiting for it."""
    shop = open_other(deadline=DEADLINE)
    stand_in.client_first = True
    over = Event()

    def refuse(form):
        stand_in.refuse = lambda form: None
        stand_in.lock.release()
        over.wait(10)
        stand_in.lock.acquire()
        return "Não foi possível desenhar o drop."

    stand_in.refuse = refuse
    assert shop.reserve()["codigo"] == "reserva_pendente"
    over.set()
    shop.work()
    assert shop.code("reserva/consulta") == "reserva_encontrada"
    assert (len(shop.clients()), len(shop.properties()), len(shop.posts())) == (1, 1, 2)


def test_the_store_that_fails_after_the_post_leaves_a_promise(any_shop, monkeypatch):
    """The port is held in OZmap, so the customer must not be told that we were busy."""
    create = Ozmap.create_property

    def fail(*_: object):
        raise StoreUnavailable

    with monkeypatch.context() as outage:

        def create_and_lose(ozmap: Ozmap, form: object) -> str:
            made = create(ozmap, form)
            outage.setattr(Store, "write", fail)
            outage.setattr(Store, "read", fail)
            return made

        outage.setattr(Ozmap, "create_property", create_and_lose)
        assert any_shop.reserve()["codigo"] == "reserva_pendente"
    any_shop.work()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    assert len(any_shop.posts()) == len(any_shop.properties()) == 1
