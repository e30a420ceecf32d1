"""The moment by which a reply must have left, and doing several things at once within it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

HELPERS = 250
"""Threads at most. They start at the first use, so after gunicorn's fork."""
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
        """This deadline, or one so many seconds from now if that is earlier."""
        return Deadline(min(seconds, self.remaining()))


def side_by_side(deadline: Deadline, first: Callable[[], T], *others: Callable[[], T]) -> list[T]:
    """The results in the order of the calls; `first` runs in the caller's own thread.

    Raises what the earliest failing call in that order raised, and TimeoutError at the deadline. Calls
    that still run then are left to their own deadlines. Where no helper is free the caller does it all, one
    after the other: whoever asks a quick host must not wait for helpers that a slow one holds.
    """
    futures = [_helped(call) for call in others]
    results = [first()]
    for call, future in zip(others, futures, strict=True):
        results.append(call() if future is None else future.result(deadline.remaining()))
    return results


def _helped(call: Callable[[], T]) -> Future[T] | None:
    if not _free.acquire(blocking=False):
        return None
    future = _helpers.submit(call)
    future.add_done_callback(lambda _: _free.release())
    return future
