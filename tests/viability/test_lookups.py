"""Lookups that outlive their reply, against a sandbox that takes its time."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import select, update

from sandbox import PLACES, Sandbox
from schemas.fields import Mode
from schemas.tenants import Tenant
from tests.raw_server import RawServer
from webhook.location.place import Place, Precision
from webhook.net.breaker import Breaker
from webhook.net.bulkhead import Full
from webhook.net.deadline import Deadline
from webhook.net.reads import Reads
from webhook.observe import log
from webhook.ozmap.accounts import accounts_of
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.store import Store
from webhook.store.tables import lookups as rows
from webhook.viability import look_up
from webhook.viability import lookups as module
from webhook.viability.kept import LOOKING
from webhook.viability.lookups import Lookups, Question
from webhook.viability.verdict import Verdict, loads
from webhook.web.request_log import late_lookup

HERE = Place(PLACES["viable"].point, Precision.EXACT)
NOWHERE = Place(PLACES["no_fibre_street"].point, Precision.EXACT)


class Process:
    """One process's lookups, asked as flows ask."""

    def __init__(self, store: Store, tenant: Tenant, at_once: int = 8) -> None:
        self.lookups = Lookups(store, shared=False, on_late=late_lookup, at_once=at_once)
        self._account = OzmapAccount(OzmapClient(tenant, Breaker()), reads=Reads(at_once))
        self._tenant = tenant

    def ask(
        self,
        conversation: str = "huggy:1",
        place: Place = HERE,
        seconds: float = 0.12,
        mode: Mode = Mode.POLE,
    ) -> Verdict:
        ozmap = Ozmap(self._account, Deadline(seconds))
        question = Question(self._tenant, conversation, place, mode, protocol="the protocol")
        return self.lookups.verdict(ozmap, question)

    def end(self) -> None:
        while self.lookups._running:
            time.sleep(0.02)
        self.lookups._turns._threads.shutdown(wait=True)
        self.lookups._kept._afterwards.shutdown(wait=True)

    def look(self, place: Place = HERE) -> Verdict:
        return look_up(Ozmap(self._account, Deadline(10)), place, Mode.POLE, None, self._tenant)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url)
    yield made
    made.close()


@pytest.fixture
def process(store: Store, tenant: Tenant) -> Iterator[Process]:
    made = Process(store, tenant)
    yield made
    made.end()


@pytest.fixture
def slow(sandbox: Sandbox) -> Callable[[float], None]:
    def slow(seconds: float) -> None:
        sandbox.faults.clear()
        sandbox.faults.add("/", delay=seconds)

    return slow


def kept(store: Store) -> list[str]:
    with store.read() as connection:
        texts = connection.scalars(select(rows.c.verdict))
        return [text for text in texts if loads(text) != LOOKING]


def until_kept(store: Store) -> None:
    until = time.monotonic() + 10
    while not kept(store):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_comes_in_time_is_answered_and_not_kept(process, store):
    assert process.ask(seconds=10) == process.look()
    assert kept(store) == []


@pytest.mark.parametrize("place", [HERE, NOWHERE], ids=["yes", "no"])
def test_a_late_answer_waits_for_the_next_call_in_any_process(process, store, tenant, slow, place):
    expected = process.look(place)
    slow(0.15)
    first = process.ask(place=place)
    assert (first.outcome.code, first.viable) == ("consultando", None)
    until_kept(store)
    other = Process(store, tenant)
    asked = process if place is HERE else other
    assert asked.ask(place=place, seconds=0.1) == expected, "at once"
    other.end()


def test_the_next_call_joins_a_lookup_that_is_under_way(process, sandbox, slow):
    expected = process.look()
    sandbox.requests.clear()
    slow(0.5)
    assert process.ask().outcome.code == "consultando"
    assert process.ask(seconds=10) == expected
    assert sorted(received.path for received in sandbox.requests).count("/boxes") == 1


@pytest.fixture
def release() -> Event:
    """Ends what hangs."""
    return Event()


@pytest.fixture
def hanging(serve: Callable[..., RawServer], tenant: Tenant, release: Event) -> Tenant:
    server = serve(lambda *_: release.wait(30))
    return replace(tenant, ozmap_url=server.url)


