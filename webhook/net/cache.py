"""A cache asked by many threads: one fetches, the others wait for it, each within its own deadline.

cachetools keeps the values. Its `condition=` would give one fetch per key too, but lets the others wait
without a limit, one failed fetch after the other: a reply would miss its deadline.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from cachetools import TLRUCache

from webhook.net.deadline import Deadline
from webhook.observe.metrics import CACHE_LOOKUPS

T = TypeVar("T")


class SharedCache(Generic[T]):
    """At most `size` values, each for `seconds`, or for as many as `seconds(value)` says. Never a failure.

    `name` is what metrics call it; several caches may share one. With `size_of` a value counts as that many.
    """

    def __init__(
        self,
        name: str,
        size: int,
        seconds: float | Callable[[T], float],
        size_of: Callable[[T], int] = lambda _: 1,
    ) -> None:
        keep = seconds if callable(seconds) else lambda _: seconds
        self._hits, self._shared, self._misses = (
            CACHE_LOOKUPS.labels(name, result) for result in ("hit", "shared", "miss")
        )
        self._values: TLRUCache[Hashable, T] = TLRUCache(
            size, lambda _, value, now: now + keep(value), getsizeof=size_of
        )
        self._under_way: dict[Hashable, tuple[Future[T], Deadline]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, fetch: Callable[[], T], deadline: Deadline) -> T:
        """The value, fetched if need be. Raises what the fetch raised, or TimeoutError for a waiter.

        Who waits for a fetch that fails for want of time, and has more of it, fetches anew.
        """
        with self._lock:
            try:
                value = self._values[key]
            except KeyError:
                under_way = self._under_way.get(key)
                if under_way is None:
                    mine = Future[T]()
                    self._under_way[key] = mine, deadline
            else:
                self._hits.inc()
                return value
        if under_way is not None:
            self._shared.inc()
            other, its_deadline = under_way
            try:
                return other.result(deadline.remaining())
            except Exception:
                if its_deadline.remaining() or not deadline.remaining():
                    raise
                return self.get(key, fetch, deadline)
        self._misses.inc()
        try:
            value = fetch()
        except BaseException as error:
            self._finish(key).set_exception(error)
            raise
        with self._lock, suppress(ValueError):  # one that alone is over the size is not kept
            self._values[key] = value
        self._finish(key)
        mine.set_result(value)
        return value

    def known(self, key: Hashable) -> T | None:
        """The value, if it is kept."""
        with self._lock:
            value: T | None = self._values.get(key)
        if value is not None:
            self._hits.inc()
        return value

    def forget(self, key: Hashable) -> None:
        """The next `get` fetches it, or waits for a fetch that is under way."""
        with self._lock:
            self._values.pop(key, None)

    def _finish(self, key: Hashable) -> Future[T]:
        with self._lock:
            return self._under_way.pop(key)[0]
