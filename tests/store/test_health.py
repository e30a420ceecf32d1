"""Signs of life in the store, on each kind of database."""

import time

import pytest
from sqlalchemy import insert, select, update

from webhook.observe.metrics import StoreFigures
from webhook.store import Store, StoreUnavailable
from webhook.store.health import (
    ALIVE_FOR,
    FORGOTTEN_AFTER,
    beat,
    kept,
    leave,
    prove_writable,
    workers_alive,
)
from webhook.store.tables import heartbeats, outbox


def rows(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(select(heartbeats.c.worker)).scalars())


def test_the_proof_leaves_nothing(database_url):
    store = Store(database_url)
    prove_writable(store)
    assert rows(store) == []


def test_a_store_that_somebody_else_holds_is_not_writable(sqlite_url):
    with Store(sqlite_url).write(), pytest.raises(StoreUnavailable):
        prove_writable(Store(sqlite_url))


def test_a_store_that_only_lets_read_is_not_writable(database_url):
    store = Store(database_url)
    read_only = "PRAGMA query_only = ON" if store.is_sqlite else "SET default_transaction_read_only = on"
    with store.engine.connect() as connection:
        connection.exec_driver_sql(read_only)
        connection.commit()
    with pytest.raises(StoreUnavailable):
        prove_writable(store)


def test_a_worker_is_alive_until_it_leaves_or_falls_silent(database_url):
    store = Store(database_url)
    assert workers_alive(store) == 0
    for name in ("a", "b", "b"):
        beat(store, name)
    assert (workers_alive(store), rows(store)) == (2, ["a", "b"])
    leave(store, "a")
    assert workers_alive(store) == 1
    grow_old(store, ALIVE_FOR + 1)
    assert (workers_alive(store), rows(store)) == (0, ["b"])


def test_who_was_killed_is_forgotten_by_the_next_beat(database_url):
    store = Store(database_url)
    beat(store, "killed")
    grow_old(store, FORGOTTEN_AFTER + 1)
    beat(store, "next")
    assert rows(store) == ["next"]


def grow_old(store: Store, seconds: float) -> None:
    with store.write() as connection:
        connection.execute(update(heartbeats).values(seen_at=time.time() - seconds))


def test_what_is_owed(database_url):
    store = Store(database_url)
    assert kept(store) == StoreFigures(
        waiting={"reservation": (0, 0.0), "prospect": (0, 0.0), "notice": (0, 0.0)},
        given_up={"reservation": 0, "prospect": 0, "notice": 0},
        workers=0,
    )
    now = time.time()
    row = {"tenant": "isp", "line": "c", "due_at": now, "promised": True, "since": now - 60}
    with store.write() as connection:
        for changes in (
            {"kind": "reservation", "sale": 1},
            {"kind": "reservation", "sale": 2, "since": now - 3600},
            {"kind": "reservation", "sale": 3, "since": now - 9999, "promised": False},  # housekeeping
            {"kind": "prospect", "sale": 1, "since": now - 9999, "gave_up_at": now},
        ):
            connection.execute(insert(outbox).values(**row | changes))
    beat(store, "a")
    there = kept(store)
    count, seconds = there.waiting["reservation"]
    assert (count, round(seconds / 60)) == (2, 60)
    assert (there.waiting["prospect"], there.given_up["prospect"]) == ((0, 0.0), 1)
    assert there.workers == 1
