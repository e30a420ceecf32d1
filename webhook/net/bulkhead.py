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
        SHED.labels(reason).inc()


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
    def place_if_free(self, tenant: str) -> Iterator[bool]:
        """Uses a place during the block, and says whether there was one."""
        free = not self._refusal(tenant)
        try:
            yield free
        finally:
            if free:
                self.give_back(tenant)

    @contextmanager
    def place(self, tenant: str) -> Iterator[bool]:
        """Uses a place during the block. Raises Full."""
        self.take(tenant)
        try:
            yield True
        finally:
            self.give_back(tenant)

    def take(self, tenant: str) -> None:
        """Takes a place until `give_back`. Raises Full."""
        if reason := self._refusal(tenant):
            raise Full(reason)

    def give_back(self, tenant: str) -> None:
        """Frees a place that `take` took."""
        with self._lock:
            self._used[tenant] -= 1
            self._total -= 1

    def _refusal(self, tenant: str) -> str:
        """Why there is no place; empty where it took one."""
        with self._lock:
            free = self._limit - self._total
            reason = "full" if free <= 0 else "tenant" if self._shared and self._used[tenant] >= free else ""
            if not reason:
                self._used[tenant] += 1
                self._total += 1
        return reason
