"""Counts hits of rate limits: calls with one flow key, where an operator set a limit, and the location page.

Calls are counted after the key was accepted: a stranger neither uses up a limit nor fills the memory.
"""

from hashlib import sha256
from math import ceil
from threading import Lock
from time import monotonic, time
from typing import Any

from flask import request
from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from webhook.observe import log
from webhook.web.auth import digest

REDIS_PATIENCE = 0.2
"""Seconds for each step of a call of Redis, which usually takes a millisecond in all."""
REDIS_PAUSE = 5.0
"""Seconds for which a Redis that did not answer is left alone. Calls go on, uncounted."""


class Counts:
    """Hits per limit and key, shared in Redis. Without Redis each process counts for itself."""

    def __init__(self, redis_url: str | None) -> None:
        options, self._unavailable = _redis_options() if redis_url else ({}, ())
        # The memory starts a thread that ends after 10 ms: a fork may cut it off, and nothing is lost.
        storage = storage_from_string(redis_url or "memory://", **options)
        self._windows = FixedWindowRateLimiter(storage)
        self._lock = Lock()
        self._pause_until = 0.0

    def hit(self, limit: RateLimitItem, *key: str) -> int:
        """Counts one. Returns 0, or the seconds to wait if the limit is reached.

        Redis gets only a digest of the key's parts, which may be a link or a caller's address.
        """
        if monotonic() < self._pause_until:
            return 0
        name = ("webhook", sha256(" ".join(key).encode()).hexdigest())
        try:
            if self._windows.hit(limit, *name):
                return 0
            seconds = self._windows.get_window_stats(limit, *name).reset_time - time()
            if seconds > limit.get_expiry():  # the clock was set back
                self._windows.clear(limit, *name)
                return 0
            return max(1, ceil(seconds))
        except self._unavailable:
            self._pause()
            return 0

    def _pause(self) -> None:
        with self._lock:
            if monotonic() >= self._pause_until:
                log.write(event="redis unavailable")
                self._pause_until = monotonic() + REDIS_PAUSE


class RateLimit:
    """`limit` as in "120/minute; 5000/day"."""

    def __init__(self, limit: str, redis_url: str | None) -> None:
        self._limits = parse_many(limit)
        self._counts = Counts(redis_url)

    def count(self) -> None:
        """The request that is being answered. Raises TooManyRequests, with the seconds to wait."""
        for limit in self._limits:
            if seconds := self._counts.hit(limit, digest(request.headers)):
                raise TooManyRequests(retry_after=seconds)


def _redis_options() -> tuple[dict[str, Any], tuple[type[Exception], ...]]:
    """What the storage is made with, and what it raises if Redis does not answer."""
    # Most services need no redis.
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    # redis tries three times more with pauses of seconds, if it is let.
    retry = Retry(NoBackoff(), 0)
    patience = {"socket_timeout": REDIS_PATIENCE, "socket_connect_timeout": REDIS_PATIENCE}
    return {**patience, "retry": retry}, (RedisError,)
