"""What OZmap seldom changes, a tenant's projects and pole types: remembered, and read again ahead of its end.

Every lookup by pole needs them before its first read of the network. A request that had to read them itself
would wait for three rounds of reads instead of two.
"""

from collections.abc import Callable
from time import monotonic
from typing import TypeAlias

from schemas.ozmap import PoleType, Project
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline

TOPOLOGY_AGE = 600.0
"""Seconds for which they are remembered."""
AHEAD = 120.0
"""Seconds before their end at which they are read again: time for a second try."""
RETRY = 60.0
"""Seconds until a read that failed is tried again."""
NEEDED = 3600.0
"""Seconds after a tenant's last lookup for which its topology is read again."""

Records: TypeAlias = tuple[list[Project], list[PoleType]]
_KEY = "topology"


class Topology:
    """One tenant's, in one process. Threads may share it."""

    def __init__(self) -> None:
        self._cache: SharedCache[Records] = SharedCache("topology", 1, TOPOLOGY_AGE)
        self._due_at = self._asked_at = 0.0

    def get(self, read: Callable[[], Records], deadline: Deadline) -> Records:
        """From memory, or from `read`, which is called once for all threads that wait for it.

        Raises what `read` raises, or TimeoutError.
        """
        self._asked_at = monotonic()
        return self._cache.get(_KEY, lambda: self._read(read), deadline)

    def refresh(self, read: Callable[[], Records], deadline: Deadline) -> None:
        """Reads them again; meanwhile `get` returns what is remembered. Raises as `get`."""
        self._due_at = monotonic() + RETRY
        self._cache.refresh(_KEY, lambda: self._read(read), deadline)

    def start(self) -> None:
        """The process has just started: it counts as asked. Call it after the fork, which may come late."""
        self._asked_at = monotonic()

    def is_due(self) -> bool:
        """Whether `refresh` should be called: the end is near, and lookups need them."""
        now = monotonic()
        return now >= self._due_at and now - self._asked_at < NEEDED

    def forget(self) -> None:
        """The next `get` reads them."""
        self._cache.forget(_KEY)

    def _read(self, read: Callable[[], Records]) -> Records:
        records = read()
        self._due_at = monotonic() + TOPOLOGY_AGE - AHEAD
        return records
