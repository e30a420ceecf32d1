"""One rate of calls for all processes of this service, because some services allow one call a second."""

import time
from multiprocessing import get_context

from webhook.net.deadline import Deadline


class Throttle:
    """Lets one call go every `seconds`. Make it before the fork: its state is in shared memory."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # All processes of a machine have the same monotonic clock.
        self._next_turn = get_context("fork").Value("d", 0.0)

    def wait(self, deadline: Deadline) -> bool:
        """Waits for this call's turn. Returns False at once if the turn comes after the deadline."""
        with self._next_turn.get_lock():
            now = time.monotonic()
            turn = max(now, self._next_turn.value)
            if turn - now > deadline.remaining():
                return False
            self._next_turn.value = turn + self._seconds
        time.sleep(max(0.0, turn - now))
        return True
