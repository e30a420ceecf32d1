"""Doing several things at once within a deadline, and one fetch for many who ask."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BoundedSemaphore, Event

import pytest

from webhook.net import deadline
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline, side_by_side


@pytest.fixture
def never() -> Iterator[Event]:
    """An event that nobody sets while the test runs, and everybody is freed from afterwards."""
    event = Event()
    yield event
    event.set()


def test_time_left_runs_down_to_zero_and_no_further():
    assert 0 < Deadline(5).remaining() <= 5
    assert Deadline(-1).remaining() == 0


def test_calls_run_at_the_same_time_and_answer_in_order():
    meeting = Barrier(3)  # passes only when all three are there at once

    def call(answer: int) -> int:
        meeting.wait(5)
        return answer

    assert side_by_side(Deadline(5), *(lambda n=n: call(n) for n in (1, 2, 3))) == [1, 2, 3]


def test_a_failure_is_the_callers():
    def fails() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        side_by_side(Deadline(5), lambda: 1, fails)
    with pytest.raises(LookupError):
        side_by_side(Deadline(5), fails, lambda: 1)


def test_nobody_waits_past_the_deadline(never):
    with pytest.raises(TimeoutError):
        side_by_side(Deadline(0.05), lambda: True, lambda: never.wait(30))


def test_a_hundred_threads_make_one_fetch():
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)
    everybody, fetches = Barrier(100), []

    def ask() -> int:
        everybody.wait(10)
        return cache.get("key", lambda: fetches.append(1) or 7, Deadline(10))

    with ThreadPoolExecutor(100) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(100)]]
    assert answers == [7] * 100
    assert fetches == [1]


def test_a_failure_is_not_kept():
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)

    def fails() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get("key", fails, Deadline(5))
    assert cache.get("key", lambda: 9, Deadline(5)) == 9


def test_who_waits_for_a_fetch_waits_no_longer_than_its_own_deadline(never):
    cache: SharedCache[bool] = SharedCache("test", size=10, seconds=60)
    fetching = Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(cache.get, "key", lambda: fetching.set() or never.wait(30), Deadline(30))
        fetching.wait(5)
        with pytest.raises(TimeoutError):
            cache.get("key", lambda: True, Deadline(0.05))
        assert cache.get("another key", lambda: True, Deadline(0.05))
        never.set()


def test_helpers_that_others_hold_keep_nobody_waiting(never, monkeypatch):
    free = BoundedSemaphore(2)
    monkeypatch.setattr(deadline, "_free", free)
    both_hold = Barrier(3)

    def hang() -> bool:
        both_hold.wait(5)
        return never.wait(30)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(side_by_side, Deadline(30), lambda: 1, hang, hang)
        both_hold.wait(5)
        assert side_by_side(Deadline(1), lambda: 1, lambda: 2, lambda: 3) == [1, 2, 3]
        never.set()
        assert held.result() == [1, True, True]
    assert side_by_side(Deadline(1), lambda: 1, lambda: 2) == [1, 2]


def test_who_has_more_time_does_not_fail_with_a_hurried_fetch():
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)
    begun, hurried = Event(), Deadline(0.2)

    def too_slow() -> int:
        begun.set()
        time.sleep(hurried.remaining() + 0.1)
        raise LookupError("timeout")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", too_slow, hurried)
        begun.wait(5)
        patient = pool.submit(cache.get, "key", lambda: 7, Deadline(10))
        with pytest.raises(LookupError):
            first.result()
        assert patient.result() == 7
