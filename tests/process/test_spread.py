"""Which process accepts a connection."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import KEYS
from tests.process.test_stop_and_reload import wait_for
from tests.test_service import environment, running
from webhook.process import spread
from webhook.process.spread import SLACK, Connections

EACH = 30
HEAD = "GET /huggy/eco?a=1 HTTP/1.1\r\nHost: h\r\nX-Webhook-Key: {}\r\nConnection: keep-alive\r\n\r\n"
ECHO = HEAD.format(KEYS["huggy"][0]).encode()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Connections, Connections]]:
    one, other = Connections(7), Connections(8 + spread.SLOTS)
    monkeypatch.setattr(spread, "PATIENCE", 0.005)
    yield one, other
    one.end()
    other.end()


def test_who_has_more_leaves_the_next_one_to_the_others(two):
    one, other = two
    assert not one.left_to_others(1000), "there are no others"
    one.note(10)
    other.note(10)
    assert not one.left_to_others(10)
    assert one.left_to_others(10 + SLACK)
    one.note(10 + SLACK)
    other.note(10 + SLACK)
    assert not one.left_to_others(10 + SLACK)
    other.note(0)
    assert one.left_to_others(10 + SLACK)
    other.end()
    assert not one.left_to_others(10 + SLACK)


def test_but_not_for_long(two):
    one, other = two
    one.note(10)
    other.note(0)
    left = 0
    while one.left_to_others(10):
        left += 1
        assert left < 1000
    assert left
    assert one.left_to_others(10), "the next connection is left to the others anew"


def test_both_processes_get_as_many(sandbox, tmp_path: Path):
    with running(tmp_path, environment(sandbox.url, WEB_CONCURRENCY="2")) as service:
        wait_for(lambda: len(children_of(service.process.pid)) == 2)
        both = children_of(service.process.pid)
        assert service.ask("huggy/eco", json={}).ok
        # On a busy machine one may be late for some of them, and by chance both may get as many.
        assert median(apart(service.port, both) for _ in range(9)) <= 2 * SLACK


def apart(port: int, processes: list[int]) -> int:
    """By how many connections the two processes differ."""
    before = [open_files(pid) for pid in processes]
    with ExitStack() as stack:
        for _ in range(2 * EACH):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            connection.sendall(ECHO)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        one, other = (open_files(pid) - files for pid, files in zip(processes, before, strict=True))
    return abs(one - other)


def children_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
