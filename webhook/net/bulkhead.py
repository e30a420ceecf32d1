"""How much may be at work at once, and how much of that for one tenant."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from webhook.observe.metrics import SHED


class Full(Exception):
    """Nothing more can be taken on now. `reason` is `full`, or `tenant` where others still find room."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bulkhead:
    """At most `most` at once, by all threads of this process.

    Where several tenants share it, one may hold as many places as are still free: a tenant whose OZmap is
    slow fills half of them and no more, two of them a third each, and there is always room for the next. (The
    "dynamic thresholds" by which switches share their buffers: Choudhury and Hahne, 1998.)
    """

    def __init__(self, most: int, shared: bool) -> None:
        self._most = most
        self._shared = shared
        self._held: Counter[str] = Counter()
        self._total = 0
        self._lock = Lock()

    @contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """Holds a place for the time of the block. Raises Full."""
        self.take(tenant)
        try:
            yield
        finally:
            self.give_back(tenant)

    def take(self, tenant: str) -> None:
        """Raises Full."""
        with self._lock:
            free = self._most - self._total
            reason = "full" if free <= 0 else "tenant" if self._shared and self._held[tenant] >= free else ""
            if not reason:
                self._held[tenant] += 1
                self._total += 1
        if reason:
            SHED.labels(reason).inc()
            raise Full(reason)

    def give_back(self, tenant: str) -> None:
        """A place that was taken."""
        with self._lock:
            self._held[tenant] -= 1
            self._total -= 1
