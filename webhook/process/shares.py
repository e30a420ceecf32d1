"""Shares the worker's threads fairly among tenants: an OZmap that hangs must not hold all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from webhook.store import Store
from webhook.store.lease import Lease
from webhook.store.outbox import next_due


class Shares:
    """`threads` that lease rows of `kinds` for so many seconds.

    With `shared`, a tenant may use no more threads than are still free, as in webhook/net/bulkhead.py: half
    of them for one whose OZmap hangs, and there is always one for the next.
    """

    def __init__(self, threads: int, lease_for: float, kinds: Iterable[str], shared: bool) -> None:
        self._threads, self._lease_for, self._kinds = threads, lease_for, tuple(kinds)
        self._shared = shared
        self._busy: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def next_due(self, store: Store) -> Iterator[Lease | None]:
        """What is due, of a tenant that may have one more thread. Raises StoreUnavailable."""
        # One thread after the other: at the end of an outage all look at the same moment.
        with self._lock:
            lease = next_due(store, self._lease_for, self._kinds, without=self._full())
            if lease:
                self._busy[lease.tenant] += 1
        try:
            yield lease
        finally:
            if lease:
                with self._lock:
                    self._busy[lease.tenant] -= 1

    def _full(self) -> list[str]:
        free = self._threads - self._busy.total()
        return [tenant for tenant, busy in self._busy.items() if busy >= free] if self._shared else []
