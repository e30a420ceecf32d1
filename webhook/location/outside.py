"""GET from the services that know addresses. No redirect is followed."""

from collections.abc import Mapping
from typing import TypeVar

from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline
from webhook.net.http import MB, ExchangeError, exchange, prepared
from webhook.net.sockets import tls_context

ANSWER_AGE = 24 * 3600.0
"""Seconds that an answer is remembered."""
NOTHING_AGE = 600.0
"""Seconds that it is remembered that there is nothing."""
SIZE = 10_000
T = TypeVar("T")


class ServiceUnavailable(Exception):
    """A service did not answer in time, or not as it should."""


def get(url: str, deadline: Deadline, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body, up to a megabyte, of a service that the operator chose. Raises ServiceUnavailable."""
    try:
        answer = exchange(prepared("GET", url, headers), tls_context(None), deadline, MB)
    except ExchangeError:
        raise ServiceUnavailable from None
    if answer.location is not None:
        raise ServiceUnavailable
    return answer.status, answer.body


def memory(name: str) -> SharedCache[T]:
    """A cache of what a service knows; `name` is its name in the metrics."""
    return SharedCache(name, SIZE, lambda answer: ANSWER_AGE if answer else NOTHING_AGE)
