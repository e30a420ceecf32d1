"""One HTTP exchange by a deadline: an answer, or an error that says whether the request can have arrived.

No redirect is followed, nothing is tried a second time, and no answer larger than the caller's limit is read.
"""

import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError, InvalidHeader, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from webhook.net.deadline import Deadline
from webhook.net.sockets import AddressRule, session, total_deadline

NO_CONNECTION = "no connection"
BAD_CERTIFICATE = "TLS: certificate not accepted"
BROKEN = "connection broken"

MB = 1024 * 1024


class ExchangeError(Exception):
    """There is no answer. `reason` is fit for a log: it quotes neither the request nor the server."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSent(ExchangeError):
    """The server cannot have acted on the request: no connection, no TLS, or not a byte of it left."""


class MayHaveArrived(ExchangeError):
    """The request went out, or a part of it, and the answer did not come in time or broke off."""


class Unreadable(ExchangeError):
    """The answer is not HTTP, or is too large. The server may have acted on the request."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`body` is empty where it was not to be read, and for every redirect."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None
    """The address that a redirect names; None if the answer is not a redirect."""

    def retry_after(self) -> float | None:
        """Seconds that the server asks us to wait."""
        try:
            return Retry().parse_retry_after(self.headers["Retry-After"])
        except (KeyError, InvalidHeader):
            return None


@dataclass(frozen=True)
class BodyLimit:
    """Bytes of a body after decompression. `before_large` is called before more than `large` is read."""

    most: int
    large: int = sys.maxsize
    before_large: Callable[[], None] = lambda: None


def prepared(method: str, url: str, headers: Mapping[str, str] | None = None) -> requests.PreparedRequest:
    """A request whose address and headers are checked and quoted. Raises NotSent if they cannot be."""
    all_headers = {**requests.utils.default_headers(), **(headers or {})}
    try:
        return requests.Request(method, url, headers=all_headers).prepare()
    except requests.RequestException:
        raise NotSent("address or headers not valid") from None


def derived(
    model: requests.PreparedRequest, method: str, path: str, body: object = None
) -> requests.PreparedRequest:
    """`model` with another method, `path` after its address, and `body` as JSON.

    Preparing a request from scratch costs as much CPU as all the rest that we do for a reply (see `python -m
    bench radius_lookup`), so a client prepares one and derives the others, which share what they do not
    change. `path` must be quoted already.
    """
    request = requests.PreparedRequest()
    request.method = method
    request.url = f"{str(model.url).rstrip('/')}/{path}"
    request.headers, request.hooks = model.headers, model.hooks
    if body is not None:
        request.headers = model.headers.copy()
        request.prepare_body(None, None, json=body)
    return request


def exchange(
    request: requests.PreparedRequest,
    tls: ssl.SSLContext,
    deadline: Deadline,
    max_body: int | BodyLimit,
    allows: AddressRule | None = None,
) -> HttpAnswer:
    """Sends the request and reads the answer. Raises ExchangeError.

    `max_body` is in bytes, after decompression; with 0 the body is not read. `allows` is as in
    `total_deadline`.
    """
    limit = max_body if isinstance(max_body, BodyLimit) else BodyLimit(max_body)
    # urllib3 refuses a timeout of 0. It is only a second guard: the sockets keep the deadline.
    timeout = max(deadline.remaining(), 0.001)
    with total_deadline(deadline, allows) as state:
        try:
            with session(tls).send(
                request, stream=True, timeout=timeout, allow_redirects=False, proxies={}
            ) as response:
                location = response.headers["Location"] if response.is_redirect else None
                body = b""
                if limit.most and location is None:
                    # One byte more than is allowed shows that there is more, without reading it all.
                    body = _body(response, limit)
                if len(body) > limit.most:
                    raise Unreadable(f"answer over {limit.most // MB} MB")
                return HttpAnswer(response.status_code, response.headers, body, location)
        except (requests.RequestException, HTTPError) as error:
            raise (_after_sending(error) if state.sent else _before_sending(error)) from None


def _body(response: requests.Response, limit: BodyLimit) -> bytes:
    start: bytes = response.raw.read(min(limit.large, limit.most) + 1, decode_content=True)
    if len(start) <= limit.large:
        return start
    limit.before_large()
    rest: bytes = response.raw.read(limit.most + 1 - len(start), decode_content=True)
    return start + rest


def _before_sending(error: Exception) -> NotSent:
    # requests.Timeout comes from a connection or a TLS handshake that takes too long.
    if isinstance(error, requests.Timeout):
        return NotSent("no connection in time")
    if isinstance(error, requests.exceptions.SSLError):
        # urllib3 wraps OpenSSL's error several times; only the text is left of its kind.
        refused = "CERTIFICATE_VERIFY_FAILED" in str(error)
        return NotSent(BAD_CERTIFICATE if refused else "TLS: no agreement, is it https there?")
    return NotSent(NO_CONNECTION)


def _after_sending(error: Exception) -> ExchangeError:
    # requests wraps what happens before the body; while the body is read, urllib3's own errors come through.
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return MayHaveArrived("timeout")
    if isinstance(error, requests.ConnectionError | ProtocolError):
        return MayHaveArrived(BROKEN)
    return Unreadable("not HTTP")


def segment(text: str) -> str:
    """Quotes a text as one segment of a path. Raises ValueError for texts that cannot be one."""
    if text in {"", ".", ".."}:
        raise ValueError(f"not a path segment: {text!r}")
    return quote(text, safe="")
