"""Led conversations in the store: one call at a time has one, on any number of processes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from webhook.store import Store
from webhook.store import conversations as led
from webhook.store.conversations import ENDED_FOR, Kept
from webhook.store.tables import conversations

KEY = "fivehub:c1"
DAY = 86400.0


@pytest.fixture
def store(database_url) -> Store:
    return Store(database_url)


def claim(store, key=KEY, tenant="isp"):
    return led.claim(store, tenant, key, 60, DAY)


def kept(state="{}", token="etapaabc", **more) -> Kept:
    return Kept(
        **{"flow": "contratacao", "step": "nome", "ended": False, "phone": None} | more,
        state=state,
        token=token,
    )


def age(store, seconds):
    with store.write() as connection:
        connection.execute(update(conversations).values(changed_at=conversations.c.changed_at - seconds))


def row(store):
    with store.read() as connection:
        return connection.execute(select(conversations)).one()


def test_the_first_call_makes_the_row(store):
    first = claim(store)
    assert (first.state, first.token, first.unheard) == (None, None, False)
    assert first.lease
    assert row(store).flow is None


def test_what_a_call_leaves_is_what_the_next_one_gets(store):
    assert led.save(store, "isp", KEY, claim(store).lease, kept('{"a": "ção"}', phone="48 99988-7766"))
    stored = row(store)
    assert (stored.flow, stored.step, stored.ended, stored.phone) == (
        "contratacao",
        "nome",
        False,
        "48 99988-7766",
    )
    assert (stored.lease, stored.lease_until) == (None, None)
    following = claim(store)
    assert (following.state, following.token) == ('{"a": "ção"}', "etapaabc")
    assert following.lease


def test_only_one_call_has_it(store):
    first = claim(store)
    assert claim(store).lease is None
    assert led.save(store, "isp", KEY, first.lease, kept())
    assert claim(store).lease


def test_calls_at_once(store):
    for key in ("fivehub:new", KEY):
        if key == KEY:
            led.save(store, "isp", KEY, claim(store).lease, kept())
        with ThreadPoolExecutor(8) as pool:
            leases = [one.lease for one in pool.map(lambda _, key=key: claim(store, key), range(8))]
        assert sum(lease is not None for lease in leases) == 1


def test_each_conversation_by_itself(store):
    claimed = [
        claim(store),
        claim(store, "huggy:c1"),
        claim(store, tenant="other"),
        claim(store, "fivehub:c2"),
    ]
    assert all(one.lease for one in claimed)
    assert len({one.lease for one in claimed}) == 4


def test_a_call_that_died_loses_it_in_time(store):
    dead = claim(store)
    assert claim(store).lease is None
    with store.write() as connection:
        connection.execute(update(conversations).values(lease_until=time.time()))
    second = claim(store)
    assert second.lease
    assert not led.save(store, "isp", KEY, dead.lease, kept(token="late"))
    assert row(store).token is None
    assert led.save(store, "isp", KEY, second.lease, kept())


def test_letting_go_leaves_it_as_it_was(store):
    led.save(store, "isp", KEY, claim(store).lease, kept())
    changed = row(store).changed_at
    second = claim(store)
    led.let_go(store, "isp", KEY, second.lease)
    assert (row(store).token, row(store).changed_at, row(store).lease) == ("etapaabc", changed, None)
    third = claim(store)
    led.let_go(store, "isp", KEY, second.lease)
    assert row(store).lease == third.lease


def test_a_call_that_was_told_to_wait_is_remembered_until_the_next_reply(store):
    led.save(store, "isp", KEY, claim(store).lease, kept(token="first"))
    second = claim(store)
    led.not_heard(store, "isp", KEY, "first")
    assert led.save(store, "isp", KEY, second.lease, kept(token="second"))
    third = claim(store)
    assert not third.unheard

    led.not_heard(store, "isp", KEY, "second")
    led.let_go(store, "isp", KEY, third.lease)
    fourth = claim(store)
    assert fourth.unheard
    led.save(store, "isp", KEY, fourth.lease, kept(token="third"))

    led.not_heard(store, "isp", KEY, "second")
    assert not claim(store).unheard, "whoever waited for it follows an older reply"


@pytest.mark.parametrize(("ended", "seconds"), [(False, DAY), (True, ENDED_FOR)])
def test_what_is_too_old_begins_again(store, ended, seconds):
    led.save(store, "isp", KEY, claim(store).lease, kept(ended=ended))
    age(store, seconds - 30)
    young = claim(store)
    assert young.state == "{}"
    led.let_go(store, "isp", KEY, young.lease)
    age(store, 60)
    old = claim(store)
    assert (old.state, old.token) == (None, "etapaabc")
    assert old.lease
