"""A radius lookup beside the relay and the upstream itself: same gunicorn settings, in turns in one run."""

import statistics
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from bench.load import ROUTES, rush
from bench.processes import Service, command_of, free_port, running, settings_for, upstream, webhook
from bench.report import Report, run, spread

ROUNDS = 15
SECONDS = 1
"""Of each turn. Many short ones: each makes new connections, and it is chance which of gunicorn's processes
gets how many of them, from half each to all in one."""
CONNECTIONS = (1, 16, 64)
"""64 are more than two cores can work on: this is saturation."""
MOST_TIME, LEAST_RATE, MOST_CPU = 1.0, 1.0, 0.95
"""Of the relay's: median time at 1 connection, calls per second and own CPU a call at 16."""


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


@contextmanager
def relay_of(ozmap: int) -> Iterator[tuple[Service, int]]:
    """The relay on the service's gunicorn settings, and its port."""
    port = free_port()
    command = ["bench.relay:app" if part.startswith("flowkit.app:") else part for part in command_of("web")]
    with TemporaryDirectory() as folder:  # the relay has no store, but these settings make one
        store = {"DATABASE_URL": f"sqlite:///{folder}/relay.db"}
        with running(command, port, **settings_for(ozmap), **store) as service:
            yield service, port


def measure(report: Report) -> None:
    """A row per server and number of connections; ratios are of the same round, the middle one counts."""
    ozmap = free_port()
    with ExitStack() as running_now:
        begin = running_now.enter_context
        upstream_itself = begin(upstream(ozmap))
        ours = begin(webhook(settings_for(ozmap)))
        beside, relay = begin(relay_of(ozmap))
        servers = {
            "upstream itself": Server(upstream_itself, ozmap, "/api/v2/ftth-viability/radius", "GET"),
            "relay": Server(beside, relay, "/relay"),
            "webhook": Server(ours.web, ours.port, ROUTES["radius"]),
        }
        report.table("radius lookup", "connections", "median ms", "p99 ms", "calls/s", "own CPU ms a call")
        for connections in report.size(CONNECTIONS, quick=(16,)):
            turns: list[dict[str, tuple[float, ...]]] = []
            for number in range(report.size(ROUNDS, quick=2) + 1):
                order = list(servers)[number % 3 :] + list(servers)[: number % 3]
                turns.append({name: servers[name].turn(connections) for name in order})
            compare(report, connections, turns[1:])  # the first one warms up


def compare(report: Report, connections: int, turns: list[dict[str, tuple[float, ...]]]) -> None:
    """The rows for this number of connections."""

    def row(name: str, taken: Iterable[Iterable[float]]) -> list[float]:
        columns = list(zip(*taken, strict=True))
        middle = [statistics.median(figures) for figures in columns]
        shown = zip(columns, middle, strict=True)
        report.row(name, connections, *(spread(figures, 2 if mid < 100 else 0) for figures, mid in shown))
        return middle

    for name in ("upstream itself", "relay", "webhook"):
        row(name, (turn[name] for turn in turns))
    ratios = ([a / b for a, b in zip(turn["webhook"], turn["relay"], strict=True)] for turn in turns)
    times, _, rates, cpu = row("webhook / relay", ratios)
    if connections == 1:
        asked = f"at 1 connection a median of at most {MOST_TIME} times the relay's"
        report.bound(asked, f"{times:.2f}", times <= MOST_TIME)
    if connections == 16:
        asked = f"at 16 connections at least {LEAST_RATE} times the relay's calls per second"
        report.bound(asked, f"{rates:.2f}", rates >= LEAST_RATE)
        asked = f"at 16 connections at most {MOST_CPU} times the relay's own CPU a call"
        report.bound(asked, f"{cpu:.2f}", cpu <= MOST_CPU)


if __name__ == "__main__":
    run("radius_lookup", measure)
