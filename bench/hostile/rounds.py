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
from bench.hostile.shots import Pages, Shooter
from bench.hostile.wire import Reply, Shot, Wire

KEYS = {
    "huggy": "key-of-huggy-flows",
    "fivehub": "key-of-5hub-flows",
    "typebot": "key-of-typebot-bots",
    "flows": "key-of-the-operator",
}
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

    def fire(self, shot: Shot, wire: Wire, contract: Contract) -> Reply | None:
        """One more request, and its reply if there is one."""
        began = perf_counter()
        reply = wire.ask(shot)
        self.note(shot, reply, perf_counter() - began, contract.finding(shot, reply))
        return reply

    def note(self, shot: Shot, reply: Reply | None, seconds: float, finding: str) -> None:
        """One more request that is over."""
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
    shooter, wire = Shooter(f"round {number}", document, KEYS, pages_of(port, f"round-{number}")), Wire(port)
    for _ in range(how_many - generated):
        tally.fire(shooter.shot(), wire, contract)
    wire.close()
    return tally


def pages_of(port: int, name: str) -> Pages:
    """Location pages, made for those who have this name."""
    links = [_link(port, f"{name}-{number}") for number in range(5)]
    flooded, untouched, *asked = [f"/l/{link.rpartition('/')[2]}" for link in links]
    return Pages(asked, flooded, untouched)


def _link(port: int, conversation: str) -> str:
    """Asks again where the service is `ocupado`, with the large answers for instance."""
    url, headers = f"http://127.0.0.1:{port}/huggy/findme", {"X-Webhook-Key": KEYS["huggy"]}
    while True:
        asked = requests.post(url, json={"conversa_id": conversation}, headers=headers, timeout=20).json()
        if asked["codigo"] != "ocupado":
            link: str = asked["link"]
            return link


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
