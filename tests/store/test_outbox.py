"""Leases: who works on a sale, for how long, and in which order."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, update

from webhook.store import Store, StoreUnavailable
from webhook.store.lease import BACK_OFF, LeaseLost
from webhook.store.outbox import Owed, next_due, put
from webhook.store.tables import outbox, prospects


@pytest.fixture
def store(database_url) -> Store:
    return Store(database_url)


def owe(store: Store, code: str, line: str = "") -> int:
    """A prospect with work left; the outbox row's id."""
    with store.write() as connection:
        row = {"tenant": "isp", "code": code, "state": "pending", "changed_at": 0}
        sale = connection.execute(insert(prospects).values(**row).returning(prospects.c.id)).scalar_one()
        put(connection, Owed("prospect", sale, "isp", line or code))
        return connection.execute(select(outbox.c.id).where(outbox.c.sale == sale)).scalar_one()


def row(store: Store, id_: int):
    with store.read() as connection:
        return connection.execute(select(outbox).where(outbox.c.id == id_)).first()


def test_oldest_first_and_each_once(store):
    ids = [owe(store, name) for name in "abc"]
    assert [next_due(store, 60).id for _ in ids] == ids
    assert next_due(store, 60) is None


def test_one_at_a_time_per_conversation(store):
    first, second, other = owe(store, "a", "c1"), owe(store, "b", "c1"), owe(store, "c", "c2")
    lease = next_due(store, 60)
    assert (lease.id, next_due(store, 60).id, next_due(store, 60)) == (first, other, None)
    lease.later("no answer")
    assert next_due(store, 60) is None  # the older one still goes first
    with store.write() as connection:
        connection.execute(update(outbox).where(outbox.c.id == first).values(due_at=0))
    again = next_due(store, 60)
    assert (again.id, again.attempts) == (first, 1)
    again.done(changes={"state": "done"})
    assert next_due(store, 60).id == second


def test_many_workers_take_nothing_twice(store):
    ids = {owe(store, f"p{number}") for number in range(40)}

    def take_all(_: int) -> list[int]:
        mine = Store(store.url.render_as_string(hide_password=False))
        taken = []
        while True:
            try:
                lease = next_due(mine, 60)
            except StoreUnavailable:
                continue  # as the worker does: another's turn took too long
            if lease is None:
                return taken
            taken.append(lease.id)

    with ThreadPoolExecutor(4) as pool:
        taken = [id_ for ids_ in pool.map(take_all, range(4)) for id_ in ids_]
    # SKIP LOCKED may leave a worker nothing while another still looks; a second look gets what is left.
    while lease := next_due(store, 60):
        taken.append(lease.id)
    assert sorted(taken) == sorted(ids)


def test_a_crash_lets_the_lease_run_out_and_the_dead_can_write_no_more(store):
    id_ = owe(store, "a")
    dead = next_due(store, 60)
    with store.write() as connection:
        connection.execute(update(outbox).values(lease_until=time.time() - 1))
    alive = next_due(store, 60)
    assert (alive.id, alive.token != dead.token) == (id_, True)
    for act in (dead.hold, lambda: dead.save({"name": "x"}), dead.done, lambda: dead.later("x")):
        with pytest.raises(LeaseLost):
            act()
    alive.done(changes={"state": "done"})
    with store.read() as connection:
        assert connection.execute(select(prospects.c.state, prospects.c.name)).one() == ("done", None)
    assert row(store, id_) is None


def test_back_off_stays_well_within_a_minute(store):
    owe(store, "a")
    for _ in range(12):
        lease = next_due(store, 60)
        lease.later("no answer")
        assert row(store, lease.id).due_at <= time.time() + BACK_OFF[1]
        with store.write() as connection:
            connection.execute(update(outbox).values(due_at=0))


def test_housekeeping_waits_its_time_and_is_nobodys_promise(store):
    owe(store, "a", "c1")
    lease = next_due(store, 60)
    assert row(store, lease.id).promised
    lease.done(time.time() + 3600, {"state": "done"})
    assert (row(store, lease.id).promised, next_due(store, 60)) == (False, None)
    younger = owe(store, "b", "c1")
    assert next_due(store, 60).id == younger


def test_what_is_given_up_stands_in_nobodys_way(store):
    first, second = owe(store, "a", "c1"), owe(store, "b", "c1")
    lease = next_due(store, 60)
    lease.give_up("no answer for a week")
    assert next_due(store, 60).id == second
    assert row(store, first).reason == "no answer for a week"


def test_what_is_written_with_the_sale_is_written_with_it_or_not_at_all(store):
    owe(store, "a")
    lease = next_due(store, 60)

    def breaks(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lease.done(also=breaks, changes={"state": "done"})
    with store.read() as connection:
        assert connection.execute(select(prospects.c.state)).scalar_one() == "pending"
    lease.hold()
