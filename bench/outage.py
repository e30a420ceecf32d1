"""OZmap goes down and comes back under load: no wrong "no", and right answers soon after its return.

Down is a port where nobody listens, then a server that answers 503 to all. Every place that is asked for
has a box.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

from bench.lattice import any_place
from bench.load import ROUTES, Answer, Caller
from bench.processes import free_port, settings_for, upstream, webhook
from bench.report import Report, counted, run

SECONDS = 8.0
"""Of each phase."""
UPSTREAM_DELAY = 0.05
"""Seconds of each call to OZmap."""
CONNECTIONS = 16
PAUSE = 0.2
"""Seconds between two calls of a connection, at most."""
RECOVERS_WITHIN = 5.0
"""Seconds."""
OVER = "over"


@dataclass(frozen=True)
class Phase:
    name: str
    began: float
    """On the clock of `perf_counter`."""
    returned: bool = False
    """OZmap was down before it."""


async def call_on(port: int, number: int, answers: list[Answer]) -> None:
    """Until it is cancelled: a lookup by radius, one by pole, and so on, each at another place."""
    chance, caller = random.Random(number), Caller(port)
    while True:
        for mode in ROUTES:
            answers.append(await caller.ask(mode, any_place(chance), f"c-{number}-{len(answers)}"))
            await asyncio.sleep(chance.uniform(0, PAUSE))


async def go_through(phases: Iterator[Phase], port: int, seconds: float) -> tuple[list[Phase], list[Answer]]:
    """All phases under load; each item of `phases` is a phase that has begun."""
    answers: list[Answer] = []
    # Starting and stopping processes must not keep the callers waiting.
    gone = [await asyncio.to_thread(next, phases)]
    calls = [asyncio.create_task(call_on(port, number, answers)) for number in range(CONNECTIONS)]
    while gone[-1].name != OVER:
        await asyncio.sleep(seconds)
        gone.append(await asyncio.to_thread(next, phases))
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    return gone, answers


def phases_of(ozmap: int) -> Iterator[Phase]:
    """Up, down, up, down in another way, up. It is down once it is told to stop, and up once it listens."""
    delay = f"--delay={UPSTREAM_DELAY}"
    with upstream(ozmap, delay):
        yield Phase("up", perf_counter())
        stopped = perf_counter()
    yield Phase("down: connection refused", stopped)
    with upstream(ozmap, delay):
        yield Phase("up again", perf_counter(), returned=True)
        stopped = perf_counter()
    with upstream(ozmap, "--status=503"):
        yield Phase("down: 503", stopped)
    with upstream(ozmap, delay):
        yield Phase("up once more", perf_counter(), returned=True)
        stopped = perf_counter()
    yield Phase(OVER, stopped)


def measure(report: Report) -> None:
    """A row per phase; a call belongs to the phase in which its answer came."""
    ozmap = free_port()
    with webhook(settings_for(ozmap)) as service:
        seconds = report.size(SECONDS, quick=3.0)
        phases, answers = asyncio.run(go_through(phases_of(ozmap), service.port, seconds))
    report.table("OZmap is", "answers", "first right answer after s", "all right after s")
    for phase, following in pairwise(phases):
        mine = [one for one in answers if phase.began <= one.began + one.seconds < following.began]
        first, steady = recovery(phase, mine) if phase.returned else (None, None)
        seconds = ("" if one is None else f"{one:.2f}" for one in (first, steady))
        report.row(phase.name, counted(one.code for one in mine), *seconds)
        if phase.returned:
            asked = f"{phase.name}: all answers right at most {RECOVERS_WITHIN:.0f} s after OZmap's return"
            holds = steady is not None and steady <= RECOVERS_WITHIN
            report.bound(asked, "never" if steady is None else f"{steady:.2f} s", holds)
    wrong = sum(answer.code == "sem_viabilidade" for answer in answers)
    report.bound('no wrong "no"', wrong, not wrong)


def recovery(phase: Phase, answers: list[Answer]) -> tuple[float | None, float | None]:
    """Seconds until the first right answer, and until the first one after which all are right."""
    first = steady = None
    for answer in sorted(answers, key=lambda answer: answer.began + answer.seconds):
        after = answer.began + answer.seconds - phase.began
        if answer.code != "viavel":
            steady = None
            continue
        first = after if first is None else first
        steady = after if steady is None else steady
    return first, steady


if __name__ == "__main__":
    run("outage", measure)
