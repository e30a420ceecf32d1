"""Caps concurrent work per process, with a fair share per tenant."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from webhook.observe.metrics import SHED


class Full(Exception):
    """No place is free. `reason` is `full`, or `tenant` if only this tenant's share is used up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bulkhead:
    """`limit` places for all threads of this process.

    With `shared`, a tenant may use no more places than are still free. A tenant whose host is slow gets half
    of the places, two such tenants get a third each, and there is always room for the next one. Network
    switches share their buffers in this way ("dynamic thresholds": Choudhury and Hahne, 1998).
    """

    def __init__(self, limit: int, shared: bool) -> None:
        self._limit = limit
        self._shared = shared
        self._used: Counter[str] = Counter()
        self._total = 0
        self._lock = Lock()

    @contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """Uses a place during the block. Raises Full."""
        self.take(tenant)
        try:
            yield
        finally:
            self.give_back(tenant)

    def take(self, tenant: str) -> None:
        """Takes a place until `give_back`. Raises Full."""
        with self._lock:
            free = self._limit - self._total
            reason = "full" if free <= 0 else "tenant" if self._shared and self._used[tenant] >= free else ""
            if not reason:
                self._used[tenant] += 1
                self._total += 1
        if reason:
            SHED.labels(reason).inc()
            raise Full(reason)

    def give_back(self, tenant: str) -> None:
        """Frees a place that `take` took."""
        with self._lock:
            self._used[tenant] -= 1
            self._total -= 1
