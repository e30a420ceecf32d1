"""Chats held while OZmap takes three seconds: who hears the truth when, and in how much memory."""

import asyncio
import json
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter
from urllib.request import urlopen

from bench.lattice import any_place
from bench.load import ROUTES, Answer, Caller, own_delay
from bench.processes import Webhook, free_port, settings_for, upstream, webhook
from bench.report import Report, counted, run
from webhook.net.reads import AT_ONCE

UPSTREAM_DELAY = 3.0
"""Seconds, of each call to OZmap."""
DEADLINE = 4.5
"""Seconds: REPLY_DEADLINE as it comes. Measured by the caller, from before it connects."""
PAUSE = (5.0, 6.0)
"""Seconds until a flow that was told to try later calls again."""
CALLS = 60
"""Of one chat, at most."""
LATER = "consultando"
SOON = 3
"""The call by which a chat has the true answer, where they come over two minutes."""
MOST_MIB = 350
MOST_TIME = 1.3
"""Times what OZmap alone takes for the reads."""
PROCESSES = 2

Chat = list[Answer]


@dataclass(frozen=True)
class Rush:
    """So many chats make their first call within so many seconds."""

    chats: int
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.chats} within {'a second' if self.seconds == 1 else f'{self.seconds:.0f} s'}"


AT_THE_SAME_TIME = Rush(1000, 1)
OVER_TWO_MINUTES = Rush(1000, 120)
RUSHES = (Rush(200, 1), AT_THE_SAME_TIME, OVER_TWO_MINUTES)


@dataclass(frozen=True)
class Held:
    """What came of a rush."""

    rush: Rush
    chats: list[Chat]
    seconds: float
    """From the first call until the last chat heard the truth."""
    late: float
    """Seconds that the loader itself kept its callers waiting, at most."""
    reads: int
    """That OZmap answered."""
    memory: float
    """MiB (PSS), at most."""


async def hold(port: int, mode: str, number: int, within: float) -> Chat:
    """All answers to one customer, who has a place of his own."""
    chance = random.Random(f"{mode} {number}")
    place, caller = any_place(chance), Caller(port)
    heard: Chat = []
    await asyncio.sleep(chance.uniform(0, within))
    while not heard or (heard[-1].code == LATER and len(heard) < CALLS):
        if heard:
            await asyncio.sleep(chance.uniform(*PAUSE))
        heard.append(await caller.ask(mode, place, f"c-{number}"))
    caller.close()
    return heard


async def hold_all(port: int, mode: str, rush: Rush) -> tuple[list[Chat], float, float]:
    """All chats, the seconds that they took, and the longest time that this process kept them waiting."""
    worst = [0.0]
    watch = asyncio.create_task(own_delay(worst))
    began = perf_counter()
    chats = await asyncio.gather(*(hold(port, mode, number, rush.seconds) for number in range(rush.chats)))
    took = perf_counter() - began
    watch.cancel()
    return chats, took, worst[0]


@contextmanager
def peak_of(service: Webhook) -> Iterator[list[float]]:
    """The list's one element is the most MiB that the service had in the block, looked at twice a second."""
    most, over = [0.0], Event()

    def watch() -> None:
        while not over.wait(0.5):
            most[0] = max(most[0], service.pss_mib())

    thread = Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def measure(report: Report) -> None:
    """A row for each mode and rush, each on a service that has just started."""
    report.table(
        "chats", "first calls", "answers to them", "p99 s", "slowest reply s", "of it the loader s",
        "true answer at call", "all have it after s", "reads", "memory MiB (PSS)",
    )  # fmt: skip
    for rush in report.size(RUSHES, quick=(Rush(60, 1),)):
        for mode in report.size([*ROUTES], quick=["pole"]):
            ozmap = free_port()
            with (
                upstream(ozmap, f"--delay={UPSTREAM_DELAY}"),
                webhook(settings_for(ozmap) | {"WEB_CONCURRENCY": str(PROCESSES)}) as service,
                peak_of(service) as memory,
            ):
                chats, took, late = asyncio.run(hold_all(service.port, mode, rush))
                with urlopen(f"http://127.0.0.1:{ozmap}/reads") as answer:
                    reads = json.load(answer)
            judge(report, mode, Held(rush, chats, took, late, reads, memory[0]))


def judge(report: Report, mode: str, held: Held) -> None:
    """One row, and its bounds."""
    rush = held.rush
    seconds = [answer.seconds for chat in held.chats for answer in chat]
    p99, slowest = statistics.quantiles(seconds, n=100)[-1], max(seconds)
    true_at = Counter(len(chat) if chat[-1].code == "viavel" else 0 for chat in held.chats)
    calls = ", ".join(f"{number or 'never'}: {times}" for number, times in sorted(true_at.items()))
    figures = [f"{figure:.2f}" for figure in (p99, slowest, held.late)]
    codes = counted(chat[0].code for chat in held.chats)
    took = f"{held.seconds:.0f}"
    report.row(mode, rush.name, codes, *figures, calls, took, held.reads, f"{held.memory:.0f}")

    what = f"{rush.name}, {mode} mode"
    heard = [answer.code for chat in held.chats for answer in chat]
    others = [code for code in heard if code not in {"viavel", LATER}]
    report.bound(
        f"{what}: `viavel` or `{LATER}`, and nothing else", counted(others) or "nothing else", not others
    )
    report.bound(f"{what}: every reply within {DEADLINE} s", f"{slowest:.2f} s", slowest <= DEADLINE)
    if rush is OVER_TWO_MINUTES:
        soon = sum(true_at[number] for number in range(1, SOON + 1))
        report.bound(f"{what}: the true answer by call {SOON}", f"{soon} of them", soon == rush.chats)
    if rush is AT_THE_SAME_TIME:
        alone = held.reads / (PROCESSES * AT_ONCE) * UPSTREAM_DELAY
        report.bound(
            f"{what}: all have the true answer after at most {MOST_TIME} times what OZmap alone needs",
            f"{held.seconds:.0f} s, {alone:.0f} s",
            held.seconds <= MOST_TIME * alone and not true_at[0],
        )
    report.bound(f"{what}: under {MOST_MIB} MiB", f"{held.memory:.0f}", held.memory < MOST_MIB)


if __name__ == "__main__":
    run("chats", measure)
