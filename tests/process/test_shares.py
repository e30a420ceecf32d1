"""An ISP whose OZmap hangs does not hold the worker's threads against the others."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import select, update

from sandbox import Sandbox, sample_network
from tests.sales.shop import Shop
from webhook.process import worker as module
from webhook.process.shares import Shares
from webhook.process.worker import THREADS, Worker
from webhook.store import Store
from webhook.store.outbox import Owed, put
from webhook.store.tables import outbox, reservations


@pytest.fixture
def hanging(sqlite_url: str) -> Iterator[Shop]:
    with Sandbox(network=sample_network()) as sandbox:
        yield Shop(sandbox, sqlite_url, slug="lento")


def test_its_promises_delay_anothers_by_no_more_than_two_seconds(own_sandbox, hanging, monkeypatch):
    other = Shop(own_sandbox, hanging.store.url.render_as_string(hide_password=False))
    for shop, sales in ((hanging, THREADS + 2), (other, 1)):
        shop.sandbox.faults.add("/", status=500)
        for number in range(sales):
            assert shop.reserve(f"c{number}")["codigo"] == "reserva_pendente"
        shop.sandbox.faults.clear()
    hanging.sandbox.faults.add("/", broken="silent")
    monkeypatch.setattr(module, "PATIENCE", 8.0)
    worker = Worker(replace(other.settings, tenants=(hanging.tenant, other.tenant)))
    with other.store.write() as connection:
        connection.execute(update(outbox).where(outbox.c.tenant == "isp").values(due_at=time.time() + 2))
        connection.execute(update(outbox).where(outbox.c.tenant == "lento").values(due_at=0.0))
    running = Thread(target=worker.run)
    running.start()
    try:
        time.sleep(2)
        until = time.monotonic() + 2
        while state_of_other(other.store) != "done":
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        worker.stop()
        hanging.sandbox.faults.clear()
        running.join(30)


def state_of_other(store: Store) -> str:
    with store.read() as connection:
        return connection.scalar(select(reservations.c.state).where(reservations.c.tenant == "isp"))


def order_of(store: Store, shares: Shares, leases: int) -> str:
    """Whose rows are leased, as long as none is given back."""
    order = ""
    with ExitStack() as held:
        for _ in range(leases):
            lease = held.enter_context(shares.next_due(store))
            order += lease.tenant if lease else "-"
    return order


@pytest.mark.parametrize(("shared", "order"), [(True, "aaaabbcd"), (False, "aaaaaaaa")])
def test_there_is_always_a_thread_for_the_next(sqlite_url, shared, order):
    store = Store(sqlite_url)
    with store.write() as connection:
        for tenant in "abcd":
            for sale in range(9):
                put(connection, Owed("reservation", ord(tenant) * 100 + sale, tenant, f"{tenant}{sale}"))
    assert order_of(store, Shares(8, 40, ["reservation"], shared), 8) == order
