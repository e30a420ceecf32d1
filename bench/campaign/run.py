"""One campaign: a sandbox that fails, webs and workers that are killed, and customers who keep calling."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bench.campaign.audit import ENDLESS, KINDS, Outside, audit
from bench.campaign.books import Books, Finding
from bench.campaign.calls import Creates
from bench.campaign.conversations import (
    CERTAIN,
    Conversation,
    Heard,
    Taken,
    ask_at_last,
    conversation,
    hold,
)
from bench.campaign.foreign import Imitator, fill, refused_codes
from bench.campaign.habits import Habits
from bench.campaign.killer import Killer
from bench.campaign.outbox import Outbox
from bench.campaign.places import Places, places_of
from bench.campaign.plan import Plan
from bench.campaign.services import Services, services
from sandbox import Sandbox, sample_network
from sandbox.ports import free_ports
from webhook.store import Store

POLES = 2000
"""Of the network, at least: room for the customers who need a fourth box beside those who crowd."""
TOGETHER = 24
"""Conversations at the same time."""


@dataclass(frozen=True)
class Result:
    """What was found, and a table of what happened."""

    findings: list[Finding]
    rows: Mapping[str, object]


@dataclass(frozen=True)
class Scene:
    """An OZmap with the records of others in it, and the customers who will come."""

    sandbox: Sandbox
    places: Places
    talks: list[Conversation]
    before: Books


def campaign(databases: Sequence[str], plan: Plan) -> Result:
    """Runs it on empty stores, one for each installation, and audits OZmap when the outboxes are quiet."""
    with _scene(plan) as scene, services(plan, scene.sandbox, databases) as running:
        stores = [Store(url) for url in databases]
        outbox = Outbox(stores, running.check, plan.soon)
        outbox.wait_for_workers()
        times = [time.monotonic()]
        habits = _talk(scene, running, plan)
        times.append(time.monotonic())
        # The workers have to deliver to an OZmap that fails too: half of what is owed by now.
        outbox.wait(outbox.promised, most=outbox.promised() // 2, within=plan.failing)
        scene.sandbox.faults.clear()
        habits.as_usual()
        time.sleep(plan.late)  # the last slow calls land
        left = outbox.wait(outbox.hastened)
        times.append(time.monotonic())
        _each(scene.talks, partial(ask_at_last, call=running.call), running.check)
        given_up = outbox.given_up()
        for store in stores:
            store.close()
    findings = _findings(scene, given_up)
    findings += [Finding(ENDLESS, f"{left} rows of the outbox")] if left else []
    return Result(findings, _rows(scene, running, habits, times) | _counted(findings))


@contextmanager
def _scene(plan: Plan) -> Iterator[Scene]:
    with Sandbox(network=sample_network(POLES)) as sandbox:
        places = places_of(sandbox, plan.seed, plan.customers, CERTAIN * plan.customers)
        talks = [conversation(number, plan.seed, places) for number in range(plan.customers)]
        fill(sandbox, talks)
        yield Scene(sandbox, places, talks, Books.of(sandbox.store))


def _talk(scene: Scene, running: Services, plan: Plan) -> Habits:
    """All conversations, while OZmap fails and changes its habits and processes are killed."""
    sandbox = scene.sandbox
    habits = Habits(sandbox.behaviour, scene.places, refused_codes(scene.talks), plan.deadline, plan.seed)
    imitator = Imitator(sandbox, scene.before, plan.seed)
    killer = Killer([*running.webs, *running.workers], plan.seed)
    sandbox.faults.reseed(plan.seed)
    for wrong in plan.faults():
        sandbox.faults.add(**wrong)

    def call(talk: Conversation, action: str) -> Heard:
        heard = running.call(talk, action)
        if heard.code:
            imitator.answered(heard)
            habits.answered()
            killer.answered()
        return heard

    _each(scene.talks, partial(hold, call=call), running.check)
    return habits


def _each(
    talks: Iterable[Conversation], do: Callable[[Conversation], None], check: Callable[[], None]
) -> None:
    with ThreadPoolExecutor(TOGETHER) as pool:
        for _ in pool.map(do, talks):
            check()


def _findings(scene: Scene, given_up: Mapping[str, set[str]]) -> list[Finding]:
    after = Books.of(scene.sandbox.store)
    creates = Creates(scene.sandbox.requests, scene.before.clients | after.clients)
    outside = Outside(given_up, creates.refused_boxes(), frozenset(scene.places.refusing))
    found = audit(scene.before, after, scene.talks, outside)
    return [*found, *creates.blind_repeats(), *creates.too_many()]


def _rows(scene: Scene, running: Services, habits: Habits, times: list[float]) -> dict[str, object]:
    calls = scene.sandbox.requests
    heard = Counter(one.code for talk in scene.talks for step in talk.heard for one in step)
    at_last = Counter(talk.at_last.code for talk in scene.talks if talk.at_last)
    began, answered, quiet = times
    after = Books.of(scene.sandbox.store)
    return {
        "customers": len(scene.talks),
        "of them with a code that somebody has": sum(talk.taken is not Taken.NO for talk in scene.talks),
        "of them for a fourth box": sum(talk.certain for talk in scene.talks),
        "clients of others": len(scene.before.clients),
        "calls of flows": heard.total(),
        "of them without an answer": heard.pop("", 0),
        "web and worker killed": f"{sum(one.kills for one in running.webs)} + "
        f"{sum(one.kills for one in running.workers)}",
        "ended without a connection to the store, and started again": sum(
            one.restarts for one in (*running.webs, *running.workers)
        ),
        "habits of OZmap, one after the other": habits.changes,
        "calls to OZmap": len(calls),
        "of them gone wrong": sum(call.fault is not None for call in calls),
        "creates refused": sum(call.method == "POST" and 400 <= (call.status or 0) < 500 for call in calls),
        "seconds of calls": round(answered - began),
        "seconds until all is delivered": round(quiet - answered),
        **{f"replies `{code}`": times for code, times in heard.most_common()},
        **{f"at last `{code}`": times for code, times in at_last.most_common()},
        "boxes full at the end": _full(scene.sandbox),
        "clients in OZmap": len(after.clients) - len(scene.before.clients),
        "prospects in OZmap": len(after.prospects) - len(scene.before.prospects),
    }


def _counted(findings: list[Finding]) -> dict[str, object]:
    return {f"**{kind}**": sum(one.kind == kind for one in findings) for kind in KINDS}


def _full(sandbox: Sandbox) -> int:
    store = sandbox.store
    return sum(
        not box["draft"] and not free_ports(store, key, sandbox.behaviour)
        for key, box in store["boxes"].items()
    )
