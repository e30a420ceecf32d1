"""Rate limits, where an operator set one: so many calls with one flow key in a time.

Only calls with a good key are counted: a stranger neither uses up a limit nor fills the memory.
"""

from math import ceil
from threading import Lock
from time import monotonic, time
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter, RateLimitExceeded
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
    """`limit` in Flask-Limiter's notation. Without Redis each process counts for itself."""

    def __init__(self, app: Flask, limit: str, redis_url: str | None) -> None:
        # redis tries three times more with pauses of seconds, if it is let.
        patience: dict[str, Any] = {
            "socket_timeout": REDIS_PATIENCE,
            "socket_connect_timeout": REDIS_PATIENCE,
            "retry": Retry(NoBackoff(), 0),
        }
        self._limiter = Limiter(
            lambda: digest(request.headers),
            app=app,
            key_prefix="webhook",
            # The memory starts a thread that ends after 10 ms: a fork may cut it off, and nothing is lost.
            storage_uri=redis_url or "memory://",
            storage_options=patience if redis_url else {},
        )
        self._hit = self._limiter.shared_limit(limit, scope="flow")(lambda: None)
        self._lock = Lock()
        self._pause_until = 0.0

    def count(self) -> None:
        """The request that is being answered. Raises TooManyRequests, with the seconds to wait."""
        if monotonic() < self._pause_until:
            return
        try:
            seconds = self._seconds_over()
        except RedisError:
            self._pause()
            return
        if seconds:
            raise TooManyRequests(retry_after=seconds)

    def _seconds_over(self) -> int:
        """Seconds until the limit lets this key in again; 0: it does. Raises RedisError."""
        try:
            self._hit()
        except RateLimitExceeded:
            return max(1, ceil(self._limiter.current_limits[-1].window.reset_time - time()))
        return 0

    def _pause(self) -> None:
        with self._lock:
            if monotonic() >= self._pause_until:
                log.write(event="redis unavailable")
                self._pause_until = monotonic() + REDIS_PAUSE
