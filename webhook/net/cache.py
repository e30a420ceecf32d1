"""A cache for many threads: one fetches a value, the others wait for it, each until its own deadline.

cachetools stores the values. Its `condition=` would also give one fetch per key, but the others would wait
without a limit, for one failed fetch after the other, and a reply would miss its deadline.
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
    """Stores at most `size` values, each for `seconds` or `seconds(value)`. It stores no failures.

    `name` is its label in the metrics; several caches may share one. `size_of` says how many a value counts
    as.
    """

    def __init__(
        self,
        name: str,
        size: int,
        seconds: float | Callable[[T], float],
        size_of: Callable[[T], int] = lambda _: 1,
    ) -> None:
        lifetime = seconds if callable(seconds) else lambda _: seconds
        self._hits, self._shared, self._misses = (
            CACHE_LOOKUPS.labels(name, result) for result in ("hit", "shared", "miss")
        )
        self._values: TLRUCache[Hashable, T] = TLRUCache(
            size, lambda _, value, now: now + lifetime(value), getsizeof=size_of
        )
        self._fetches: dict[Hashable, tuple[Future[T], Deadline]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, fetch: Callable[[], T], deadline: Deadline) -> T:
        """Returns the value, and fetches it if it is not stored.

        Raises what the fetch raised, or TimeoutError if another thread's fetch is not done by `deadline`. A
        waiter whose deadline is later than the failed fetch's retries it.
        """
        with self._lock:
            try:
                value = self._values[key]
            except KeyError:
                running = self._fetches.get(key)
                if running is None:
                    own = Future[T]()
                    self._fetches[key] = own, deadline
            else:
                self._hits.inc()
                return value
        if running is not None:
            self._shared.inc()
            other, its_deadline = running
            try:
                return other.result(deadline.remaining())
            except Exception:
                # The fetch may have failed only because its own caller was out of time.
                if its_deadline.remaining() or not deadline.remaining():
                    raise
                return self.get(key, fetch, deadline)
        self._misses.inc()
        try:
            value = fetch()
        except BaseException as error:
            self._finish(key).set_exception(error)
            raise
        with self._lock, suppress(ValueError):  # raised for a value that is larger than the whole cache
            self._values[key] = value
        self._finish(key)
        own.set_result(value)
        return value

    def known(self, key: Hashable) -> T | None:
        """Returns the value if it is stored, without a fetch."""
        with self._lock:
            value: T | None = self._values.get(key)
        if value is not None:
            self._hits.inc()
        return value

    def forget(self, key: Hashable) -> None:
        """Removes the value. The next `get` fetches it, or waits for a fetch that is running."""
        with self._lock:
            self._values.pop(key, None)

    def _finish(self, key: Hashable) -> Future[T]:
        # Called before the future gets its result, so that no new caller waits for a fetch that has ended.
        with self._lock:
            return self._fetches.pop(key)[0]
