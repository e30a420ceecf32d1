"""Fails fast while a host is not answering. Each process has breakers of its own.

pybreaker was refused: it holds its lock during a call, so only one call at a time would get through.
"""

from threading import Lock
from time import monotonic

from webhook.observe.metrics import BREAKER_OPENINGS, BREAKERS_OPEN

FAILURES = 5
"""After this many failures in a row the breaker is open."""
PAUSE = 2.0
"""Seconds between the calls that an open breaker lets through to try the host."""


class Breaker:
    """All threads and tenants that call one host share it."""

    def __init__(self) -> None:
        self._failures = 0
        self._next_try = 0.0
        self._lock = Lock()

    def allows_call(self) -> bool:
        """True if a call may go out now. While the breaker is open, one call per PAUSE may."""
        with self._lock:
            now = monotonic()
            if self._failures >= FAILURES and now < self._next_try:
                return False
            self._next_try = now + PAUSE
            return True

    def record(self, answered: bool) -> None:
        """Records the result of a call. Any answer closes the breaker, even a refusal: the host works."""
        with self._lock:
            was_open = self._failures >= FAILURES
            self._failures = 0 if answered else self._failures + 1
            is_open = self._failures >= FAILURES
        if is_open and not was_open:
            BREAKER_OPENINGS.inc()
        if is_open != was_open:
            BREAKERS_OPEN.inc(1 if is_open else -1)
