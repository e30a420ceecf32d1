"""All metrics: name, labels and meaning. docs/monitoring.md lists them.

A label's value is one of a few words that we chose: never a key, an address, or anything about a customer or
an ISP. With PROMETHEUS_MULTIPROC_DIR in the environment (gunicorn.conf.py sets it) the figures are the sums
over all processes.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"
"""Platform or action of a request without one: the location page, an operator's route, a wrong path."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4.5, 10)

_registry = CollectorRegistry()

_REQUESTS = Counter(
    "webhook_requests_total",
    "Requests answered; outcome is the reply's codigo, or the HTTP status where a reply has none",
    ["platform", "action", "outcome"],
    registry=_registry,
)
_REQUEST_SECONDS = Histogram(
    "webhook_request_seconds",
    "From a request's first byte to its reply",
    ["platform", "action"],
    buckets=_SECONDS,
    registry=_registry,
)
_OZMAP_SECONDS = Histogram(
    "webhook_ozmap_call_seconds",
    "Calls of OZmap; result is ok, an HTTP status, or what ozmap_failed says in the log",
    ["operation", "result"],
    buckets=_SECONDS,
    registry=_registry,
)
BREAKER_OPENINGS = Counter(
    "webhook_breaker_openings_total",
    "Times that an OZmap host did not answer so often that it was no longer asked",
    registry=_registry,
)
BREAKERS_OPEN = Gauge(
    "webhook_breakers_open",
    "OZmap hosts that are not asked now, counted in each process by itself",
    multiprocess_mode="livesum",
    registry=_registry,
)
CACHE_LOOKUPS = Counter(
    "webhook_cache_lookups_total",
    "Look-ups in caches; result is hit, miss (it was fetched) or shared (another's fetch was waited for)",
    ["cache", "result"],
    registry=_registry,
)
SHED = Counter(
    "webhook_shed_total",
    "Requests answered ocupado at once; reason is full (the service) or tenant (one ISP's share of it)",
    ["reason"],
    registry=_registry,
)
LATE = Counter("webhook_late_total", "Lookups that were answered consultando", registry=_registry)


@cache
def _request(platform: str, action: str, outcome: str) -> tuple[Counter, Histogram]:
    return _REQUESTS.labels(platform, action, outcome), _REQUEST_SECONDS.labels(platform, action)


@cache
def _ozmap(operation: str, result: str) -> Histogram:
    return _OZMAP_SECONDS.labels(operation, result)


def note_request(platform: str, action: str, outcome: str, seconds: float) -> None:
    """Counts a request. `platform` and `action` may be OTHER; `outcome` is a reply's code or a status."""
    counter, histogram = _request(platform, action, outcome)
    counter.inc()
    histogram.observe(seconds)


def note_ozmap_call(operation: str, result: str, seconds: float) -> None:
    """Counts a call. `result` is as in the log, but only up to a colon: after it may stand anything."""
    _ozmap(operation, result.partition(":")[0]).observe(seconds)


@dataclass(frozen=True)
class StoreFigures:
    """What the database says at a scrape. The keys are kinds of outbox rows."""

    waiting: Mapping[str, tuple[int, float]]
    """Number of rows that were promised to somebody, and for how many seconds the oldest has waited."""
    given_up: Mapping[str, int]
    workers: int
    tenants_without_worker: int


class _StoreCollector:
    """The metrics that are read from the database at each scrape."""

    def __init__(self, figures: StoreFigures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self._figures
        yield GaugeMetricFamily(
            "webhook_store_up", "Whether the database answered", value=figures is not None
        )
        if figures is None:
            return
        yield GaugeMetricFamily(
            "webhook_workers_alive", "Workers that gave a sign of life of late", value=figures.workers
        )
        yield GaugeMetricFamily(
            "webhook_tenants_without_worker",
            "ISPs that no worker has named for ten minutes: their sales are not promised",
            value=figures.tenants_without_worker,
        )
        depth = GaugeMetricFamily(
            "webhook_outbox_rows", "Promises that are not delivered yet", labels=["kind"]
        )
        oldest = GaugeMetricFamily(
            "webhook_outbox_oldest_seconds", "How long the oldest of them has waited", labels=["kind"]
        )
        given_up = GaugeMetricFamily(
            "webhook_outbox_given_up", "Promises left to the operator", labels=["kind"]
        )
        for kind, (rows, seconds) in figures.waiting.items():
            depth.add_metric([kind], rows)
            oldest.add_metric([kind], seconds)
        for kind, rows in figures.given_up.items():
            given_up.add_metric([kind], rows)
        yield from (depth, oldest, given_up)


def exposition(figures: StoreFigures | None) -> bytes:
    """All metrics in Prometheus' text format. `figures` is None if the database did not answer."""
    several = "PROMETHEUS_MULTIPROC_DIR" in os.environ
    registry = CollectorRegistry()
    registry.register(MultiProcessCollector(None) if several else _registry)
    registry.register(_StoreCollector(figures))
    return generate_latest(registry)
