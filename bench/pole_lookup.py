"""A pole lookup: OZmap reads, and our own CPU with HTTP left out, by size of piece and of network."""

import json
import statistics
from dataclasses import dataclass
from time import process_time
from typing import Any, cast

from bench.report import Report, run
from sandbox import PLACES, Sandbox, sample_network
from sandbox.records import Record, point_of
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.decode import decode
from webhook.viability.pole import by_pole

ROUNDS = 41
CUSTOMER = PLACES["viable"].point
DROPS = (100, 200, 300, 400, 550)
"""Metres."""
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


class Player:
    """Gives recorded answers: everything that a client does after HTTP, and nothing before it."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers

    def call(self, _: str, *segments: str, **options: Any) -> Any:
        return decode(200, self._answers[_key(segments, options)])


def _key(segments: tuple[str, ...], options: dict[str, Any]) -> str:
    return f"{'/'.join(segments)} {options.get('params')}"


@dataclass(frozen=True)
class Lookup:
    """What one lookup asked OZmap and was told, to be done again without OZmap."""

    tenant: Tenant
    player: OzmapClient
    account: OzmapAccount
    """Remembers what lookups before this one have read."""
    poles: int
    boxes: int | None
    reads: int

    def own_ms(self, cold: bool) -> float:
        """CPU of this process for one lookup: the first one of a process, or a later one."""
        account = OzmapAccount(self.player) if cold else self.account
        started = process_time()
        by_pole(Ozmap(account, Deadline(20)), CUSTOMER, self.tenant)
        return (process_time() - started) * 1000


def recorded(sandbox: Sandbox, drop: int) -> Lookup:
    """A lookup at the place `viable`, where a box may be `drop` metres along the poles away."""
    tenant = Tenant("isp", sandbox.url, "t", {}, drop_max_m=drop, reach_max_m=drop)
    recorder = Recorder(tenant, Breaker())
    recorder.answers = {}
    account = OzmapAccount(recorder)
    by_pole(Ozmap(account, Deadline(20)), CUSTOMER, tenant)  # projects and pole types
    warm = Ozmap(account, Deadline(20))
    verdict = by_pole(warm, CUSTOMER, tenant)
    poles = {
        row["id"]
        for key, answer in recorder.answers.items()
        if key.startswith("poles ")
        for row in json.loads(answer)["rows"]
        if distance_m(Point(*row["coords"][::-1]), CUSTOMER) <= 100 + drop
    }
    player = cast(OzmapClient, Player(recorder.answers))
    lookup = Lookup(tenant, player, OzmapAccount(player), len(poles), verdict.viable_boxes, len(warm.calls))
    lookup.own_ms(cold=False)
    return lookup


def network_of(poles: int) -> dict[str, list[Record]]:
    """At least so many poles of the sample network; where it has twice as many, the nearest ones alone."""
    network = sample_network(poles)
    if len(network["poles"]) > 2 * poles:
        nearest = sorted(network["poles"], key=lambda pole: distance_m(point_of(pole), CUSTOMER))
        network["poles"] = nearest[:poles]
    return network


def medians(lookups: list[Lookup], cold: bool) -> list[float]:
    """Of each, over rounds in which each has its turn."""
    rounds = [[lookup.own_ms(cold) for lookup in lookups] for _ in range(ROUNDS)]
    return [statistics.median(taken) for taken in zip(*rounds, strict=True)]


def measure(report: Report) -> None:
    """A table for pieces of growing size in one network, and one for the same piece of growing networks."""
    with Sandbox(token="t", network=network_of(5_000)) as sandbox:
        pieces = [recorded(sandbox, drop) for drop in DROPS]
    report.table("piece: poles", "boxes reached", "OZmap reads", "own CPU ms, first", "own CPU ms, later")
    for piece, first, later in zip(pieces, medians(pieces, True), medians(pieces, False), strict=True):
        report.row(piece.poles, piece.boxes, piece.reads, f"{first:.1f}", f"{later:.1f}")

    sizes, lookups = [], []
    for poles in NETWORKS:
        network = network_of(poles)
        sizes.append(len(network["poles"]))
        with Sandbox(token="t", network=network) as sandbox:
            lookups.append(recorded(sandbox, 200))
    report.table("network: poles", "piece: poles", "OZmap reads", "own CPU ms, first", "own CPU ms, later")
    firsts, laters = medians(lookups, True), medians(lookups, False)
    for size, lookup, first, later in zip(sizes, lookups, firsts, laters, strict=True):
        report.row(size, lookup.poles, lookup.reads, f"{first:.1f}", f"{later:.1f}")
    for name, taken in (("first", firsts), ("later", laters)):
        growth = taken[-1] / taken[NETWORKS.index(5_000)]
        asked = f"own CPU, {name} lookup: from 5,000 to 50,000 poles within 20 %"
        report.bound(asked, f"{growth:.2f} times", 1 / MOST_GROWTH <= growth <= MOST_GROWTH)


if __name__ == "__main__":
    run("pole_lookup", measure)
