"""Signs of life in the store, on each kind of database."""

import time

import pytest
from sqlalchemy import insert, select, update

from webhook.observe.metrics import StoreFigures
from webhook.store import Store, StoreUnavailable
from webhook.store.health import (
    ALIVE_FOR,
    FORGOTTEN_AFTER,
    KEPT_FOR,
    beat,
    has_keeper,
    kept,
    leave,
    older_workers,
    prove_writable,
    without_keeper,
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
        beat(store, name, ["isp"])
    assert (workers_alive(store), rows(store)) == (2, ["a", "b"])
    leave(store, "a")
    assert workers_alive(store) == 1
    beat(store, "a", ["isp"])
    assert workers_alive(store) == 2
    grow_old(store, ALIVE_FOR + 1)
    assert (workers_alive(store), rows(store)) == (0, ["a", "b"])


def test_a_worker_that_ended_is_forgotten_by_another_beat(database_url):
    store = Store(database_url)
    beat(store, "killed", ["isp"])
    beat(store, "stopped", ["isp"])
    leave(store, "stopped")
    grow_old(store, FORGOTTEN_AFTER - 60)
    beat(store, "next", ["isp"])
    assert rows(store) == ["killed", "next", "stopped"]
    grow_old(store, FORGOTTEN_AFTER + 1)
    beat(store, "next", ["isp"])
    assert rows(store) == ["next"]


@pytest.mark.parametrize("ends", [leave, lambda *_: None], ids=["stopped", "killed"])
def test_a_tenant_has_a_keeper_until_ten_minutes_after_its_last_worker(database_url, ends):
    store = Store(database_url)
    assert not has_keeper(store, "isp")
    beat(store, "a", ["isp", "sul"])
    ends(store, "a")
    assert has_keeper(store, "isp")
    grow_old(store, KEPT_FOR - 60)
    assert has_keeper(store, "isp")
    grow_old(store, KEPT_FOR + 1)
    assert not has_keeper(store, "isp")


def test_a_keeper_is_known_by_the_tenants_whole_name(database_url):
    store = Store(database_url)
    beat(store, "a", ["norte_1", "a,b", "são paulo"])
    others = ["norte", "norte-1", "norte_11", "NORTE_1", "norte%", "a", "b", ""]
    assert without_keeper(store, ["norte_1", *others, "a,b", "são paulo"]) == others


def test_a_worker_that_knows_a_tenant_no_more_keeps_it_no_more(database_url):
    store = Store(database_url)
    beat(store, "a", ["norte", "sul"])
    beat(store, "a", ["norte"])
    assert without_keeper(store, ["norte", "sul"]) == ["sul"]


def test_a_worker_from_before_the_columns_is_alive_and_older_and_keeps_nothing(database_url):
    store = Store(database_url)
    beat(store, "new", ["isp"])
    assert not older_workers(store)
    leave(store, "new")
    grow_old(store, KEPT_FOR + 1)
    with store.write() as connection:
        connection.execute(insert(heartbeats).values(worker="old", seen_at=time.time()))
    assert (workers_alive(store), older_workers(store), has_keeper(store, "isp")) == (1, True, False)


def test_a_worker_of_another_version_counts_until_it_stops_or_falls_silent(database_url):
    store = Store(database_url)
    beat(store, "a", ["isp"])
    with store.write() as connection:
        connection.execute(update(heartbeats).values(version="0001"))
    assert older_workers(store)
    grow_old(store, ALIVE_FOR + 1)
    assert not older_workers(store)
    grow_old(store, 0)
    assert older_workers(store)
    leave(store, "a")
    assert not older_workers(store)


def grow_old(store: Store, seconds: float) -> None:
    with store.write() as connection:
        connection.execute(update(heartbeats).values(seen_at=time.time() - seconds))


def test_what_is_owed(database_url):
    store = Store(database_url)
    assert kept(store, ["isp", "sul"]) == StoreFigures(
        waiting={"reservation": (0, 0.0), "prospect": (0, 0.0), "notice": (0, 0.0)},
        given_up={"reservation": 0, "prospect": 0, "notice": 0},
        held_up={"defect": 0, "refused": 0},
        workers=0,
        tenants_without_worker=2,
    )
    now = time.time()
    row = {"tenant": "isp", "line": "c", "due_at": now, "promised": True, "since": now - 60}
    with store.write() as connection:
        for changes in (
            {"kind": "reservation", "sale": 1},
            {"kind": "reservation", "sale": 2, "since": now - 3600},
            {"kind": "reservation", "sale": 3, "since": now - 9999, "promised": False},  # housekeeping
            {"kind": "prospect", "sale": 1, "since": now - 9999, "gave_up_at": now},
            {"kind": "prospect", "sale": 2, "since": now - 9, "gave_up_at": now, "promised": False},
            {"kind": "prospect", "sale": 3, "refusals": 2, "reason": "no right to sell", "promised": False},
            {"kind": "prospect", "sale": 4, "refusals": 1, "reason": "defect at a:1", "promised": False},
        ):
            connection.execute(insert(outbox).values(**row | changes))
    beat(store, "a", ["isp"])
    there = kept(store, ["isp", "sul"])
    count, seconds = there.waiting["reservation"]
    assert (count, round(seconds / 60)) == (2, 60)
    assert (there.waiting["prospect"], there.given_up["prospect"]) == ((0, 0.0), 2)
    assert there.held_up == {"defect": 1, "refused": 1}
    assert (there.workers, there.tenants_without_worker) == (1, 1)
