"""One run: customers who are led alone, then all at once while web processes are killed, then the audit."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.campaign.outbox import Outbox
from bench.campaign.services import NO_CONNECTION
from bench.conversations.audit import (
    KINDS,
    PENDING,
    Finding,
    Kept,
    Sold,
    audit,
    kept_in,
    was_out_of_time,
)
from bench.conversations.chatbot import Chatbot
from bench.conversations.customers import FLOWS, Customer, customers_of
from bench.processes import KEY, Service, Webhook, webhook
from sandbox import Sandbox, sample_network
from webhook.store import Store

POLES = 2000
"""Of the network, at least: a box for each customer who reserves a port."""
READS, POSTS = (0.1, 0.4), (0.8, 1.6)
"""Seconds of a call to OZmap, least and most: a kill must find some calls at work."""
REPLIES_EACH = 10
"""Replies that a customer gets at least; the kills are spread over them."""
LONGEST_PAUSE = 0.3
"""Seconds between a reply and the kill, so that it finds the other calls anywhere in their work."""


@dataclass(frozen=True)
class Plan:
    conversations: int
    kills: int
    seed: int = 1
    deadline: float = 4.5
    """Seconds in which a chatbot gets its reply."""
    thinks: float = 5.0
    """Seconds until a customer answers, in the mean."""


@dataclass(frozen=True)
class Result:
    """What was found, and a table of what happened."""

    findings: list[Finding]
    rows: Mapping[str, object]


@dataclass
class Killer:
    """SIGKILL for a web process, which gunicorn replaces, or for all of web, which is started again."""

    web: Service
    plan: Plan
    workers: int = 0
    """Times that one of gunicorn's processes was killed."""
    _answered: int = 0
    _kills: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"killer {self.plan.seed}")
        step = self.plan.conversations * REPLIES_EACH / (self.plan.kills + 1)
        self._due = [round(step * (1 + number)) for number in range(self.plan.kills)]

    def answered(self) -> None:
        """Counts a reply, and kills when there were enough."""
        self._answered += 1
        if self._due and self._answered >= self._due[0]:
            self._due.pop(0)
            self._kills.append(asyncio.create_task(self._kill(len(self._kills))))

    async def _kill(self, number: int) -> None:
        await asyncio.sleep(self._chance.uniform(0, LONGEST_PAUSE))
        if number % 2 == 0:
            await asyncio.to_thread(self.web.kill_child, self._chance)
            self.workers += 1
        else:
            await asyncio.to_thread(self.web.kill)

    async def over(self) -> int:
        """All kills that were made."""
        await asyncio.gather(*self._kills)
        return len(self._kills)


def play(database: str, plan: Plan) -> Result:
    """On an empty store."""
    with Sandbox(network=sample_network(POLES)) as sandbox, _service(sandbox, database, plan) as service:
        customers = customers_of(sandbox, plan.conversations)
        alone = {one.kind: one for one in customers[: -plan.conversations]}
        crowd = customers[-plan.conversations :]
        store = Store(database)
        outbox = Outbox([store], lambda: _check(service), soon=60)
        outbox.wait_for_workers()
        asyncio.run(_lead_alone(service, alone.values()))
        sandbox.behaviour.read_seconds, sandbox.behaviour.post_seconds = READS, POSTS
        began = time.monotonic()
        killer = Killer(service.web, plan)
        asyncio.run(_lead(service, crowd, killer))
        took = time.monotonic() - began
        left = outbox.wait(outbox.hastened)
        kept = kept_in(store)
        store.close()
        findings = list(audit(alone, crowd, kept, Sold.of(sandbox)))
    return Result(findings, _rows(crowd, killer, took, left) | _later(crowd, kept) | _counted(findings))


@contextmanager
def _service(sandbox: Sandbox, database: str, plan: Plan) -> Iterator[Webhook]:
    settings = {
        "OZMAP_URL": sandbox.url,
        "OZMAP_TOKEN": sandbox.token,
        "FIVEHUB_KEY": KEY,
        "GEOCODER": "none",
        "FLOWS_DIR": str(FLOWS),
        "WEB_CONCURRENCY": "2",
        "REPLY_DEADLINE": str(plan.deadline),
        "SETTLE_TIME": str(1.5 * plan.deadline),
        "DATABASE_URL": database,
    }
    with webhook(settings) as service:
        yield service


async def _lead_alone(service: Webhook, customers: Iterable[Customer]) -> None:
    """While OZmap answers at once: how these end must not depend on the machine."""
    for customer in customers:
        await Chatbot(service.port, customer, lambda: None, 0, doubled=False).lead()


async def _lead(service: Webhook, crowd: Sequence[Customer], killer: Killer) -> None:
    watch = asyncio.create_task(_watch(service))
    chatbots = [Chatbot(service.port, one, killer.answered, killer.plan.thinks) for one in crowd]
    await asyncio.gather(*(chatbot.lead() for chatbot in chatbots))
    await killer.over()
    watch.cancel()


async def _watch(service: Webhook) -> None:
    while True:
        await asyncio.sleep(0.5)
        await asyncio.to_thread(_check, service)


def _check(service: Webhook) -> None:
    """Starts again what found no connection left. Raises RuntimeError for what ended otherwise."""
    for one in (service.web, service.worker):
        one.check(NO_CONNECTION)


def _rows(crowd: Sequence[Customer], killer: Killer, took: float, left: int) -> dict[str, object]:
    ends = Counter(str((one.ended or {}).get("codigo", "none")) for one in crowd)
    return {
        "conversations at once": len(crowd),
        "web killed, a process of it killed": f"{killer.web.kills} + {killer.workers}",
        "seconds": round(took),
        "calls without a reply": sum(one.unanswered for one in crowd),
        "calls answered `ocupado`": sum(one.refused for one in crowd),
        "replies `esperar`": sum(one.waits for one in crowd),
        "questions asked again": sum(one.repeated for one in crowd),
        **{f"ended with `{code}`": times for code, times in ends.most_common()},
        "rows of the outbox left": left,
    }


def _later(crowd: Sequence[Customer], kept: Mapping[str, Kept]) -> dict[str, object]:
    ends = [(one, kept[one.conversation.key]) for one in crowd if one.conversation.key in kept]
    return {
        "of them told of a port that was still being reserved": sum(end.code == PENDING for _, end in ends),
        "of them told that OZmap did not answer in time": sum(was_out_of_time(*one) for one in ends),
    }


def _counted(findings: Sequence[Finding]) -> dict[str, object]:
    return {f"**{kind}**": sum(one.kind == kind for one in findings) for kind in KINDS}
