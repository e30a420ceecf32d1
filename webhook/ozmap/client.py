"""HTTP with one tenant's OZmap: a total deadline, a size cap, and errors that say what is known.

Reads are tried a second time after a connection was refused or reset, and after a 503; never after a
timeout. Writes are never repeated here, because OZmap has no idempotency key, and the breaker is for reads.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import NamedTuple, TypeAlias, TypeVar
from urllib.parse import urlencode

from schemas.json_value import Json
from schemas.tenants import Tenant
from webhook.net import http
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.net.sockets import tls_context
from webhook.ozmap.decode import decode
from webhook.ozmap.errors import (
    OzmapAmbiguous,
    OzmapError,
    OzmapTooMuch,
    OzmapUnavailable,
    OzmapUnreadable,
)

MAX_ANSWER = 8 * http.MB
"""Bytes, after decompression."""
LARGE = http.MB
"""Bytes above which a process reads one answer at a time, and refuses others meanwhile.

Reading the JSON of 7 MB takes 70 MB, and the interpreter's lock for 0.2 s: 40 at once took 576 MiB, and
nothing was answered for seconds (tests/process/test_large_answers.py).
"""
LARGE_TAKES = 1.0
"""Seconds that must be left for a large answer: nothing interrupts the reading of its JSON."""
JITTER = (0.05, 0.2)
"""Seconds before the second try of a read."""

_TRIED_AGAIN = {http.NO_CONNECTION, http.BROKEN, "503"}
_ERRORS = {
    http.NotSent: OzmapUnavailable,
    http.MayHaveArrived: OzmapAmbiguous,
    http.Unreadable: OzmapUnreadable,
}

_one_at_a_time = Lock()
_large = Lock()

T = TypeVar("T")
Params: TypeAlias = Mapping[str, str | int]


class _Call(NamedTuple):
    method: str
    path: str
    body: object = None
    limit: http.BodyLimit = http.BodyLimit(MAX_ANSWER)


class _LargeAlone:
    """In its block an answer of which one that is LARGE takes this process's only place."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._held = False

    def _hold(self) -> None:
        """Raises OzmapTooMuch if the place is taken, or too little time is left."""
        if self._deadline.remaining() < LARGE_TAKES or not _large.acquire(blocking=False):
            raise OzmapTooMuch("large answer")
        self._held = True

    def __enter__(self) -> http.BodyLimit:
        return http.BodyLimit(MAX_ANSWER, LARGE, self._hold)

    def __exit__(self, *_: object) -> None:
        if self._held:
            _large.release()


class OzmapClient:
    """Threads may share it."""

    def __init__(self, tenant: Tenant, breaker: Breaker) -> None:
        token = tenant.ozmap_token if tenant.ozmap_auth == "raw" else f"Bearer {tenant.ozmap_token}"
        self._model = http.prepared("GET", f"{tenant.ozmap_url}/api/v2", {"Authorization": token})
        self._tls = tls_context(tenant.ozmap_ca)
        self._breaker = breaker

    def call(
        self,
        method: str,
        *segments: str,
        deadline: Deadline,
        params: Params | None = None,
        body: object = None,
    ) -> Json:
        """OZmap's JSON. `segments` are the path, not quoted yet. Raises OzmapError."""
        call = _Call(method, _path(segments, params), body)
        if method != "GET":  # however long its answer is, a write was carried out
            return self._tried(call, deadline, decode)
        with _LargeAlone(deadline) as limit:
            return self._tried(call._replace(limit=limit), deadline, decode)

    def call_large(self, *segments: str, deadline: Deadline, params: Params, read: Callable[[Json], T]) -> T:
        """What `read` makes of a GET's answer, which may have many rows. Raises OzmapError.

        Only one such answer is read at a time, because its JSON takes ten times its size in memory.
        """

        def read_alone(status: int, content: bytes) -> T:
            if not _one_at_a_time.acquire(timeout=deadline.remaining()):
                raise OzmapUnavailable("deadline")
            try:
                return read(decode(status, content))
            finally:
                _one_at_a_time.release()

        return self._tried(_Call("GET", _path(segments, params)), deadline, read_alone)

    def _tried(self, call: _Call, deadline: Deadline, read: Callable[[int, bytes], T]) -> T:
        """The answer as `read` has it, at the second try if the first may be repeated."""
        try:
            return read(*self._ask(call, deadline))
        except OzmapError as error:
            pause = random.uniform(*JITTER)
            again = call.method == "GET" and error.reason in _TRIED_AGAIN
            if not again or deadline.remaining() <= pause:
                raise
            time.sleep(pause)
            return read(*self._ask(call, deadline))

    def _ask(self, call: _Call, deadline: Deadline) -> tuple[int, bytes]:
        """Status and body of OZmap's answer. Raises OzmapError if there is none, or the breaker is open."""
        if not deadline.remaining():
            raise OzmapUnavailable("deadline")
        # A write takes seconds on a healthy OZmap, as it draws the drop: it says nothing about reads.
        is_read = call.method == "GET"
        if is_read and not self._breaker.allows_call():
            raise OzmapUnavailable("breaker open")
        request = http.derived(self._model, call.method, call.path, call.body)
        try:
            answer = http.exchange(request, self._tls, deadline, call.limit)
        except OzmapTooMuch:
            self._breaker.record(answered=True)
            raise
        except http.ExchangeError as error:
            if is_read:
                self._breaker.record(answered=False)
            hint = ", see OZMAP_CA" if error.reason == http.BAD_CERTIFICATE else ""
            raise _ERRORS[type(error)](error.reason + hint) from None
        if is_read:
            self._breaker.record(answered=answer.status < 500 and answer.location is None)
        return answer.status, answer.body


def _path(segments: Iterable[str], params: Params | None) -> str:
    path = "/".join(http.segment(text) for text in segments)
    return f"{path}?{urlencode(params)}" if params else path
