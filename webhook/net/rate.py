"""A pace that all processes of this service keep together, for a service that allows one call a second."""

import time
from multiprocessing import get_context

from webhook.net.deadline import Deadline


class Pace:
    """One call every `seconds`. Make it before the fork: what it counts with is shared memory."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # The monotonic clock is one for all processes of a machine.
        self._next = get_context("fork").Value("d", 0.0)

    def wait(self, deadline: Deadline) -> bool:
        """Waits for this call's turn. False, at once, when that comes too late for the deadline."""
        with self._next.get_lock():
            now = time.monotonic()
            turn = max(now, self._next.value)
            if turn - now > deadline.remaining():
                return False
            self._next.value = turn + self._seconds
        time.sleep(max(0.0, turn - now))
        return True