def test_a_no_is_told_once(process, store, slow):
    process.look(NOWHERE)
    slow(0.15)
    assert process.ask(place=NOWHERE).outcome.code == "consultando"
    until_kept(store)
    assert process.ask(place=NOWHERE).viable is False
    until = time.monotonic() + 5
    while kept(store):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert process.ask(place=NOWHERE).outcome.code == "consultando", "it looks at things as they are now"


def test_what_is_too_slow_for_flows_does_not_keep_a_lookup_out(store, tenant, sandbox):
    accounts = accounts_of([tenant])
    sandbox.faults.add("/", delay=0.3)
    for _ in range(6):
        in_a_hurry = Ozmap(accounts[tenant.slug], Deadline(0.05))
        in_a_hurry_said = look_up(in_a_hurry, HERE, Mode.RADIUS, None, tenant)
    assert in_a_hurry_said.outcome.code == "ozmap_indisponivel"
    assert in_a_hurry_said.failure == "breaker open"
    patient = Process(store, tenant)
    ozmap = Ozmap(accounts[tenant.slug], Deadline(10))
    assert patient.lookups.verdict(ozmap, Question(tenant, "huggy:1", HERE, Mode.POLE)).viable is True
    patient.end()


def test_another_process_hears_of_it(process, store, slow, hanging, release):
    expected = process.look()
    other = Process(store, hanging)
    slow(0.15)
    assert process.ask().outcome.code == "consultando"
    until_noted(store)
    assert other.ask(seconds=20) == expected
    release.set()
    other.end()


def test_a_verdict_belongs_to_its_conversation_and_place(process, store, slow):
    slow(0.15)
    process.ask()
    until_kept(store)
    slow(0.3)
    moved = replace(HERE, point=HERE.point._replace(lat=HERE.point.lat + 0.001))
    assert process.ask(conversation="huggy:2").outcome.code == "consultando"
    assert process.ask(conversation="fivehub:1").outcome.code == "consultando"
    assert process.ask(place=moved).outcome.code == "consultando"
    metre = replace(HERE, point=HERE.point._replace(lat=HERE.point.lat + 0.000001))
    assert process.ask(place=metre).viable is True


def test_it_waits_three_minutes_and_is_cleared(process, store, slow):
    slow(0.15)
    process.ask()
    until_kept(store)
    with store.write() as connection:
        connection.execute(update(rows).values(expires_at=time.time() - 1))
    slow(0.3)
    assert process.ask().outcome.code == "consultando"
    process.ask(conversation="huggy:2")
    process.end()
    assert len(kept(store)) == 2, "what had expired is gone"


def test_a_failure_is_not_kept(process, store, sandbox):
    sandbox.faults.add("/splitters", status=500, delay=0.3)
    assert process.ask().outcome.code == "consultando"
    process.end()
    assert kept(store) == []


def test_nothing_personal_is_kept(process, store, slow):
    slow(0.15)
    process.ask(conversation="huggy:5548999887766")
    until_kept(store)
    with store.read() as connection:
        row = connection.execute(select(rows)).one()  # the verdict has taken the place of the mark
    said = json.dumps(list(row))
    assert "9988" not in said
    assert str(HERE.point.lat) not in said


def test_no_more_than_a_process_can_hold(process, slow, monkeypatch):
    monkeypatch.setattr(process.lookups._turns._places, "_limit", 2)
    slow(0.2)
    assert [process.ask(conversation=f"huggy:{n}").outcome.code for n in range(2)] == ["consultando"] * 2
    with pytest.raises(Full):
        process.ask(conversation="huggy:3")
    process.end()


def test_without_a_store_it_still_looks(tenant, slow, tmp_path):
    lost = Process(Store(f"sqlite:///{tmp_path}/no/such/folder/x.db"), tenant)
    assert lost.ask(seconds=10).viable is True
    slow(0.15)
    assert lost.ask().outcome.code == "consultando"
    lost.end()


def test_a_defect_is_said_in_the_log(process, monkeypatch, capsys):
    def broken(*_: object) -> Verdict:
        time.sleep(0.3)
        raise KeyError("Maria")

    monkeypatch.setattr(module, "look_up_by_pole", broken)
    log.configure()
    assert process.ask().outcome.code == "consultando"
    process.end()
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["event"], said["tenant"], said["protocolo"]) == ("late lookup", "isp", "the protocol")
    assert said["defect"].startswith("KeyError at test_lookups.py")
    assert "Maria" not in line


