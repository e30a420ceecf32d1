"""A radius lookup beside the relay and the upstream itself: same gunicorn settings, in turns in one run."""

import statistics
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from bench.load import ROUTES, rush
from bench.processes import Service, command_of, free_port, running, settings_for, upstream, webhook
from bench.report import Report, run

ROUNDS = 15
SECONDS = 1
"""Of each turn. Many short ones: each makes new connections, and it is chance which of gunicorn's processes
gets how many of them, from half each to all in one."""
CONNECTIONS = (1, 16, 64)
"""64 are more than two cores can work on: this is saturation."""
MOST_TIME, LEAST_RATE = 1.25, 0.8
"""Of the relay's: median time at 1 connection, calls per second at 16."""


@dataclass(frozen=True)
class Server:
    """Where to call, and whose CPU that costs."""

    service: Service
    port: int
    path: str
    method: str = "POST"

    def turn(self, connections: int) -> tuple[float, ...]:
        """Median and p99 in ms, calls per second, and the server's own CPU in ms a call."""
        before = self.service.cpu_s()
        one = rush(self.port, self.path, connections, SECONDS, self.method)
        return one.median_ms, one.p99_ms, one.rate, (self.service.cpu_s() - before) * 1000 / one.calls


def measure(report: Report) -> None:
    """A row per server and number of connections; ratios are of the same round, the middle one counts."""
    ozmap, relay = free_port(), free_port()
    command = ["bench.relay:app" if part.startswith("flowkit.app:") else part for part in command_of("web")]
    with ExitStack() as running_now:
        begin = running_now.enter_context
        upstream_itself = begin(upstream(ozmap))
        ours = begin(webhook(settings_for(ozmap)))
        # The relay has no store, but its gunicorn settings make one.
        store = {"DATABASE_URL": f"sqlite:///{begin(TemporaryDirectory())}/relay.db"}
        beside = begin(running(command, relay, **settings_for(ozmap), **store))
        servers = {
            "upstream itself": Server(upstream_itself, ozmap, "/api/v2/ftth-viability/radius", "GET"),
            "relay": Server(beside, relay, "/relay"),
            "webhook": Server(ours.web, ours.port, ROUTES["radius"]),
        }
        report.table("radius lookup", "connections", "median ms", "p99 ms", "calls/s", "own CPU ms a call")
        for connections in CONNECTIONS:
            turns: list[dict[str, tuple[float, ...]]] = []
            for number in range(ROUNDS + 1):
                order = list(servers)[number % 3 :] + list(servers)[: number % 3]
                turns.append({name: servers[name].turn(connections) for name in order})
            compare(report, connections, turns[1:])  # the first one warms up


def compare(report: Report, connections: int, turns: list[dict[str, tuple[float, ...]]]) -> None:
    """The rows for this number of connections."""

    def row(name: str, taken: Iterable[Iterable[float]]) -> list[float]:
        middle = [statistics.median(figures) for figures in zip(*taken, strict=True)]
        report.row(name, connections, *(f"{figure:.{2 if figure < 100 else 0}f}" for figure in middle))
        return middle

    for name in ("upstream itself", "relay", "webhook"):
        row(name, (turn[name] for turn in turns))
    ratios = ([a / b for a, b in zip(turn["webhook"], turn["relay"], strict=True)] for turn in turns)
    times, _, rates, _ = row("webhook / relay", ratios)
    if connections == 1:
        asked = f"at 1 connection a median of at most {MOST_TIME} times the relay's"
        report.bound(asked, f"{times:.2f}", times <= MOST_TIME)
    if connections == 16:
        asked = f"at 16 connections at least {LEAST_RATE} times the relay's calls per second (1.0 is the aim)"
        report.bound(asked, f"{rates:.2f}", rates >= LEAST_RATE)


if __name__ == "__main__":
    run("radius_lookup", measure)
