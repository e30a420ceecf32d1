"""A service that has just started: the rounds of reads that lookups by pole wait for, as OZmap sees them."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from sandbox import PLACES, Received, Sandbox
from tests.process.test_stop_and_reload import wait_for
from tests.test_service import Service, environment, running

TOPOLOGY = ["/pole-types", "/projects"]
PROCESSES = 2


@pytest.fixture
def own_sandbox():
    with Sandbox(token="token-of-the-tests") as sandbox:
        yield sandbox


def rounds(received: Iterable[Received]) -> list[list[str]]:
    """The reads in the order in which they began; those of a round began before any of them had ended."""
    found: list[list[str]] = []
    first_end = 0.0
    for read in sorted(received, key=lambda one: one.began):
        assert read.ended is not None
        if read.began >= first_end:
            found.append([])
            first_end = read.ended
        found[-1].append(read.path)
        first_end = min(first_end, read.ended)
    return [sorted(one) for one in found]


def look(service: Service, sandbox: Sandbox) -> list[list[str]]:
    sandbox.requests.clear()
    point = PLACES["viable"].point
    asked = {"latitude": point.lat, "longitude": point.lng, "modo": "poste"}
    assert service.ask(json=asked).json()["codigo"] == "viavel"
    return rounds(sandbox.requests)


def test_a_lookup_waits_for_two_rounds_of_reads(own_sandbox: Sandbox, tmp_path: Path):
    own_sandbox.faults.add("/", delay=0.7)
    with running(tmp_path, environment(own_sandbox.url, REPLY_DEADLINE="4.5")) as service:
        wait_for(lambda: sum(one.ended is not None for one in list(own_sandbox.requests)) == 2 * PROCESSES)
        assert sorted(one.path for one in own_sandbox.requests) == sorted(TOPOLOGY * PROCESSES), (
            "nobody asked"
        )
        first = look(service, own_sandbox)
        assert first == [["/base-points", "/boxes", "/poles"], ["/splitters"]]
        # Either process may get a request: after three of them one has been asked twice.
        later = [look(service, own_sandbox) for _ in range(PROCESSES)]
        assert [["/boxes"], ["/splitters"]] in later
        assert all(one in (first, [["/boxes"], ["/splitters"]]) for one in later)


def test_a_stop_and_a_start_wait_for_no_such_read(own_sandbox: Sandbox, tmp_path: Path):
    own_sandbox.faults.add("/", delay=30)
    with running(tmp_path, environment(own_sandbox.url)) as service:
        wait_for(lambda: len(own_sandbox.requests) == 2 * PROCESSES)
        assert service.ask("huggy/eco").json()["codigo"] == "eco"
        service.process.terminate()
        assert service.process.wait(9) == 0, "2 s of pause, 2 s for kept connections"
        assert '"defect"' not in service.output.read_text()
