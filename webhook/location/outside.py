"""GET from the services that know addresses. No redirect is followed."""

from collections.abc import Mapping

from webhook.net.deadline import Deadline
from webhook.net.http import MB, ExchangeError, exchange, prepared
from webhook.net.sockets import tls_context

MAX_ANSWER = MB
"""Bytes, after decompression."""


class ServiceUnavailable(Exception):
    """A service did not answer in time, or not as it should."""


def get(url: str, deadline: Deadline, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a service that the operator chose. Raises ServiceUnavailable."""
    try:
        answer = exchange(prepared("GET", url, headers), tls_context(None), deadline, MAX_ANSWER)
    except ExchangeError:
        raise ServiceUnavailable from None
    if answer.location is not None:
        raise ServiceUnavailable
    return answer.status, answer.body
