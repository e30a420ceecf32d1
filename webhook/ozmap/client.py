"""HTTP with one tenant's OZmap: a total deadline, a size cap, and errors that say what is known.

Reads are tried a second time after a connection was refused or reset, and after a 503; never after a
timeout. Writes are never repeated here, because OZmap has no idempotency key, and the breaker is for reads.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TypeAlias, TypeVar
from urllib.parse import urlencode

from schemas.json_value import Json
from schemas.tenants import Tenant
from webhook.net import http
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.net.sockets import tls_context
from webhook.ozmap.decode import decode
from webhook.ozmap.errors import OzmapAmbiguous, OzmapError, OzmapUnavailable, OzmapUnreadable

MAX_ANSWER = 8 * http.MB
"""Bytes, after decompression."""
JITTER = (0.05, 0.2)
"""Seconds before the second try of a read."""

_TRIED_AGAIN = {http.NO_CONNECTION, http.BROKEN, "503"}
_ERRORS = {
    http.NotSent: OzmapUnavailable,
    http.MayHaveArrived: OzmapAmbiguous,
    http.Unreadable: OzmapUnreadable,
}

_one_at_a_time = Lock()

T = TypeVar("T")
Params: TypeAlias = Mapping[str, str | int]


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
        return self._tried(method, _path(segments, params), body, deadline, decode)

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

        return self._tried("GET", _path(segments, params), None, deadline, read_alone)

    def _tried(
        self, method: str, path: str, body: object, deadline: Deadline, read: Callable[[int, bytes], T]
    ) -> T:
        """The answer as `read` has it, at the second try if the first may be repeated."""
        try:
            return read(*self._ask(method, path, body, deadline))
        except OzmapError as error:
            pause = random.uniform(*JITTER)
            again = method == "GET" and error.reason in _TRIED_AGAIN
            if not again or deadline.remaining() <= pause:
                raise
            time.sleep(pause)
            return read(*self._ask(method, path, body, deadline))

    def _ask(self, method: str, path: str, body: object, deadline: Deadline) -> tuple[int, bytes]:
        """Status and body of OZmap's answer. Raises OzmapError if there is none, or the breaker is open."""
        if not deadline.remaining():
            raise OzmapUnavailable("deadline")
        # A write takes seconds on a healthy OZmap, as it draws the drop: it says nothing about reads.
        is_read = method == "GET"
        if is_read and not self._breaker.allows_call():
            raise OzmapUnavailable("breaker open")
        request = http.derived(self._model, method, path, body)
        try:
            answer = http.exchange(request, self._tls, deadline, MAX_ANSWER)
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
