"""Spreads connections evenly over the processes.

Which process accepts a connection is chance: of a thousand chats within a second one process got two thirds,
and its lookups waited in a queue while the other one had nothing to do.
"""

import socket
import time
from functools import cached_property
from mmap import mmap

from gunicorn.workers.gthread import ThreadWorker

SLOTS = 128
"""Processes at once, twice as many as WEB_CONCURRENCY can be: a reload starts new ones beside the old."""
SLACK = 2
"""Connections that a process may have more than the one that has the fewest."""
PATIENCE = 0.02
"""Seconds for which a connection is left to the others: one of them may hang."""
PAUSE = 0.001
"""Seconds between two looks at the same connection."""

# Anonymous and made before the fork: each process writes its own number and sees the others'.
_counts = memoryview(mmap(-1, 4 * SLOTS)).cast("I")


class Connections:
    """Those of one process, `number` in the order in which processes started."""

    def __init__(self, number: int) -> None:
        self._slot = number % SLOTS
        self._left_since: float | None = None

    def note(self, count: int) -> None:
        """How many there are; the process accepts more."""
        _counts[self._slot] = count + 1  # 0 is nobody

    def end(self) -> None:
        """The process accepts no more."""
        _counts[self._slot] = 0

    def left_to_others(self, count: int) -> bool:
        """Whether another process should take the connection that waits, after a pause."""
        fewest = min((noted - 1 for noted in _counts if noted), default=count)
        if count - fewest < SLACK:
            self._left_since = None
            return False
        now = time.monotonic()
        self._left_since = self._left_since or now
        if now - self._left_since > PATIENCE:
            self._left_since = None
            return False
        time.sleep(PAUSE)
        return True


class SpreadingWorker(ThreadWorker):
    """gthread, but a process that has more connections than another one leaves the next to it."""

    _accepting: bool

    @cached_property
    def _connections(self) -> Connections:
        return Connections(self.age)

    def notify(self) -> None:
        """gunicorn calls it in each round of its loop."""
        super().notify()
        if self._accepting:
            self._connections.note(self.nr_conns)

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """gunicorn calls it with False when it stops, or has as many connections as it may."""
        super().set_accept_enabled(enabled)
        if not enabled:
            self._connections.end()

    def accept(self, listener: socket.socket) -> None:
        """Leaves it to a process that has fewer connections, if there is one."""
        if not self._connections.left_to_others(self.nr_conns):
            super().accept(listener)
            self._connections.note(self.nr_conns)
