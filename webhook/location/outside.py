"""GET from the services that know addresses and links: within the deadline, never redirected."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ssl import SSLContext

import requests
from urllib3.exceptions import HTTPError

from webhook.net.deadline import Deadline
from webhook.net.sockets import AddressRule, session, tls_context, total_deadline

MAX_ANSWER = 1024 * 1024
"""Bytes, unpacked."""


class ServiceUnavailable(Exception):
    """A service did not answer in time, or not as it should."""


@contextmanager
def answer(
    url: str,
    deadline: Deadline,
    tls: SSLContext,
    headers: Mapping[str, str] | None = None,
    allows: AddressRule | None = None,
) -> Iterator[requests.Response]:
    """The answer, its body unread; `allows` as for `total_deadline`. Raises ServiceUnavailable."""
    own = session(tls)
    try:
        request = own.prepare_request(requests.Request("GET", url, headers=headers))
        # The adapter and not the session, which would read the body of a redirect, however large.
        send = own.get_adapter(url).send
        with (
            total_deadline(deadline, allows),
            send(request, stream=True, timeout=max(deadline.remaining(), 0.001)) as response,
        ):
            yield response
    except (requests.RequestException, HTTPError):
        raise ServiceUnavailable from None


def get(url: str, deadline: Deadline, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a service that the operator chose. Raises ServiceUnavailable."""
    with answer(url, deadline, tls_context(None), headers) as response:
        body: bytes = b"" if response.is_redirect else response.raw.read(MAX_ANSWER + 1, decode_content=True)
    if response.is_redirect or len(body) > MAX_ANSWER:
        raise ServiceUnavailable
    return response.status_code, body
