"""HTTP with one tenant's OZmap: a total deadline, a size cap, and errors that say what is known.

Reads are tried a second time after a connection was refused or reset, and after a 503; never after a
timeout. Writes are never repeated here: OZmap has no idempotency key.
"""

import random
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlencode

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
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        large: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Returns OZmap's JSON, or what `large` makes of it. Raises OzmapError.

        `segments` are the path, not quoted yet. `large` reads an answer that may have many rows. Only one
        such answer is read at a time, because its JSON takes ten times its size in memory.
        """
        path = "/".join(http.segment(text) for text in segments)
        if params:
            path += f"?{urlencode(params)}"

        def ask() -> Any:
            status, content = self._ask(method, path, body, deadline)
            if large is None:
                return decode(status, content)
            if not _one_at_a_time.acquire(timeout=deadline.remaining()):
                raise OzmapUnavailable("deadline")
            try:
                return large(decode(status, content))
            finally:
                _one_at_a_time.release()

        try:
            return ask()
        except OzmapError as error:
            pause = random.uniform(*JITTER)
            again = method == "GET" and error.reason in _TRIED_AGAIN
            if not again or deadline.remaining() <= pause:
                raise
            time.sleep(pause)
            return ask()

    def _ask(self, method: str, path: str, body: object, deadline: Deadline) -> tuple[int, bytes]:
        """Status and body of OZmap's answer. Raises OzmapError if there is none, or the breaker is open."""
        if not deadline.remaining():
            raise OzmapUnavailable("deadline")
        if not self._breaker.allows_call():
            raise OzmapUnavailable("breaker open")
        request = http.derived(self._model, method, path, body)
        try:
            answer = http.exchange(request, self._tls, deadline, MAX_ANSWER)
        except http.ExchangeError as error:
            self._breaker.record(answered=False)
            hint = ", see OZMAP_CA" if error.reason == http.BAD_CERTIFICATE else ""
            raise _ERRORS[type(error)](error.reason + hint) from None
        self._breaker.record(answered=answer.status < 500 and answer.location is None)
        return answer.status, answer.body
