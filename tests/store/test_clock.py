"""The clock set back by an hour stops nothing for longer than a minute."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import insert, select, update

from sandbox import Sandbox
from tests.conftest import KEYS
from tests.missing import missing
from tests.sales.shop import Shop
from tests.test_service import ROOT, environment
from webhook.store import Store, conversations
from webhook.store.health import beat, has_keeper, workers_alive
from webhook.store.outbox import next_due
from webhook.store.tables import heartbeats, outbox, reservations
from webhook.web import limits
from webhook.web.limits import Counts

HOUR = 3600.0
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture
def set_back(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    clock = time.time

    def set_back() -> None:
        for module in (time, limits):
            monkeypatch.setattr(module, "time", lambda: clock() - HOUR)

    return set_back


@pytest.fixture
def shop(own_sandbox: Sandbox, sqlite_url: str) -> Shop:
    return Shop(own_sandbox, sqlite_url)


def promised(shop: Shop) -> None:
    """A reservation that OZmap could not take, which a worker has tried once."""
    shop.sandbox.faults.add("/", status=503)
    assert shop.reserve()["codigo"] == "reserva_pendente"
    shop.sandbox.faults.clear()


def test_a_lease_whose_holder_died_is_over(shop, set_back):
    promised(shop)
    with shop.store.write() as connection:
        connection.execute(update(outbox).values(due_at=0.0))
    assert next_due(shop.store, 40)
    assert next_due(shop.store, 40) is None, "leased"
    set_back()
    assert next_due(shop.store, 40)
    assert next_due(shop.store, 40) is None, "leased again"


def test_a_promise_in_its_pause_is_delivered(shop, set_back):
    promised(shop)
    set_back()
    beat(shop.store, "worker", ["isp"])
    with shop.store.read() as connection:
        assert connection.scalar(select(outbox.c.due_at)) < time.time() + 30
    beat(shop.store, "worker", ["isp"])
    beat(shop.store, "another worker", ["isp"])
    with shop.store.read() as connection:
        assert connection.scalar(select(outbox.c.due_at)) > time.time() - 30, "moved once"


def test_housekeeping_keeps_its_day(shop, set_back):
    assert shop.reserve()["codigo"] == "reservado"
    with shop.store.read() as connection:
        before = connection.scalar(select(outbox.c.due_at))
    set_back()
    beat(shop.store, "worker", ["isp"])
    with shop.store.read() as connection:
        assert connection.scalar(select(outbox.c.due_at)) == before


def test_a_lost_post_is_settled_in_its_time(shop, set_back):
    shop.sandbox.faults.add("/properties", method="POST", broken="silent", when="before")
    assert shop.reserve()["codigo"] == "reserva_pendente"
    with shop.store.read() as connection:
        posted_at = connection.scalar(select(reservations.c.posted_at))
    assert posted_at
    set_back()
    beat(shop.store, "worker", ["isp"])
    with shop.store.read() as connection:
        moved = connection.scalar(select(reservations.c.posted_at))
    assert abs(time.time() - moved) < 30


def test_a_dead_workers_sign_of_life_counts_for_nothing(shop, set_back):
    assert (workers_alive(shop.store), has_keeper(shop.store, "isp")) == (1, True)
    set_back()
    assert (workers_alive(shop.store), has_keeper(shop.store, "isp")) == (0, False)
    beat(shop.store, "new worker", ["isp"])
    assert has_keeper(shop.store, "isp")


def test_hosts_whose_clocks_differ_a_little_move_nothing(shop):
    promised(shop)
    with shop.store.write() as connection:
        connection.execute(insert(heartbeats).values(worker="ahead", seen_at=time.time() + 30))
        before = connection.scalar(select(outbox.c.due_at))
    beat(shop.store, "worker", ["isp"])
    with shop.store.read() as connection:
        assert connection.scalar(select(outbox.c.due_at)) == before


def test_a_conversation_whose_call_died_goes_on(sqlite_url, set_back):
    store = Store(sqlite_url)
    assert conversations.claim(store, "isp", "huggy:1", 5, HOUR).lease
    assert conversations.claim(store, "isp", "huggy:1", 5, HOUR).lease is None
    set_back()
    assert conversations.claim(store, "isp", "huggy:1", 5, HOUR).lease


def test_two_equal_answers_are_two(client, set_back):
    def say(answer: str) -> dict[str, str]:
        body = {"conversa_id": "1", "resposta": answer}
        headers = {"X-Webhook-Key": KEYS["huggy"][0]}
        return client.post("/huggy/conversa", json=body, headers=headers).get_json()

    say("oi")
    first = say("rua")
    set_back()
    assert say("rua")["etapa"] != first["etapa"]


def test_a_rate_limit_is_over_in_its_time(set_back):
    counts, limit = Counts(None), RateLimitItemPerMinute(2)
    assert [bool(counts.hit(limit, "key")) for _ in range(3)] == [False, False, True]
    set_back()
    assert [bool(counts.hit(limit, "key")) for _ in range(4)] == [False, False, False, True]


def test_a_worker_whose_clock_is_set_back_delivers(shop, tmp_path):
    """A whole process under libfaketime (Debian: apt-get install faketime)."""
    if LIBRARY is None:
        missing("no libfaketime: apt-get install faketime")
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    # Not 503, which is tried again after a sleep: libfaketime 0.9.10 breaks Python's sleep.
    shop.sandbox.faults.add("/", status=500)
    assert shop.reserve()["codigo"] == "reserva_pendente"
    variables = environment(shop.sandbox.url, OZMAP_TOKEN=shop.sandbox.token) | {
        "DATABASE_URL": f"sqlite:///{shop.store.url.database}",
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    output = tmp_path / "output"
    with output.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "webhook", "worker"], cwd=ROOT, env=variables, stdout=file, stderr=file
        )
    try:
        wait_for(lambda: b'"result": "later"' in output.read_bytes(), 30, output)
        clock.write_text("-3600\n")
        shop.sandbox.faults.clear()
        wait_for(lambda: b'"result": "done"' in output.read_bytes(), 60, output)
    finally:
        worker.kill()  # SIGTERM may be lost under libfaketime, which blocks signals while it reads the clock
        worker.wait()


def wait_for(happened: Callable[[], bool], seconds: float, output: Path) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
