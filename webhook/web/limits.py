"""Rate limits, where an operator set one: so many calls with one flow key in a time.

Only calls with a good key are counted: a stranger neither uses up a limit nor fills the memory.
"""

from math import ceil
from threading import Lock
from time import monotonic, time
from typing import Any

from flask import request
from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from werkzeug.exceptions import TooManyRequests

from webhook.observe import log
from webhook.web.auth import digest

REDIS_PATIENCE = 0.2
"""Seconds for each step of a call of Redis, which usually takes a millisecond in all."""
REDIS_PAUSE = 5.0
"""Seconds for which a Redis that did not answer is left alone. Calls go on, uncounted."""


class RateLimit:
    """`limit` as in "120/minute; 5000/day". Without Redis each process counts for itself."""

    def __init__(self, limit: str, redis_url: str | None) -> None:
        # redis tries three times more with pauses of seconds, if it is let.
        patience: dict[str, Any] = {
            "socket_timeout": REDIS_PATIENCE,
            "socket_connect_timeout": REDIS_PATIENCE,
            "retry": Retry(NoBackoff(), 0),
        }
        # The memory starts a thread that ends after 10 ms: a fork may cut it off, and nothing is lost.
        storage = storage_from_string(redis_url or "memory://", **(patience if redis_url else {}))
        self._limits = parse_many(limit)
        self._windows = FixedWindowRateLimiter(storage)
        self._lock = Lock()
        self._pause_until = 0.0

    def count(self) -> None:
        """The request that is being answered. Raises TooManyRequests, with the seconds to wait."""
        if monotonic() < self._pause_until:
            return
        key = ("webhook", digest(request.headers))
        try:
            for limit in self._limits:
                if not self._windows.hit(limit, *key):
                    seconds = self._windows.get_window_stats(limit, *key).reset_time - time()
                    raise TooManyRequests(retry_after=max(1, ceil(seconds)))
        except RedisError:
            self._pause()

    def _pause(self) -> None:
        with self._lock:
            if monotonic() >= self._pause_until:
                log.write(event="redis unavailable")
                self._pause_until = monotonic() + REDIS_PAUSE
