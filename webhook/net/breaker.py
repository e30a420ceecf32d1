"""Stops asking a host that does not answer, so that flows hear so at once.

Per process. pybreaker holds its lock during the call, which would let one call at a time through.
"""

from threading import Lock
from time import monotonic

from webhook.observe.metrics import BREAKER_OPENINGS, BREAKERS_OPEN

FAILURES = 5
"""In a row; then the breaker is open."""
PAUSE = 2.0
"""Seconds between the calls that an open breaker lets through to try the host."""


class Breaker:
    """Shared by all threads and tenants that call one OZmap host."""

    def __init__(self) -> None:
        self._failures = 0
        self._next_try = 0.0
        self._lock = Lock()

    def lets_through(self) -> bool:
        """Whether a call may go out now; while open, one call per PAUSE may."""
        with self._lock:
            now = monotonic()
            if self._failures >= FAILURES and now < self._next_try:
                return False
            self._next_try = now + PAUSE
            return True

    def note(self, answered: bool) -> None:
        """What became of a call. An answer closes the breaker, a refusal too: the host works."""
        with self._lock:
            was_open = self._failures >= FAILURES
            self._failures = 0 if answered else self._failures + 1
            is_open = self._failures >= FAILURES
        if is_open and not was_open:
            BREAKER_OPENINGS.inc()
        if is_open != was_open:
            BREAKERS_OPEN.inc(1 if is_open else -1)
