"""The rows of conversations: one call at a time, and looks that keep nobody waiting."""

from threading import Timer

import pytest

from webhook.store import Store, StoreUnavailable
from webhook.store.conversations import Kept, claim, let_go, look, save

KEY = "fivehub:c1"
KEPT = Kept("{}", "etapab", "contratacao", "nome", ended=False, phone=None)
HOUR = 3600.0


@pytest.fixture
def store(database_url):
    return Store(database_url)


def looked(store, forget_after=HOUR):
    return look(store, "isp", KEY, forget_after)


def claimed(store, seconds=5.0, forget_after=HOUR):
    return claim(store, "isp", KEY, seconds, forget_after)


def test_a_look_says_what_a_claim_would_and_takes_nothing(store):
    assert (looked(store).state, looked(store).at_work) == (None, False)
    row = claimed(store)
    assert row.lease
    assert looked(store).at_work
    assert (claimed(store).at_work, claimed(store).lease) == (True, None)
    assert save(store, "isp", KEY, row.lease, KEPT)
    seen = looked(store)
    assert (seen.state, seen.token, seen.lease, seen.at_work) == ("{}", "etapab", None, False)
    assert claimed(store).lease


def test_a_lease_ends_when_it_is_given_back_or_runs_out(store):
    let_go(store, "isp", KEY, claimed(store).lease)
    assert not looked(store).at_work
    claimed(store, seconds=-1)
    assert not looked(store).at_work


def test_what_is_too_old_is_not_seen(store):
    save(store, "isp", KEY, claimed(store).lease, KEPT)
    old = looked(store, forget_after=-1)
    assert (old.state, old.token) == (None, "etapab")
    assert claimed(store, forget_after=-1).state is None


def test_a_look_waits_for_no_writer(sqlite_url):
    store, other = Store(sqlite_url), Store(sqlite_url)
    save(store, "isp", KEY, claimed(store).lease, KEPT)
    with other.write(), store._turn:
        assert looked(store).token == "etapab"


def test_a_patient_store_waits_longer_for_its_turn(sqlite_url, monkeypatch):
    monkeypatch.setattr("webhook.store.PATIENCE", 0.05)
    store = Store(sqlite_url)
    patient = store.patient(5.0)
    assert patient.engine is store.engine
    with store._turn:
        with pytest.raises(StoreUnavailable):
            claimed(store)
        letting_go = Timer(0.3, store._turn.release)
        letting_go.start()
        assert claimed(patient).lease
        store._turn.acquire()
