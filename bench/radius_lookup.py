"""A radius lookup beside the relay and the upstream itself: same gunicorn settings, in turns in one run."""

import statistics
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryDirectory

from bench.load import ROUTES, Rush, rush
from bench.processes import Webhook, command_of, free_port, running, settings_for, upstream, webhook
from bench.report import Report, run

ROUNDS = 7
SECONDS = 2
"""Of each round, per server and number of connections."""
CONNECTIONS = (1, 16, 64)
"""64 are as many as the service has threads: it is saturated."""
MOST_TIME, LEAST_RATE = 1.25, 0.8
"""Of the relay's: median time at 1 connection, calls per second at 16."""


def measure(report: Report) -> None:
    """A row per server and number of connections; ratios are of the same round, the middle one counts."""
    ozmap, relay = free_port(), free_port()
    command = ["bench.relay:app" if part.startswith("webhook:") else part for part in command_of("web")]
    with ExitStack() as services:
        services.enter_context(upstream(ozmap))
        ours: Webhook = services.enter_context(webhook(settings_for(ozmap)))
        # The relay has no store, but its gunicorn settings make one.
        store = {"DATABASE_URL": f"sqlite:///{services.enter_context(TemporaryDirectory())}/relay.db"}
        services.enter_context(running(command, relay, **settings_for(ozmap), **store))
        servers = {
            "upstream itself": partial(rush, ozmap, "/api/v2/ftth-viability/radius", method="GET"),
            "relay": partial(rush, relay, "/relay"),
            "webhook": partial(rush, ours.port, ROUTES["radius"]),
        }
        report.table("radius lookup", "connections", "median ms", "p99 ms", "calls/s")
        for connections in CONNECTIONS:
            rounds: list[dict[str, Rush]] = []
            for number in range(ROUNDS + 1):
                turn = list(servers)[number % 3 :] + list(servers)[: number % 3]
                rounds.append({name: servers[name](connections, SECONDS) for name in turn})
            compare(report, connections, rounds[1:])  # the first one warms up


def compare(report: Report, connections: int, rounds: list[dict[str, Rush]]) -> None:
    """The rows for this number of connections."""
    for name in ("upstream itself", "relay", "webhook"):
        mine = [taken[name] for taken in rounds]
        median, p99, rate = (
            statistics.median(getattr(one, what) for one in mine) for what in ("median_ms", "p99_ms", "rate")
        )
        report.row(name, connections, f"{median:.2f}", f"{p99:.2f}", f"{rate:.0f}")
    times = statistics.median(one["webhook"].median_ms / one["relay"].median_ms for one in rounds)
    rates = statistics.median(one["webhook"].rate / one["relay"].rate for one in rounds)
    report.row("webhook / relay", connections, f"{times:.2f}", "", f"{rates:.2f}")
    if connections == 1:
        asked = f"at 1 connection a median of at most {MOST_TIME} times the relay's"
        report.bound(asked, f"{times:.2f}", times <= MOST_TIME)
    if connections == 16:
        asked = f"at 16 connections at least {LEAST_RATE} times the relay's calls per second (1.0 is the aim)"
        report.bound(asked, f"{rates:.2f}", rates >= LEAST_RATE)


if __name__ == "__main__":
    run("radius_lookup", measure)
