"""All metrics: name, labels and meaning. docs/monitoring.md lists them.

A label's value is one of a few words that we chose: never a key, an address, or anything about a customer or
an ISP. With PROMETHEUS_MULTIPROC_DIR in the environment (gunicorn.conf.py sets it) the figures are the sums
over all processes.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import prometheus_client as prometheus
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = prometheus.CONTENT_TYPE_LATEST
OTHER = "other"
"""Platform or action of a request without one: the location page, an operator's route, a wrong path."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4.5, 10)

_registry = prometheus.CollectorRegistry()
_counter = partial(prometheus.Counter, registry=_registry)
_seconds = partial(prometheus.Histogram, buckets=_SECONDS, registry=_registry)

_REQUESTS = _counter(
    "webhook_requests_total",
    "Requests answered; outcome is the reply's codigo, or the HTTP status where a reply has none",
    ["platform", "action", "outcome"],
)
_REQUEST_SECONDS = _seconds(
    "webhook_request_seconds", "From a request's first byte to its reply", ["platform", "action"]
)
_OZMAP_SECONDS = _seconds(
    "webhook_ozmap_call_seconds",
    "Calls of OZmap; result is ok, an HTTP status, or what ozmap_failed says in the log",
    ["operation", "result"],
)
BREAKER_OPENINGS = _counter(
    "webhook_breaker_openings_total",
    "Times that an OZmap host did not answer so often that it was no longer asked",
)
BREAKERS_OPEN = prometheus.Gauge(
    "webhook_breakers_open",
    "OZmap hosts that are not asked now, counted in each process by itself",
    multiprocess_mode="livesum",
    registry=_registry,
)
CACHE_LOOKUPS = _counter(
    "webhook_cache_lookups_total",
    "Look-ups in caches; result is hit, miss (it was fetched) or shared (another's fetch was waited for)",
    ["cache", "result"],
)
SHED = _counter(
    "webhook_shed_total",
    "Requests answered ocupado at once; reason is full (the service) or tenant (one ISP's share of it)",
    ["reason"],
)
LATE = _counter("webhook_late_total", "Lookups that were answered consultando")


_CONVERSATIONS = _counter(
    "webhook_conversations_total",
    "Conversations that the webhook leads; event is begun, asked, answered, handed over or ended; step is the"
    " conversation's own",
    ["platform", "flow", "event", "step"],
)


_DELIVERIES = _counter(
    "webhook_worker_deliveries_total",
    "What the worker's looks at its outbox came to; result is as in the log, or other",
    ["kind", "result"],
)
_DELIVERY_SECONDS = prometheus.Histogram(
    "webhook_worker_delivery_seconds",
    "From the lease of a row to its end",
    ["kind"],
    buckets=(*_SECONDS, 30, 60),
    registry=_registry,
)
_RESULTS = {
    "done", "cancelled", "active", "not_viable", "later", "looked after", "refused", "dropped", "gave up",
    "defect", "lease lost", "forgotten", "told", "fate unknown", "no longer true",
}  # fmt: skip
"""Others are reasons, in which anything may stand."""


@cache
def _request(platform: str, action: str, outcome: str) -> tuple[prometheus.Counter, prometheus.Histogram]:
    return _REQUESTS.labels(platform, action, outcome), _REQUEST_SECONDS.labels(platform, action)


@cache
def _ozmap(operation: str, result: str) -> prometheus.Histogram:
    return _OZMAP_SECONDS.labels(operation, result)


def note_request(platform: str, action: str, outcome: str, seconds: float) -> None:
    """Counts a request. `platform` and `action` may be OTHER; `outcome` is a reply's code or a status."""
    counter, histogram = _request(platform, action, outcome)
    counter.inc()
    histogram.observe(seconds)


def note_conversation(platform: str, flow: str, event: str, step: str) -> None:
    """Counts what happened at a step of a conversation, which its author named."""
    _CONVERSATIONS.labels(platform, flow, event, step).inc()


def note_delivery(kind: str, result: str, seconds: float) -> None:
    """Counts what the worker did with a row of its outbox."""
    _DELIVERIES.labels(kind, result if result in _RESULTS else "other").inc()
    _DELIVERY_SECONDS.labels(kind).observe(seconds)


def serve(port: int) -> None:
    """Serves this process's metrics to this machine. Raises OSError if the port is in use."""
    prometheus.start_http_server(port, "127.0.0.1", _registry)


def note_ozmap_call(operation: str, result: str, seconds: float) -> None:
    """Counts a call. `result` is as in the log, but only up to a colon: after it may stand anything."""
    _ozmap(operation, result.partition(":")[0]).observe(seconds)


@dataclass(frozen=True)
class StoreFigures:
    """What the database says at a scrape. The keys are kinds of outbox rows."""

    waiting: Mapping[str, tuple[int, float]]
    """Number of rows that were promised to somebody, and for how many seconds the oldest has waited."""
    given_up: Mapping[str, int]
    held_up: Mapping[str, int]
    """By why: `defect` (of ours) or `refused` (by OZmap, again and again). The keys are these two."""
    workers: int
    tenants_without_worker: int


class _StoreCollector:
    """The metrics that are read from the database at each scrape."""

    def __init__(self, figures: StoreFigures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterable[prometheus.Metric]:
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
        rows = {kind: rows for kind, (rows, _) in figures.waiting.items()}
        oldest = {kind: seconds for kind, (_, seconds) in figures.waiting.items()}
        yield _gauges("webhook_outbox_rows", "Promises that are not delivered yet", "kind", rows)
        yield _gauges(
            "webhook_outbox_oldest_seconds", "How long the oldest of them has waited", "kind", oldest
        )
        yield _gauges("webhook_outbox_given_up", "Promises left to the operator", "kind", figures.given_up)
        held_up = "Work that a defect or OZmap's refusals hold up"
        yield _gauges("webhook_outbox_held_up", held_up, "why", figures.held_up)


def _gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def exposition(figures: StoreFigures | None) -> bytes:
    """All metrics in Prometheus' text format. `figures` is None if the database did not answer."""
    several = "PROMETHEUS_MULTIPROC_DIR" in os.environ
    registry = prometheus.CollectorRegistry()
    registry.register(MultiProcessCollector(None) if several else _registry)
    registry.register(_StoreCollector(figures))
    return prometheus.generate_latest(registry)
