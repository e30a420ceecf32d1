"""A deadline that is handed from call to call, and calls that run side by side until it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

HELPERS = 250
"""Threads at most. They start when they are first used, so after gunicorn's fork."""
_helpers = ThreadPoolExecutor(HELPERS, thread_name_prefix="side-by-side")
_free = BoundedSemaphore(HELPERS)


class Deadline:
    """A moment `seconds` from now, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._at - monotonic())

    def at_most(self, seconds: float) -> "Deadline":
        """Returns the earlier of this deadline and one `seconds` from now."""
        return Deadline(min(seconds, self.remaining()))


def side_by_side(deadline: Deadline, first: Callable[[], T], *others: Callable[[], T]) -> list[T]:
    """Returns the results in the order of the calls. `first` runs in the caller's thread.

    Raises what the first failed call in that order raised, or TimeoutError at the deadline. Calls that are
    still running then end by their own deadlines.
    """
    # Without a free helper the caller makes the call itself: callers of a quick host must not wait for
    # helpers that a slow host has in use.
    futures = [_submitted(call) for call in others]
    results = [first()]
    for call, future in zip(others, futures, strict=True):
        results.append(call() if future is None else future.result(deadline.remaining()))
    return results


def _submitted(call: Callable[[], T]) -> Future[T] | None:
    if not _free.acquire(blocking=False):
        return None
    future = _helpers.submit(call)
    future.add_done_callback(lambda _: _free.release())
    return future
