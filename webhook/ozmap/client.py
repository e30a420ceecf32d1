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

import requests
import urllib3
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.net.sockets import segment, session, tls_context, total_deadline
from webhook.ozmap.decode import decode
from webhook.ozmap.errors import OzmapAmbiguous, OzmapError, OzmapUnavailable, OzmapUnreadable

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes, unpacked."""
JITTER = (0.05, 0.2)
"""Seconds before the second try of a read."""


_one_at_a_time = Lock()


class _Reset(OzmapAmbiguous):
    """The connection broke after the request had gone out."""


class _Refused(OzmapUnavailable):
    """No connection was made."""


class OzmapClient:
    """May be shared by threads: each asks with its own session."""

    def __init__(self, tenant: Tenant, breaker: Breaker) -> None:
        token = tenant.ozmap_token if tenant.ozmap_auth == "raw" else f"Bearer {tenant.ozmap_token}"
        # What is the same for every call is made once. Session.request makes all of it anew each time: the
        # relay, which lets it, costs as much CPU as all that we do (python -m bench radius_lookup).
        self._model = requests.Request(
            "GET",
            f"{tenant.ozmap_url}/api/v2",
            headers={**requests.utils.default_headers(), "Authorization": token},
            hooks={"response": _stop_at_redirect},
        ).prepare()
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
        """The JSON that OZmap answers with, or what `large` makes of it.

        `large` takes apart what may have many rows: one answer at a time, for it lies in memory ten times as
        large as it came. `segments` are quoted, each one stays one. Raises OzmapError.
        """
        path = "/".join(segment(text) for text in segments)

        def ask() -> Any:
            status, content = self._ask(method, path, params, body, deadline)
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
            again = isinstance(error, _Refused | _Reset) or error.reason == "503"
            if method != "GET" or not again or deadline.remaining() <= pause:
                raise
            time.sleep(pause)
            return ask()

    def _ask(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: object, deadline: Deadline
    ) -> tuple[int, bytes]:
        """Status and body, where the breaker lets it through."""
        if not deadline.remaining():
            raise OzmapUnavailable("deadline")
        if not self._breaker.lets_through():
            raise OzmapUnavailable("breaker open")
        try:
            with total_deadline(deadline):
                status, content = self._exchange(method, path, params, body, deadline)
        except OzmapError:
            self._breaker.note(answered=False)
            raise
        self._breaker.note(answered=status < 500)
        return status, content

    def _exchange(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: object, deadline: Deadline
    ) -> tuple[int, bytes]:
        """Status and body. Raises OzmapError when no whole answer came."""
        request = self._model.copy()
        request.method = method
        request.url = f"{self._model.url}/{path}" + (f"?{urlencode(params)}" if params else "")
        if body is not None:
            request.prepare_body(None, None, json=body)
        try:
            with session(self._tls).send(
                request, stream=True, timeout=max(deadline.remaining(), 0.001), allow_redirects=False
            ) as response:
                content: bytes = response.raw.read(MAX_ANSWER + 1, decode_content=True)
                if len(content) > MAX_ANSWER:
                    raise OzmapUnreadable("answer over 8 MB")
                return response.status_code, content
        except requests.ConnectTimeout:
            raise OzmapUnavailable("no connection in time") from None
        except (requests.Timeout, ReadTimeoutError):
            raise OzmapAmbiguous("timeout") from None
        except requests.exceptions.SSLError as error:
            refused = "CERTIFICATE_VERIFY_FAILED" in str(error)
            why = "certificate not accepted, see OZMAP_CA" if refused else "no agreement, is it https there?"
            raise OzmapUnavailable(f"TLS: {why}") from None
        except requests.ConnectionError as error:
            if isinstance(getattr(error.args[0], "reason", None), NewConnectionError):
                raise _Refused("no connection") from None
            raise _Reset("connection broken") from None
        except urllib3.exceptions.ProtocolError:
            raise _Reset("connection broken") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            raise OzmapUnreadable("not HTTP") from None


def _stop_at_redirect(response: requests.Response, **_: object) -> None:
    """requests reads the whole body of a redirect, however large, even when told not to follow it."""
    if response.is_redirect:
        response.close()
        decode(response.status_code, b"")
