"""Who reads, who waits for a place, and who shares what another one reads."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from webhook.net.deadline import Deadline
from webhook.net.reads import Asker, Busy, NoPlace, Reads


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as made:
        yield made


class Host:
    """Answers the number of the read, when `go` is set."""

    def __init__(self) -> None:
        self.reads = 0
        self.fails = 0
        self.go = Event()

    def read(self) -> int:
        self.reads += 1
        number = self.reads
        self.go.wait(30)
        if number <= self.fails:
            raise KeyError(number)
        return number


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.go.set()


def asker(seconds: float = 30, asked_at: float | None = None) -> Asker:
    return Asker(Deadline(seconds), asked_at)


def until(true: Callable[[], bool]) -> None:
    deadline = Deadline(30)
    while not true():
        assert deadline.remaining()
        time.sleep(0.005)


def test_whoever_asked_before_a_read_began_shares_it(pool, host):
    reads, asked_at = Reads(), time.monotonic()
    first = pool.submit(reads.share, "x", asker(), host.read)
    until(lambda: host.reads == 1)
    before = [pool.submit(reads.share, "x", asker(asked_at=asked_at), host.read) for _ in range(5)]
    after = pool.submit(reads.share, "x", asker(), host.read)
    other = pool.submit(reads.share, "y", asker(asked_at=asked_at), host.read)
    until(lambda: host.reads == 3)
    host.go.set()
    assert [one.result(30) for one in (first, *before)] == [1] * 6
    assert {after.result(30), other.result(30)} == {2, 3}


def test_nothing_is_remembered(host):
    reads, asked_at = Reads(), time.monotonic()
    host.go.set()
    assert [reads.share("x", asker(asked_at=asked_at), host.read) for _ in range(3)] == [1, 2, 3]


def test_all_who_come_while_a_read_waits_for_its_place_share_it(pool, host):
    reads = Reads(at_once=1)
    hold = pool.submit(reads.share, "other", asker(), host.read)
    until(lambda: host.reads == 1)
    queued = [pool.submit(reads.share, "x", asker(), host.read) for _ in range(9)]
    time.sleep(0.05)
    host.go.set()
    assert hold.result(30) == 1
    assert {one.result(30) for one in queued} == {2}


@pytest.mark.parametrize(("fails", "reads"), [(1, 2), (2, 2)])
def test_a_read_that_fails_is_repeated_by_one(pool, host, fails, reads):
    shared, asked_at = Reads(), time.monotonic()
    host.fails = fails
    waiting = [pool.submit(shared.share, "x", asker(asked_at=asked_at), host.read) for _ in range(30)]
    until(lambda: host.reads == 1)
    time.sleep(0.1)
    host.go.set()
    results = [ended(one) for one in waiting]
    assert host.reads == reads
    assert results.count("KeyError") == (1 if fails == 1 else 30)


def ended(future: Future[int]) -> object:
    error = future.exception(30)
    return type(error).__name__ if error else future.result()


def test_a_place_is_waited_for_until_the_deadline(pool, host):
    reads = Reads(at_once=1)
    hold = pool.submit(reads.share, "x", asker(), host.read)
    until(lambda: host.reads == 1)
    with pytest.raises(NoPlace):
        reads.share("y", asker(seconds=0.05), host.read)
    with pytest.raises(Busy), reads.place(Asker(Deadline(30), waits=False)):
        pass
    with pytest.raises(TimeoutError):
        reads.share("x", asker(seconds=0.05, asked_at=0), host.read)
    host.go.set()
    assert hold.result(30) == 1
    with reads.place(Asker(Deadline(30), waits=False)):
        pass
    assert host.reads == 1


def test_a_reply_goes_first_and_then_the_oldest_question(pool, host):
    reads, order = Reads(at_once=1), list[float]()
    hold = pool.submit(reads.share, "x", asker(), host.read)
    until(lambda: host.reads == 1)
    times = [3.0, 0.0, 1.0, 2.0]
    waiting = [
        pool.submit(reads.share, at, asker(asked_at=at or None), lambda at=at: order.append(at))
        for at in times
    ]
    until(lambda: len(reads._waiting) == len(times))
    host.go.set()
    for one in (hold, *waiting):
        one.result(30)
    assert order == sorted(times)


def test_whoever_gives_up_leaves_the_place_to_the_next(pool, host):
    reads = Reads(at_once=1)
    hold = pool.submit(reads.share, "x", asker(), host.read)
    until(lambda: host.reads == 1)
    hurry = [pool.submit(reads.share, number, asker(seconds=0.05), host.read) for number in range(5)]
    patient = pool.submit(reads.share, "y", asker(), host.read)
    assert {type(one.exception(30)) for one in hurry} == {NoPlace}
    host.go.set()
    assert (hold.result(30), patient.result(30)) == (1, 2)
    assert (reads._free, reads._waiting) == (1, [])
