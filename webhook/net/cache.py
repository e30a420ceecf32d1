"""A cache for many threads: one fetches a value, the others wait for it, each until its own deadline.

cachetools stores the values. Its `condition=` would also give one fetch per key, but the others would wait
without a limit, for one failed fetch after the other, and a reply would miss its deadline.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Any, Generic, TypeVar

from cachetools import TLRUCache

from webhook.net.deadline import Deadline
from webhook.net.shared import Fetch, Fetches
from webhook.observe.metrics import CACHE_LOOKUPS

T = TypeVar("T")


_ABSENT: Any = object()


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
        self._fetches = Fetches()
        self._lock = Lock()

    def get(self, key: Hashable, fetch: Callable[[], T], deadline: Deadline) -> T:
        """Returns the value, and fetches it if it is not stored.

        Threads share a fetch, and raise what it raised, or TimeoutError: see `Fetches.share`.
        """
        value = self._stored(key)
        if value is not _ABSENT:
            self._hits.inc()
            return value
        (self._shared if key in self._fetches.running else self._misses).inc()

        def make(_: Fetch[T]) -> T:
            value = self._stored(key)  # another's fetch may have ended since
            return self._kept(key, fetch()) if value is _ABSENT else value

        return self._fetches.share(key, deadline, make)

    def refresh(self, key: Hashable, fetch: Callable[[], T], deadline: Deadline) -> T:
        """As `get`, but fetches also what is stored. Until the fetch is done `get` returns what is stored."""
        return self._fetches.share(key, deadline, lambda _: self._kept(key, fetch()))

    def known(self, key: Hashable) -> T | None:
        """Returns the value if it is stored, without a fetch."""
        value = self._stored(key)
        if value is _ABSENT:
            return None
        self._hits.inc()
        return value

    def forget(self, key: Hashable) -> None:
        """Removes the value. The next `get` fetches it, or waits for a fetch that is running."""
        with self._lock:
            self._values.pop(key, None)

    def _stored(self, key: Hashable) -> T:
        with self._lock:
            value: T = self._values.get(key, _ABSENT)
        return value

    def _kept(self, key: Hashable, value: T) -> T:
        with self._lock, suppress(ValueError):  # raised for a value that is larger than the whole cache
            self._values[key] = value
        return value
