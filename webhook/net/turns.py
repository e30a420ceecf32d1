"""Calls of many tenants and conversations on a few threads, in turns."""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from webhook.net.bulkhead import Bulkhead

T = TypeVar("T")


@dataclass(frozen=True)
class _Call:
    tenant: str
    function: Callable[[], Any]
    result: Future[Any]


class Turns:
    """At most `at_once` calls of a tenant are under way; `most` may be, or wait for their turn.

    Of those that wait each tenant has its turn, and within the tenant each conversation: whoever asks for
    much delays nobody else. With `shared`, a tenant may use no more threads than are still free, and no more
    of the queue than is, as in `Bulkhead`: an OZmap that hangs must not hold all of them.
    """

    def __init__(self, threads: int, at_once: int, most: int, shared: bool) -> None:
        # They start at the first use, so after gunicorn's fork.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="turns")
        self._free = threads
        self._at_once = at_once
        self._shared = shared
        self._places = Bulkhead(most, shared)
        self._waiting: dict[str, dict[str, deque[_Call]]] = {}
        """By tenant and conversation; whose turn is next comes first."""
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    def submit(self, tenant: str, conversation: str, function: Callable[[], T]) -> Future[T]:
        """Runs it when its turn comes. Raises Full."""
        self._places.take(tenant)
        call = _Call(tenant, function, Future())
        with self._lock:
            self._waiting.setdefault(tenant, {}).setdefault(conversation, deque()).append(call)
            self._start()
        return call.result

    def _start(self) -> None:
        """Starts all that may start now; under the lock."""
        while (tenant := next(filter(self._may_start, self._waiting), None)) is not None:
            conversations = self._waiting.pop(tenant)
            conversation, calls = next(iter(conversations.items()))
            del conversations[conversation]
            call = calls.popleft()
            # Both go to the end of their queue.
            if calls:
                conversations[conversation] = calls
            if conversations:
                self._waiting[tenant] = conversations
            self._free -= 1
            self._running[tenant] += 1
            self._threads.submit(self._run, call)

    def _may_start(self, tenant: str) -> bool:
        running = self._running[tenant]
        return self._free > (running if self._shared else 0) and running < self._at_once

    def _run(self, call: _Call) -> None:
        try:
            answer, error = call.function(), None
        except Exception as exception:
            answer, error = None, exception
        with self._lock:
            self._free += 1
            self._running[call.tenant] -= 1
            self._start()
        self._places.give_back(call.tenant)
        if error:
            call.result.set_exception(error)
        else:
            call.result.set_result(answer)
