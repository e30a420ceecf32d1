"""Sales while OZmap takes seconds to draw a drop: who hears `reservado` at once, and who by asking again.

A POST with a box took 2.2 to 3.7 s in a public log of a real OZmap of 2023; a reply has 4.5 s.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import requests

from bench.load import Answer, Caller
from bench.processes import Webhook, free_port, running, settings_for, webhook
from bench.report import Report, counted, run, spread
from sandbox import PLACES, Behaviour, sample_network
from sandbox.ports import free_ports
from sandbox.records import point_of
from sandbox.store import Store
from schemas.point import Point, distance_m
from webhook.outcomes import LATER

READS, POSTS = (0.1, 0.3), (2.2, 3.7)
"""Seconds of a call to OZmap, least and most; all between are equally likely."""
PLATFORMS = {"radius": "fivehub", "pole": "huggy"}
ROUNDS = {1: 20, 20: 3, 50: 2}
"""Sales at a time: how often so many begin together."""
BOXES, PORTS = 50, 4
"""Places of sales, and ports that are free at each: no sale has to wait for another's port."""
PAUSE = 1.0
"""Seconds between two calls of a flow."""
KNOWN_WITHIN = 6.0
"""Seconds from the beginning of `reserva` until `consulta` says that the port is reserved."""
PATIENCE = 20.0
"""Seconds until a flow no longer asks."""
LEAST_AT_ONCE = 0.9
WARM_UP = 8
"""Lookups at each place: each web process gets at least one of them, but for one place in 2 ** 7."""


@dataclass(frozen=True)
class Sale:
    """What one customer heard."""

    first: str
    last: str
    seconds: float
    """From the beginning of the first call to the last answer."""

    @property
    def at_once(self) -> bool:
        return self.first == "reservado"

    @property
    def soon(self) -> bool:
        """Whether a `consulta`, or a repeated `reserva`, said in time that the port is reserved."""
        known = self.last in {"reserva_encontrada", "reservado", "ja_reservado"}
        return known and not self.at_once and self.seconds <= KNOWN_WITHIN


@contextmanager
def slow_ozmap() -> Iterator[tuple[Webhook, str]]:
    """The service and the address of its OZmap, which is slow once `slow_down` was called."""
    port = free_port()
    settings = settings_for(port)
    sandbox = [sys.executable, "-m", "sandbox", "--port", str(port)]
    with running(sandbox, port, OZMAP_TOKEN=settings["OZMAP_TOKEN"]), webhook(settings) as service:
        yield service, settings["OZMAP_URL"]


def slow_down(ozmap: str) -> None:
    """From now on."""
    times = {"read_seconds": READS, "post_seconds": POSTS}
    requests.patch(f"{ozmap}/behaviour", json=times, timeout=5).raise_for_status()


def places() -> list[Point]:
    """Boxes of the sandbox's network with free ports, those nearest to one another."""
    store, known = Store(sample_network()), Behaviour()
    open_boxes = [
        point
        for box in store["boxes"].values()
        if (point := point_of(box))
        and box["implanted"]
        and not box["draft"]
        and len(free_ports(store, box["id"], known)) >= PORTS
    ]
    middle = PLACES["viable"].point
    return sorted(open_boxes, key=lambda point: distance_m(middle, point))[:BOXES]


def customer(place: Point, number: int) -> dict[str, Any]:
    """What a flow sends of the `number`-th customer."""
    return {
        "conversa_id": f"c-{number}",
        "nome": f"Cliente {number}",
        "telefone": f"48 9{9_000_0000 + number}",
        "latitude": place.lat,
        "longitude": place.lng,
    }


async def warm_up(port: int, mode: str, where: list[Point]) -> None:
    """Raises RuntimeError where a place has no box that is free."""
    for place in where:
        values = customer(place, 0)
        answers = await asyncio.gather(
            *(_ask_once(port, mode, "viabilidade", values) for _ in range(WARM_UP))
        )
        if wrong := {answer.code for answer in answers} - {"viavel"}:
            raise RuntimeError(f"{place}: {wrong}")


async def _ask_once(port: int, mode: str, action: str, values: Mapping[str, Any]) -> Answer:
    """On a connection of its own, which any web process may accept."""
    caller = Caller(port)
    answer = await caller.post(f"/{PLATFORMS[mode]}/{action}", values)
    caller.close()
    return answer


async def sell(port: int, mode: str, values: Mapping[str, Any]) -> Sale:
    """After a lookup `reserva`, until it can be taken on; then `consulta` each second while it is pending."""
    await _ask_once(port, mode, "viabilidade", values)
    await asyncio.sleep(PAUSE)
    began = perf_counter()
    action = "reserva"
    answer = await _ask_once(port, mode, action, values)
    first = answer.code
    while answer.code in {"reserva_pendente", *LATER} and perf_counter() - began < PATIENCE:
        if answer.code == "reserva_pendente":
            action = "reserva/consulta"
        await asyncio.sleep(PAUSE)
        answer = await _ask_once(port, mode, action, values)
    return Sale(first, answer.code, answer.began + answer.seconds - began)


async def sell_together(port: int, mode: str, customers: list[dict[str, Any]], together: int) -> list[Sale]:
    """Each batch begins when all of the one before have ended."""
    sales: list[Sale] = []
    for start in range(0, len(customers), together):
        batch = customers[start : start + together]
        sales += await asyncio.gather(*(sell(port, mode, values) for values in batch))
    return sales


def measure(report: Report) -> None:
    """A row for each mode and number of sales at a time."""
    report.table(
        "sales", "at a time", "first answers", "by consulta in time", "later, or others",
        "s until reserved", "slowest", "OZmap calls a sale", "POSTs a sale",
    )  # fmt: skip
    batches = report.size(ROUNDS, quick={20: 1})
    where = places()[: sum(together * rounds for together, rounds in batches.items())]
    for mode in report.size([*PLATFORMS], quick=["pole"]):
        with slow_ozmap() as (service, ozmap):
            asyncio.run(warm_up(service.port, mode, where))
            slow_down(ozmap)
            sold = 0
            for together, rounds in batches.items():
                numbers = range(sold, sold := sold + together * rounds)
                customers = [customer(where[number % len(where)], number) for number in numbers]
                requests.delete(f"{ozmap}/requests", timeout=5)
                sales = asyncio.run(sell_together(service.port, mode, customers, together))
                calls = requests.get(f"{ozmap}/requests", timeout=30).json()
                judge(report, mode, together, sales, calls)


def judge(
    report: Report, mode: str, together: int, sales: list[Sale], calls: list[Mapping[str, Any]]
) -> None:
    """One row, and its bounds."""
    at_once, soon = sum(sale.at_once for sale in sales), sum(sale.soon for sale in sales)
    others = counted(sale.last for sale in sales if not (sale.at_once or sale.soon))
    posts = sum(call["method"] == "POST" for call in calls)
    seconds = [sale.seconds for sale in sales]
    firsts = counted(sale.first for sale in sales)
    report.row(
        mode, together, firsts, soon, others, spread(seconds, 1), f"{max(seconds):.1f}",
        f"{len(calls) / len(sales):.1f}", f"{posts / len(sales):.2f}",
    )  # fmt: skip
    what = f"{together} at a time, {mode} mode"
    share, least = at_once / len(sales), LEAST_AT_ONCE
    report.bound(f"{what}: at least {least:.0%} `reservado` at once", f"{share:.0%}", share >= least)
    asked = f"{what}: all others reserved by `consulta` within {KNOWN_WITHIN:.0f} s"
    report.bound(asked, others or "all", not others)


if __name__ == "__main__":
    run("sales", measure)
