"""One campaign: a sandbox that fails, a web and a worker that are killed, and customers who keep calling."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import requests

from bench.campaign import outbox
from bench.campaign.audit import ENDLESS, KINDS, Books, Finding, audit, blind_repeats
from bench.campaign.conversations import Conversation, Heard, conversation, hold
from bench.campaign.killer import Killer
from bench.campaign.plan import KEYS, Plan
from bench.processes import webhook
from sandbox import PLACES, Behaviour, Sandbox
from sandbox.ports import free_ports
from sandbox.records import point_of
from schemas.point import Point
from webhook.store import Store
from webhook.store.outbox import promised

TOGETHER = 16
"""Conversations at the same time."""
PATIENCE = 30.0
"""Seconds that a flow waits for a reply, at most: a reply takes REPLY_DEADLINE, a killed process none."""


@dataclass(frozen=True)
class Result:
    """What was found, and a table of what happened."""

    findings: list[Finding]
    rows: Mapping[str, object]


def campaign(database: str, plan: Plan) -> Result:
    """Runs it on an empty store, and audits OZmap when the outbox is quiet."""
    worst = Behaviour(duplicate_codes=True, full_box_sells=True)
    with Sandbox(behaviour=worst) as sandbox, closing(Store(database)) as store:
        talks = _customers(plan, sandbox)
        before = Books.of(sandbox.store)
        sandbox.faults.reseed(plan.seed)
        for wrong in plan.faults():
            sandbox.faults.add(**wrong)
        settings = {
            **plan.settings(),
            "OZMAP_URL": sandbox.url,
            "OZMAP_TOKEN": sandbox.token,
            "DATABASE_URL": database,
        }
        with webhook(settings, plan.through) as service:
            web, worker = service.web, service.worker
            began = time.monotonic()
            killer = Killer([web, worker], plan.seed)
            with ThreadPoolExecutor(TOGETHER) as pool:
                for _ in pool.map(partial(hold, call=partial(_call, service.port, killer)), talks):
                    web.check()
                    worker.check()
            answered = time.monotonic()
            # The worker has to deliver to an OZmap that fails too: half of what is owed by now.
            outbox.wait(store, worker.check, promised, most=outbox.ask(store, promised) // 2)
            sandbox.faults.clear()
            time.sleep(plan.late)  # the last slow calls land
            left = outbox.wait(store, worker.check, outbox.waiting)
            quiet = time.monotonic()
        findings = audit(before, Books.of(sandbox.store), talks, outbox.pending(store))
        findings += blind_repeats(sandbox.requests)
        findings += [Finding(ENDLESS, f"{left} rows of the outbox")] if left else []
    heard = Counter(one.code for talk in talks for step in talk.heard for one in step)
    return Result(
        findings,
        {
            "customers": plan.customers,
            "calls of flows": heard.total(),
            "of them without an answer": heard.pop("", 0),
            "web and worker killed": f"{web.kills} + {worker.kills}",
            "calls to OZmap": len(sandbox.requests),
            "of them gone wrong": sum(call.fault is not None for call in sandbox.requests),
            "seconds of calls": round(answered - began),
            "seconds until all is delivered": round(quiet - answered),
            **{f"replies `{code}`": times for code, times in heard.most_common()},
            "boxes full at the end": _full(sandbox),
            "clients in OZmap": len(sandbox.store["ftth-clients"]) - len(before.clients),
            "prospects in OZmap": len(sandbox.store["prospects"]),
            **{f"**{kind}**": sum(one.kind == kind for one in findings) for kind in KINDS},
        },
    )


def _customers(plan: Plan, sandbox: Sandbox) -> list[Conversation]:
    """Customers near boxes that have fewer free ports than there are customers."""
    boxes = sorted(sandbox.store["boxes"].values(), key=lambda box: str(box["id"]))
    random.Random(plan.seed).shuffle(boxes)
    crowded: list[Point] = []
    without_fibre = PLACES["no_fibre_street"].point
    ports = 0
    for box in boxes:
        point, free = point_of(box), len(free_ports(sandbox.store, box["id"], sandbox.behaviour))
        if point and free and not box["draft"] and ports < plan.customers / 3:
            crowded.append(point)
            ports += free
    return [conversation(n, plan.seed, crowded, without_fibre) for n in range(plan.customers)]


def _call(port: int, killer: Killer, talk: Conversation, action: str) -> Heard:
    form = "data" if talk.platform == "huggy" else "json"
    try:
        answer = requests.post(
            f"http://127.0.0.1:{port}/{talk.platform}/{action}",
            headers={"X-Webhook-Key": KEYS[talk.platform]},
            timeout=PATIENCE,
            **{form: talk.values},
        )
        heard = Heard(action, answer.json())
    except requests.RequestException:
        return Heard(action)
    killer.answered()
    return heard


def _full(sandbox: Sandbox) -> int:
    store = sandbox.store
    return sum(
        not box["draft"] and not free_ports(store, key, sandbox.behaviour)
        for key, box in store["boxes"].items()
    )
