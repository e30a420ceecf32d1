"""Projects and pole types are read before a lookup needs them, and ahead of their end."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest

from sandbox import PLACES, Sandbox
from schemas.tenants import Tenant
from tests.raw_server import RawServer
from webhook.net.deadline import Deadline
from webhook.ozmap import topology
from webhook.ozmap.accounts import accounts_of
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.errors import OzmapError
from webhook.ozmap.warming import warm

TOPOLOGY = ["/pole-types", "/projects"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets so many seconds pass for what is due, though not for the cache."""
    passed = [0.0]
    monkeypatch.setattr(topology, "monotonic", lambda: time.monotonic() + passed[0])

    def pass_time(seconds: float) -> None:
        passed[0] += seconds

    return pass_time


@pytest.fixture
def account(tenant: Tenant) -> OzmapAccount:
    account = accounts_of([tenant])[tenant.slug]
    account.topology.start()
    return account


def until(happened: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < limit
        time.sleep(0.01)


def reads(sandbox: Sandbox) -> list[str]:
    return sorted(one.path for one in sandbox.requests)


def are_answered(sandbox: Sandbox, number: int) -> bool:
    return sum(one.ended is not None for one in list(sandbox.requests)) == number


def test_a_start_reads_them_and_a_lookup_then_does_not(sandbox, account):
    warm([account])
    until(lambda: are_answered(sandbox, 2))
    assert reads(sandbox) == TOPOLOGY
    projects, pole_types = Ozmap(account, Deadline(5)).topology()
    assert projects
    assert pole_types
    assert reads(sandbox) == TOPOLOGY


def test_a_lookup_that_comes_meanwhile_waits_for_the_same_reads(sandbox, account):
    sandbox.faults.add("/", delay=0.3)
    warm([account])
    until(lambda: sandbox.requests)
    assert Ozmap(account, Deadline(5)).topology()[0]
    assert reads(sandbox) == TOPOLOGY


def test_they_are_read_again_ahead_of_their_end_while_lookups_use_what_there_is(sandbox, account, clock):
    warm([account])
    until(lambda: are_answered(sandbox, 2))
    before = Ozmap(account, Deadline(5)).topology()
    sandbox.faults.add("/", delay=0.5)
    warm([account])
    clock(topology.TOPOLOGY_AGE - topology.AHEAD)
    warm([account])
    until(lambda: len(sandbox.requests) == 4)
    assert Ozmap(account, Deadline(0.1)).topology() is before, "at once"
    until(lambda: are_answered(sandbox, 4))
    until(lambda: Ozmap(account, Deadline(5)).topology() is not before)
    assert reads(sandbox) == sorted(TOPOLOGY * 2)


def test_what_nobody_asked_for_an_hour_is_not_read_again(sandbox, account, clock):
    warm([account])
    until(lambda: are_answered(sandbox, 2))
    clock(topology.NEEDED)
    assert not account.topology.is_due()
    Ozmap(account, Deadline(5)).topology()
    warm([account])
    until(lambda: are_answered(sandbox, 4))
    assert reads(sandbox) == sorted(TOPOLOGY * 2)


def test_a_read_that_fails_is_tried_again_after_a_pause(sandbox, account, clock):
    sandbox.faults.add("/projects", status=500)
    warm([account])
    until(lambda: are_answered(sandbox, 2))
    assert not account.topology.is_due()
    sandbox.faults.clear()
    clock(topology.RETRY)
    warm([account])
    until(lambda: are_answered(sandbox, 4))
    assert Ozmap(account, Deadline(5)).topology()[0]


def test_an_ozmap_that_hangs_keeps_no_other_waiting(sandbox, tenant, serve):
    never = Event()
    hanging: RawServer = serve(lambda *_: never.wait(30))
    slow = [replace(tenant, slug=f"slow-{number}", ozmap_url=hanging.url) for number in range(20)]
    accounts = accounts_of([*slow, tenant])
    for one in accounts.values():
        one.topology.start()
    warm(accounts.values())
    until(lambda: are_answered(sandbox, 2))
    never.set()


def test_its_failures_keep_no_reply_from_asking(sandbox, account, clock):
    sandbox.faults.add("/projects", status=500)
    sandbox.faults.add("/pole-types", status=500)
    for number in range(1, 4):
        warm([account])
        until(lambda number=number: are_answered(sandbox, 2 * number))
        clock(topology.RETRY)
    until(lambda: not account.background._breaker.allows_call())
    sandbox.faults.clear()
    assert Ozmap(account, Deadline(5)).radius_viability(PLACES["viable"].point, None).viable


def test_what_other_answers_show_to_be_old_is_read_by_the_next_lookup(sandbox, account):
    warm([account])
    until(lambda: are_answered(sandbox, 2))
    ozmap = Ozmap(account, Deadline(5))
    ozmap.topology()
    ozmap.forget_topology()
    sandbox.faults.add("/projects", status=500)
    with pytest.raises(OzmapError):
        ozmap.topology()
    sandbox.faults.clear()
    assert ozmap.topology()[0]