def test_a_store_that_hangs_costs_no_reply_its_deadline(serve, tenant, slow):
    silent = serve(lambda _, stopping: stopping.wait(30))
    lost = Process(Store(silent.url.replace("http", "postgresql").rstrip("/") + "/db"), tenant)
    slow(0.9)
    for _ in range(2):
        started = time.monotonic()
        assert lost.ask(seconds=2.6).outcome.code in {"consultando", "viavel"}
        assert time.monotonic() - started < 2.6 + 0.5
    lost.end()


def test_whoever_comes_after_those_who_wait_hears_so_at_once(process, slow, monkeypatch):
    monkeypatch.setattr(process.lookups._callers, "_limit", 1)
    expected = process.look()
    slow(0.3)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(process.ask, conversation="huggy:1", seconds=20)
        while not process.lookups._running:
            time.sleep(0.01)
        started = time.monotonic()
        others = [process.ask(conversation=f"huggy:{n}", seconds=20).outcome.code for n in range(2, 6)]
        assert others == ["consultando"] * 4
        assert not first.done(), "they were answered before the first one"
        assert time.monotonic() - started < 20
        assert first.result() == expected
    process.end()
    assert [process.ask(conversation=f"huggy:{n}") for n in range(2, 6)] == [expected] * 4


@pytest.mark.parametrize("mode", Mode)
def test_no_more_reads_at_once_than_it_may_and_all_hear_the_truth(store, tenant, sandbox, slow, mode):
    busy = Process(store, tenant, at_once=2)
    expected = look_up(Ozmap(busy._account, Deadline(10)), HERE, mode, None, tenant)
    slow(0.1)
    sandbox.requests.clear()
    conversations = [f"huggy:{n}" for n in range(9)]

    def ask(conversation: str) -> Verdict:
        verdict = busy.ask(conversation, seconds=5, mode=mode)
        while verdict.outcome.code == "consultando":
            verdict = busy.ask(conversation, seconds=0.12, mode=mode)
        return verdict

    with in_flight(sandbox) as seen, ThreadPoolExecutor(9) as pool:
        assert list(pool.map(ask, conversations)) == [expected] * 9
    busy.end()
    assert max(seen) == 2


@contextmanager
def in_flight(sandbox: Sandbox) -> Iterator[list[int]]:
    """How many calls OZmap has at work, again and again during the block."""
    seen, over = [0], Event()

    def look() -> None:
        while not over.wait(0.005):
            seen.append(sum(one.status is None for one in list(sandbox.requests)))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(look)
        try:
            yield seen
        finally:
            over.set()


def test_another_process_does_not_look_as_well(process, store, tenant, sandbox, slow):
    expected = process.look()
    sandbox.requests.clear()
    slow(0.4)
    assert process.ask().outcome.code == "consultando"
    other = Process(store, tenant)
    until_noted(store)
    assert other.ask().outcome.code == "consultando"
    assert other.ask(seconds=20) == expected
    process.end()
    other.end()
    assert [one.path for one in sandbox.requests].count("/boxes") == 1


def until_noted(store: Store) -> None:
    until = time.monotonic() + 10
    while True:
        with store.read() as connection:
            if connection.scalars(select(rows.c.verdict)).all():
                return
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_process_that_failed_leaves_the_lookup_to_the_others(process, store, tenant, sandbox, slow):
    sandbox.faults.add("/splitters", status=500, delay=0.3)
    assert process.ask().outcome.code == "consultando"
    process.end()
    sandbox.faults.clear()
    other = Process(store, tenant)
    assert other.ask(seconds=20).viable is True
    other.end()


def test_a_radius_that_was_late_is_not_read_again(store, tenant, sandbox, slow, monkeypatch):
    busy = Process(store, tenant, at_once=1)
    slow(0.5)
    sandbox.requests.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(busy.ask, conversation="huggy:1", seconds=20, mode=Mode.RADIUS)
        while not sandbox.requests:
            time.sleep(0.01)
        assert busy.ask(conversation="huggy:2", mode=Mode.RADIUS).outcome.code == "consultando"
        assert busy.ask(conversation="huggy:2", mode=Mode.RADIUS).outcome.code == "consultando"
        assert first.result().viable is True
    until_kept(store)
    assert busy.ask(conversation="huggy:2", mode=Mode.RADIUS).viable is True
    busy.end()
    assert [one.path for one in sandbox.requests] == ["/ftth-viability/radius"] * 2
