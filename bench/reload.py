"""Thirty seconds of load with three reloads: no request may fail, and all workers must be new ones."""

import asyncio
import random
import signal
from dataclasses import dataclass
from time import perf_counter

from bench.lattice import any_place
from bench.load import Answer, Caller
from bench.processes import Webhook, free_port, settings_for, upstream, webhook
from bench.report import Report, counted, run

RELOADS = (7.0, 15.0, 23.0)
"""Seconds from the beginning."""
AFTERWARDS = 7.0
"""Seconds of load after the last one."""
UPSTREAM_DELAY = 0.1
"""Seconds of each call to OZmap, so that a reload finds requests that are running."""


@dataclass(frozen=True)
class Kind:
    """Connections of callers of one habit. A reload finds some of each at any point of a request."""

    name: str
    connections: int
    pause: float = 0.0
    """Seconds between two calls, at most."""
    kept: bool = True
    """As long as the service keeps it; otherwise each call makes a new one."""


KINDS = (
    Kind("kept, no pause", 6),
    Kind("kept, pauses up to 1 s", 60, pause=1.0),
    Kind("kept, pauses up to 5 s", 60, pause=5.0),
    Kind("a new one for each call", 6, kept=False),
)


async def call_on(port: int, kind: Kind, number: int, until: float) -> list[Answer]:
    """All answers on one connection, or on those that follow each other in its place."""
    chance, caller, answers = random.Random(number), Caller(port), []
    while perf_counter() < until:
        answers.append(await caller.ask("radius", any_place(chance)))
        if not kind.kept:
            caller.close()
        await asyncio.sleep(chance.uniform(0, kind.pause))
    caller.close()
    return answers


async def reload(service: Webhook, moments: tuple[float, ...]) -> list[str]:
    """HUP to gunicorn's master at each of them; how many of its workers it replaced."""
    replaced, began = [], perf_counter()
    for moment in moments:
        await asyncio.sleep(began + moment - perf_counter())
        before = service.web.family()
        service.web.send(signal.SIGHUP)
        await asyncio.sleep(5)
        replaced.append(f"{len(before - service.web.family())} of {len(before) - 1}")
    return replaced


async def rush(service: Webhook, moments: tuple[float, ...]) -> tuple[dict[Kind, list[Answer]], list[str]]:
    """Answers by kind of caller, and replaced workers by reload."""
    until = perf_counter() + moments[-1] + AFTERWARDS
    reloads = asyncio.create_task(reload(service, moments))
    calls = {
        kind: asyncio.gather(*(call_on(service.port, kind, n, until) for n in range(kind.connections)))
        for kind in KINDS
    }
    heard = {kind: [answer for answers in await call for answer in answers] for kind, call in calls.items()}
    return heard, await reloads


def measure(report: Report) -> None:
    """A row per kind of connection."""
    ozmap, moments = free_port(), report.size(RELOADS, quick=(1.0,))
    with upstream(ozmap, f"--delay={UPSTREAM_DELAY}"), webhook(settings_for(ozmap)) as service:
        heard, replaced = asyncio.run(rush(service, moments))
    report.table("connections", "how many", "requests", "failed", "slowest s")
    failed = []
    for kind, answers in heard.items():
        wrong = [answer.code for answer in answers if answer.code != "viavel"]
        slowest = max(answer.seconds for answer in answers)
        report.row(kind.name, kind.connections, len(answers), counted(wrong) or 0, f"{slowest:.2f}")
        failed += wrong
    report.bound("no request failed", len(failed), not failed)
    all_of_them = replaced == ["2 of 2"] * len(moments)
    report.bound("each reload replaced both workers", ", ".join(replaced), all_of_them)


if __name__ == "__main__":
    run("reload", measure)
