"""A round of requests, fired from a process of its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from bench.hostile.contract import Contract
from bench.hostile.shots import Shooter
from bench.hostile.wire import Reply, Shot, Wire

KEYS = {"huggy": "key-of-huggy-flows", "fivehub": "key-of-5hub-flows", "flows": "key-of-the-operator"}
"""First part of a path to the key that opens it."""
FROM_THE_DOCUMENT = 5
"""One request of so many is made by schemathesis."""
SHOWN = 1500
"""Characters of a request in a finding."""


@dataclass
class Tally:
    """What became of requests: by kind and status (0: no reply), and what was wrong."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds."""

    def add(self, other: "Tally") -> None:
        """Takes another's figures over."""
        self.statuses += other.statuses
        self.findings += other.findings
        self.slowest = max(self.slowest, other.slowest)

    def note(self, shot: Shot, reply: Reply | None, seconds: float, finding: str) -> None:
        """One more request."""
        self.statuses[shot.kind, reply.status if reply else 0] += 1
        self.slowest = max(self.slowest, seconds)
        if finding:
            body = reply.body[:SHOWN] if reply else b""
            self.findings.append(f"{finding}\n  {shot.octets()[:SHOWN]!r}\n  {body!r}")


@cache
def _described(port: int) -> tuple[Mapping[str, Any], Any]:
    """The service's document, and schemathesis's requests: as it says, and not as it says."""
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    operations = [one.ok() for one in schema.get_all_operations()]
    return schema.raw_schema, st.one_of(
        [one.as_strategy(mode) for mode in GenerationMode for one in operations]
    )


def fire(port: int, number: int, how_many: int) -> Tally:
    """Round `number`: the same requests each time, but for the tokens of pages."""
    document, cases = _described(port)
    contract, tally = Contract(document, tuple(KEYS.values())), Tally()
    generated = how_many // FROM_THE_DOCUMENT
    _fire_generated(cases, contract, tally, number, generated)
    shooter = Shooter(f"round {number}", document, KEYS, _pages(port, number))
    wire = Wire(port)
    for _ in range(how_many - generated):
        shot = shooter.shot()
        began = perf_counter()
        try:
            reply = wire.ask(shot)
        except TimeoutError:
            tally.note(shot, None, perf_counter() - began, "no end")
            continue
        tally.note(shot, reply, perf_counter() - began, contract.finding(shot, reply))
    wire.close()
    return tally


def _pages(port: int, number: int) -> list[str]:
    """Paths of location pages, made for this round."""
    links = [
        requests.post(
            f"http://127.0.0.1:{port}/huggy/findme",
            json={"conversa_id": f"round-{number}-{n}"},
            headers={"X-Webhook-Key": KEYS["huggy"]},
            timeout=20,
        ).json()["link"]
        for n in range(3)
    ]
    return [f"/l/{link.rpartition('/')[2]}" for link in links]


def _fire_generated(cases: Any, contract: Contract, tally: Tally, number: int, how_many: int) -> None:
    session = requests.Session()

    @seed(number)
    @settings(
        max_examples=how_many,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def one(case: Any) -> None:
        key = KEYS.get(case.path.split("/")[1], "")
        answer = case.call(session=session, headers={"X-Webhook-Key": key})
        sent = answer.request
        kind = f"schemathesis, {case.meta.generation.mode.value}"
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body
        shot = Shot(kind, sent.method, sent.path_url.encode(), body=body)
        headers = {name: values[0] for name, values in answer.headers.items()}
        reply = Reply(answer.status_code, headers, answer.content)
        tally.note(shot, reply, answer.elapsed, contract.finding(shot, reply))

    one()
    session.close()
