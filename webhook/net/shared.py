"""Fetches that threads share: one makes it, the others wait for it, each until its own deadline."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from math import inf
from threading import Lock
from typing import Any, Generic, TypeVar

from webhook.net.deadline import Deadline

T = TypeVar("T")


class Fetch(Generic[T]):
    """A running fetch, and after a failure the one that takes its place."""

    def __init__(self) -> None:
        self.began: float | None = None
        """Seconds on the monotonic clock; None before it asks anybody."""
        self.result: Future[T] = Future()
        self.waiting: dict[object, Deadline] = {}
        """The threads that wait for it, each by a token of its own."""
        self.repeat: Fetch[T] | None = None
        self.repeated_by: object = None
        """The token of the thread that makes `repeat`."""


class Fetches:
    """Those that are running, the newest of each key."""

    def __init__(self) -> None:
        self.running: dict[Hashable, Fetch[Any]] = {}
        self._lock = Lock()

    def share(
        self,
        key: Hashable,
        deadline: Deadline,
        make: Callable[[Fetch[T]], T],
        asked_at: float = -inf,
    ) -> T:
        """What `make` returns, or what another thread's returned whose fetch began after `asked_at`.

        Raises what `make` raised, or TimeoutError if another thread's fetch is not done by `deadline`. Of the
        threads that wait for a fetch that fails, the one that has the most time repeats it, once, for all.
        """
        token = object()
        with self._lock:
            fetch: Fetch[T] | None = self.running.get(key)
            is_ours = fetch is None or (fetch.began is not None and fetch.began < asked_at)
            if fetch is None or is_ours:
                fetch = self.running[key] = Fetch[T]()
            else:
                fetch.waiting[token] = deadline
        if is_ours:
            return self._make(key, fetch, make)
        try:
            return fetch.result.result(deadline.remaining())
        except BaseException:
            with self._lock:
                del fetch.waiting[token]
                repeat = fetch.repeat
            if repeat is None:
                raise
            # Whoever is to make it does, with or without time: others wait for its end.
            if fetch.repeated_by is token:
                return self._make(key, repeat, make)
            return repeat.result.result(deadline.remaining())

    def _make(self, key: Hashable, fetch: Fetch[T], make: Callable[[Fetch[T]], T]) -> T:
        try:
            answer = make(fetch)
        except BaseException as error:
            self._hand_over(key, fetch)
            fetch.result.set_exception(error)
            raise
        with self._lock:
            self._end(key, fetch)
        fetch.result.set_result(answer)
        return answer

    def _hand_over(self, key: Hashable, failed: Fetch[T]) -> None:
        """Lets one of those who wait for a fetch repeat it. New callers wait for the repeat."""
        with self._lock:
            is_newest = self._end(key, failed)
            # The failed fetch may only have had too little time, so the repeat gets as much as there is.
            times = {token: deadline.remaining() for token, deadline in failed.waiting.items()}
            heir = max(times, key=times.__getitem__, default=None)
            if heir and times[heir]:
                failed.repeat, failed.repeated_by = Fetch(), heir
                if is_newest:
                    self.running[key] = failed.repeat

    def _end(self, key: Hashable, fetch: Fetch[T]) -> bool:
        """Before its result is set, so that nobody waits for a fetch that has ended; under the lock."""
        is_newest = self.running.get(key) is fetch
        if is_newest:
            del self.running[key]
        return is_newest
