"""Chats held while OZmap takes three seconds: who is answered when, with what, and in how much memory."""

import asyncio
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from bench.lattice import any_place
from bench.load import ROUTES, Answer, Caller, own_delay
from bench.processes import Webhook, free_port, settings_for, upstream, webhook
from bench.report import Report, counted, run

UPSTREAM_DELAY = 3.0
"""Seconds, of each call to OZmap."""
DEADLINE = 4.5
"""Seconds: REPLY_DEADLINE as it comes. Measured by the caller, from before it connects."""
RAMP = 1.0
"""Seconds in which all chats make their first call."""
PAUSE = (5.0, 6.0)
"""Seconds until a flow that was told to try later calls again."""
CALLS = 4
"""Of one chat, at most."""
LATER = {"consultando", "ocupado"}
MOST_MIB = 350

Chat = list[Answer]


async def hold(port: int, mode: str, number: int) -> Chat:
    """All answers to one customer, who has a place of his own."""
    chance = random.Random(f"{mode} {number}")
    place, caller = any_place(chance), Caller(port)
    heard: Chat = []
    await asyncio.sleep(chance.uniform(0, RAMP))
    while not heard or (heard[-1].code in LATER and len(heard) < CALLS):
        if heard:
            await asyncio.sleep(chance.uniform(*PAUSE))
        heard.append(await caller.ask(mode, place, f"c-{number}"))
    caller.close()
    return heard


async def hold_all(port: int, mode: str, how_many: int) -> tuple[list[Chat], float]:
    """All chats, and the longest time in seconds that this process itself kept them waiting."""
    worst = [0.0]
    watch = asyncio.create_task(own_delay(worst))
    chats = await asyncio.gather(*(hold(port, mode, number) for number in range(how_many)))
    watch.cancel()
    return chats, worst[0]


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
    """A row for each mode and number of chats, each on a service that has just started."""
    report.table(
        "chats", "in flight", "answers to the first call", "p99 s", "slowest s", "of it the loader s",
        "true answer at call", "memory MiB (PSS)",
    )  # fmt: skip
    for how_many in (200, 1000):
        for mode in ROUTES:
            ozmap = free_port()
            with (
                upstream(ozmap, f"--delay={UPSTREAM_DELAY}"),
                webhook(settings_for(ozmap)) as service,
                peak_of(service) as memory,
            ):
                chats, late = asyncio.run(hold_all(service.port, mode, how_many))
            judge(report, mode, chats, memory[0], late)


def judge(report: Report, mode: str, chats: list[Chat], memory: float, late: float) -> None:
    """One row, and its bounds."""
    firsts = [chat[0] for chat in chats]
    seconds = [answer.seconds for answer in firsts]
    p99, slowest = statistics.quantiles(seconds, n=100)[-1], max(seconds)
    true_at = Counter(len(chat) if chat[-1].code == "viavel" else 0 for chat in chats)
    calls = ", ".join(f"{number or 'never'}: {times}" for number, times in sorted(true_at.items()))
    figures = [f"{figure:.2f}" for figure in (p99, slowest, late)]
    codes = [answer.code for answer in firsts]
    report.row(mode, len(chats), counted(codes), *figures, calls, f"{memory:.0f}")

    what = f"{len(chats)} chats, {mode} mode"
    fair = {"viavel"}
    if mode == "pole":
        fair.add("consultando")
    if len(chats) > 200:
        fair |= LATER
    others = [answer.code for answer in firsts if answer.code not in fair]
    others += [answer.code for chat in chats for answer in chat[1:] if answer.code not in {"viavel", *LATER}]
    names = " or ".join(f"`{code}`" for code in sorted(fair, reverse=True))
    report.bound(f"{what}: {names}, and nothing else", counted(others) or "nothing else", not others)
    if (mode, len(chats)) == ("radius", 200):
        report.bound(f"{what}: p99 at most {DEADLINE} s", f"{p99:.2f} s", p99 <= DEADLINE)
    else:
        report.bound(f"{what}: all within {DEADLINE} s", f"{slowest:.2f} s", slowest <= DEADLINE)
    if (mode, len(chats)) == ("pole", 200):
        soon = true_at[1] + true_at[2]
        report.bound(f"{what}: the true answer on the next call", f"{soon} of them", soon == len(chats))
    report.bound(f"{what}: under {MOST_MIB} MiB", f"{memory:.0f}", memory < MOST_MIB)


if __name__ == "__main__":
    run("chats", measure)
