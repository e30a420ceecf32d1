"""One fetch for a hundred who ask, also when it fails."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep

import pytest

from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline

WAITERS = 100


class Fetches:
    """Fetches whose results a test chooses; the first goes on until all of WAITERS wait for it."""

    def __init__(self, *results: Exception | int) -> None:
        self.results = list(results)
        self.made: list[Deadline] = []
        self.may_end = Event()
        self.cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)

    def ask(self, deadline: Deadline) -> int:
        return self.cache.get("key", lambda: self._fetch(deadline), deadline)

    def _fetch(self, deadline: Deadline) -> int:
        self.made.append(deadline)
        self.may_end.wait(10)
        result = self.results[len(self.made) - 1]
        if isinstance(result, Exception):
            raise result
        return result

    def ask_together(self, pool: ThreadPoolExecutor, deadlines: list[Deadline]) -> list[Future[int]]:
        """The first of them fetches, the others wait for it."""
        first = pool.submit(self.ask, deadlines[0])
        until(lambda: self.made)
        others = [pool.submit(self.ask, one) for one in deadlines[1:]]
        until(lambda: len(self.cache._fetches.running["key"].waiting) == len(others))
        return [first, *others]


def until(happened: Callable[[], object]) -> None:
    limit = monotonic() + 10
    while not happened():
        assert monotonic() < limit
        sleep(0.01)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(WAITERS + 1) as pool:
        yield pool


@pytest.mark.parametrize("hurried", [False, True], ids=["all have time", "the first has none left"])
def test_a_failed_fetch_is_repeated_by_one_of_those_who_wait(pool, hurried):
    fetches = Fetches(LookupError("first"), 7)
    first = Deadline(0.3 if hurried else 20)
    asked = fetches.ask_together(pool, [first] + [Deadline(20) for _ in range(WAITERS)])
    sleep(first.remaining() if hurried else 0)
    fetches.may_end.set()
    with pytest.raises(LookupError, match="first"):
        asked[0].result()
    assert [one.result() for one in asked[1:]] == [7] * WAITERS
    assert len(fetches.made) == 2
    assert fetches.ask(Deadline(1)) == 7, "it is stored"


def test_when_that_fails_too_all_get_its_error(pool):
    fetches = Fetches(LookupError("first"), ValueError("second"), 9)
    asked = fetches.ask_together(pool, [Deadline(20) for _ in range(WAITERS + 1)])
    fetches.may_end.set()
    assert [type(one.exception()) for one in asked] == [LookupError] + [ValueError] * WAITERS
    assert len(fetches.made) == 2
    assert fetches.ask(Deadline(1)) == 9, "the next one to ask fetches"


def test_who_has_the_most_time_repeats_it(pool):
    fetches = Fetches(LookupError("first"), 7)
    deadlines = [Deadline(20 + (number * 7) % 100) for number in range(WAITERS)]
    asked = fetches.ask_together(pool, deadlines)
    fetches.may_end.set()
    assert [one.result() for one in asked[1:]] == [7] * (WAITERS - 1)
    latest = max(deadlines[1:], key=Deadline.remaining)
    assert fetches.made == [deadlines[0], latest]


def test_who_has_no_time_left_repeats_nothing(pool):
    fetches = Fetches(LookupError("first"), 7)
    asked = fetches.ask_together(pool, [Deadline(20), Deadline(0.2), Deadline(0.2)])
    assert [type(one.exception()) for one in asked[1:]] == [TimeoutError] * 2
    fetches.may_end.set()
    assert isinstance(asked[0].exception(), LookupError)
    assert len(fetches.made) == 1
    assert fetches.ask(Deadline(1)) == 7


def test_who_asks_while_it_is_repeated_waits_for_the_repeat(pool):
    fetches, repeat_may_end = Fetches(LookupError("first"), 7), Event()
    asked = fetches.ask_together(pool, [Deadline(20), Deadline(20)])
    own_fetch = fetches._fetch

    def slow_repeat(deadline: Deadline) -> int:
        result = own_fetch(deadline)
        repeat_may_end.wait(10)
        return result

    fetches._fetch = slow_repeat
    fetches.may_end.set()
    until(lambda: len(fetches.made) == 2)
    late = pool.submit(fetches.ask, Deadline(20))
    until(lambda: fetches.cache._fetches.running["key"].waiting)
    repeat_may_end.set()
    assert (asked[1].result(), late.result()) == (7, 7)
    assert len(fetches.made) == 2


def test_a_refresh_keeps_nobody_waiting_who_can_use_the_value_there_is(pool):
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)
    begun, may_end = Event(), Event()
    assert cache.get("key", lambda: 1, Deadline(1)) == 1

    def fetch() -> int:
        begun.set()
        may_end.wait(10)
        return 2

    refresh = pool.submit(cache.refresh, "key", fetch, Deadline(20))
    begun.wait(5)
    assert cache.get("key", lambda: 3, Deadline(1)) == 1
    may_end.set()
    assert refresh.result() == 2
    assert cache.get("key", lambda: 3, Deadline(1)) == 2


def test_a_refresh_that_fails_leaves_the_value():
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)
    cache.get("key", lambda: 1, Deadline(1))

    def fails() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        cache.refresh("key", fails, Deadline(1))
    assert cache.get("key", lambda: 3, Deadline(1)) == 1


def test_who_asks_for_what_is_fetched_the_first_time_joins_it(pool):
    cache: SharedCache[int] = SharedCache("test", size=10, seconds=60)
    begun, may_end = Event(), Event()
    refresh = pool.submit(cache.refresh, "key", lambda: begun.set() or may_end.wait(10) or 1, Deadline(20))
    begun.wait(5)
    joined = pool.submit(cache.get, "key", lambda: 3, Deadline(20))
    until(lambda: cache._fetches.running["key"].waiting)
    may_end.set()
    assert refresh.result() == joined.result()
