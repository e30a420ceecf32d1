"""The moment by which a reply must have left, and doing several things at once within it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

# Threads start at the first use, so after gunicorn's fork. What the pool cannot take in time meets
# its deadline while it waits: the bound that keeps a slow OZmap from piling up threads.
_helpers = ThreadPoolExecutor(max_workers=150, thread_name_prefix="side-by-side")


class Deadline:
    """A moment `seconds` from now, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._at - monotonic())

    def at_most(self, seconds: float) -> "Deadline":
        """This deadline, or one so many seconds from now if that is earlier."""
        return Deadline(min(seconds, self.remaining()))


def side_by_side(deadline: Deadline, first: Callable[[], T], *others: Callable[[], T]) -> list[T]:
    """The results in the order of the calls; `first` runs in the caller's own thread.

    Raises what the earliest failing call in that order raised, and TimeoutError at the deadline. Calls
    that still run then are left to their own deadlines.
    """
    futures = [_helpers.submit(call) for call in others]
    try:
        return [first(), *(future.result(deadline.remaining()) for future in futures)]
    finally:
        for future in futures:
            future.cancel()
