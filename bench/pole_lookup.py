"""A pole lookup: OZmap reads, and our own CPU with HTTP left out, by size of piece and of network."""

import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any, cast

from bench.report import Report, run, spread
from sandbox import PLACES, Sandbox, sample_network
from sandbox.records import Record, point_of
from schemas.point import distance_m
from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.decode import decode
from webhook.viability.network import Tiles
from webhook.viability.pole import by_pole

ROUNDS = 41
CUSTOMER = PLACES["viable"].point
DROPS = (100, 200, 300, 400, 550)
"""Metres."""
DROP = 200
NETWORKS = (500, 5_000, 20_000, 50_000)
"""Poles."""
MOST_GROWTH = 1.2
"""From a network of 5,000 poles to one of 50,000."""


class Recorder(OzmapClient):
    """Asks a sandbox and keeps the answers as the bytes they came in."""

    answers: dict[str, bytes]

    def call(self, method: str, *segments: str, **options: Any) -> Any:
        answer = super().call(method, *segments, **options)
        self.answers[_key(segments, options)] = json.dumps(answer).encode()
        return answer

    def call_large(self, *segments: str, read: Callable[[Any], Any], **options: Any) -> Any:
        answer = super().call_large(*segments, read=lambda answer: answer, **options)
        self.answers[_key(segments, options)] = json.dumps(answer).encode()
        return read(answer)


class Player:
    """Gives recorded answers: everything that a client does after HTTP, and nothing before it."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers

    def call(self, _: str, *segments: str, **options: Any) -> Any:
        return decode(200, self._answers[_key(segments, options)])

    def call_large(self, *segments: str, read: Callable[[Any], Any], **options: Any) -> Any:
        return read(self.call("GET", *segments, **options))


def _key(segments: tuple[str, ...], options: dict[str, Any]) -> str:
    return f"{'/'.join(segments)} {options.get('params')}"


class Memory:
    """What a process remembers from one lookup to the next."""

    def __init__(self, client: OzmapClient) -> None:
        self._account = OzmapAccount(client)
        self._tiles = Tiles()

    def lookup(self, tenant: Tenant) -> Ozmap:
        """Does it; the calls are in what it gives back."""
        ozmap = Ozmap(self._account, Deadline(20))
        verdict = by_pole(ozmap, CUSTOMER, tenant, self._tiles)
        assert verdict.viable
        return ozmap


@dataclass(frozen=True)
class Lookup:
    """One that was done once, and can be done again without OZmap."""

    tenant: Tenant
    player: OzmapClient
    later: Memory
    """After the first one."""
    poles: int
    reads: tuple[int, int]
    """The first time, and later."""

    def own_ms(self, first: bool) -> float:
        """CPU of this process."""
        memory = Memory(self.player) if first else self.later
        started = process_time()
        memory.lookup(self.tenant)
        return (process_time() - started) * 1000


def recorded(sandbox: Sandbox, drop: int) -> Lookup:
    """A lookup at the place `viable`, where a box may be `drop` metres along the poles away."""
    tenant = Tenant("isp", sandbox.url, "t", {}, drop_max_m=drop, reach_max_m=drop)
    recorder = Recorder(tenant, Breaker())
    recorder.answers = {}
    memory = Memory(recorder)
    reads = len(memory.lookup(tenant).calls), len(memory.lookup(tenant).calls)
    poles = sum(
        len(json.loads(answer)["rows"])
        for key, answer in recorder.answers.items()
        if key.startswith("poles ")
    )
    player = cast(OzmapClient, Player(recorder.answers))
    later = Memory(player)
    later.lookup(tenant)
    return Lookup(tenant, player, later, poles, reads)


def network_of(poles: int) -> dict[str, list[Record]]:
    """At least so many poles of the sample network; where it has twice as many, the nearest ones alone."""
    network = sample_network(poles)
    if len(network["poles"]) > 2 * poles:
        nearest = sorted(network["poles"], key=lambda pole: distance_m(point_of(pole), CUSTOMER))
        network["poles"] = nearest[:poles]
    return network


def table(
    report: Report, heads: tuple[str, str], lookups: dict[tuple[int, int], Lookup]
) -> list[list[float]]:
    """Medians of own CPU in ms, of first and of later lookups, over rounds in which each has its turn."""
    number = report.size(ROUNDS, quick=5)
    report.table(*heads, "OZmap reads, first", "later", "own CPU ms, first", "later")
    taken: list[list[tuple[float, ...]]] = []
    for first in (True, False):
        rounds = [[lookup.own_ms(first) for lookup in lookups.values()] for _ in range(number)]
        taken.append(list(zip(*rounds, strict=True)))
    for cells, lookup, *both in zip(lookups, lookups.values(), *taken, strict=True):
        report.row(*cells, *lookup.reads, *(spread(ms, 1) for ms in both))
    return [[statistics.median(ms) for ms in figures] for figures in taken]


def measure(report: Report) -> None:
    """A table for pieces of growing size in one network, and one for the same piece of growing networks."""
    with Sandbox(token="t", network=network_of(5_000)) as sandbox:
        pieces = [(drop, recorded(sandbox, drop)) for drop in DROPS]
    table(report, ("longest drop m", "poles read"), {(drop, one.poles): one for drop, one in pieces})

    sizes = {}
    for poles in report.size(NETWORKS, quick=NETWORKS[:2]):
        network = network_of(poles)
        with Sandbox(token="t", network=network) as sandbox:
            lookup = recorded(sandbox, DROP)
        sizes[len(network["poles"]), lookup.poles] = lookup
    firsts, laters = table(report, ("network: poles", "poles read"), sizes)
    if report.quick:
        return
    for name, taken in (("first", firsts), ("later", laters)):
        growth = taken[-1] / taken[NETWORKS.index(5_000)]
        asked = f"own CPU, {name} lookup: from 5,000 to 50,000 poles within 20 %"
        report.bound(asked, f"{growth:.2f} times", 1 / MOST_GROWTH <= growth <= MOST_GROWTH)


if __name__ == "__main__":
    run("pole_lookup", measure)
