"""The reads of one host by this process: how many at once, and which of them share one answer.

A read that begins after a question was asked is fresh for it. So any number of questions that came before it
may share it, although nothing of it is remembered: free ports never are.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from threading import Event, Lock
from time import monotonic
from typing import TypeVar

from webhook.net.deadline import Deadline
from webhook.net.shared import Fetch, Fetches

AT_ONCE = 64
"""What a thousand chats within two minutes need of two processes, at three seconds a read."""

T = TypeVar("T")


class Busy(Exception):
    """As many reads are in flight as may be, and the caller would rather do something else than wait."""


class NoPlace(TimeoutError):
    """As many reads were in flight as may be, until the deadline."""


@dataclass(frozen=True)
class Asker:
    """Who reads: until when, since when there is a question, and whether this is worth a wait for a place."""

    deadline: Deadline
    asked_at: float | None = None
    """Seconds on the monotonic clock; None: each read is a question of its own."""
    waits: bool = True


@dataclass(order=True)
class _Waiting:
    """A read that waits for a place; the least of them gets the next one."""

    asked_at: float
    place: Event = field(default_factory=Event, compare=False)


class Reads:
    """Threads share it."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._free = at_once
        self._waiting: list[_Waiting] = []
        """A heap."""
        self._fetches = Fetches()
        self._lock = Lock()

    @contextmanager
    def place(self, asker: Asker) -> Iterator[None]:
        """Holds one of the places during the block. Raises Busy or NoPlace.

        A reply that waits for its read goes first. Then comes the oldest question: with as many reads, it has
        its answer sooner than if all questions went on at the same pace, and the youngest has it no later.
        """
        with self._lock:
            waiting = None if self._free else _Waiting(asker.asked_at or 0.0)
            if waiting is None:
                self._free -= 1
            elif not asker.waits:
                raise Busy
            else:
                heappush(self._waiting, waiting)
        if waiting and not waiting.place.wait(asker.deadline.remaining()):
            self._give_up(waiting)
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    heappop(self._waiting).place.set()
                else:
                    self._free += 1

    def _give_up(self, waiting: _Waiting) -> None:
        """Raises NoPlace, but where it got its place at the very deadline."""
        with self._lock:
            if waiting.place.is_set():
                return
            self._waiting = [other for other in self._waiting if other is not waiting]
            heapify(self._waiting)
        raise NoPlace

    def share(self, key: Hashable, asker: Asker, fetch: Callable[[], T]) -> T:
        """What `fetch` returns, or what it returned to another thread that reads the same for its question.

        Raises what `fetch` raised, what `place` does, and TimeoutError at the deadline: see `Fetches.share`.
        """

        def read(one: Fetch[T]) -> T:
            with self.place(asker):
                one.began = monotonic()
                return fetch()

        asked_at = monotonic() if asker.asked_at is None else asker.asked_at
        return self._fetches.share(key, asker.deadline, read, asked_at)
