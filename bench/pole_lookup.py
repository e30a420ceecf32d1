"""A pole lookup: OZmap reads, and our own CPU with HTTP left out, for pieces of growing size."""

import json
import statistics
from time import process_time
from typing import Any, cast

from sandbox import PLACES, Sandbox, sample_network
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from webhook.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.decode import decode
from webhook.viability.pole import by_pole

LOOKUPS = 30
CUSTOMER = PLACES["viable"].point


class Recorder(OzmapClient):
    """Asks a sandbox and keeps the answers as the bytes they came in."""

    answers: dict[str, bytes]

    def call(self, method: str, *segments: str, **options: Any) -> Any:
        answer = super().call(method, *segments, **options)
        self.answers["/".join(segments)] = json.dumps(answer).encode()
        return answer


class Player:
    """Gives recorded answers: everything that a client does after HTTP, and nothing before it."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers

    def call(self, _: str, *segments: str, **__: Any) -> Any:
        return decode(200, self._answers["/".join(segments)])


def main() -> None:
    """Prints a line for each reach, in metres of drop cable, around the place `viable`."""
    print("| piece: poles | boxes reached | OZmap reads | own CPU ms (median) |")
    print("| --- | --- | --- | --- |")
    with Sandbox(token="t", network=sample_network(5000)) as sandbox:
        for drop in (100, 200, 300, 400, 550):
            tenant = Tenant("isp", sandbox.url, "t", {}, drop_max_m=drop, reach_max_m=drop)
            recorder = Recorder(tenant, Breaker())
            recorder.answers = {}
            account = OzmapAccount(recorder)
            by_pole(Ozmap(account, Deadline(20)), CUSTOMER, tenant)  # projects and pole types
            warm = Ozmap(account, Deadline(20))
            verdict = by_pole(warm, CUSTOMER, tenant)
            player = OzmapAccount(cast(OzmapClient, Player(recorder.answers)))
            taken = []
            for _ in range(LOOKUPS):
                started = process_time()
                by_pole(Ozmap(player, Deadline(20)), CUSTOMER, tenant)
                taken.append((process_time() - started) * 1000)
            poles = json.loads(recorder.answers["poles"])["rows"]
            assert all(distance_m(Point(*row["coords"][::-1]), CUSTOMER) <= 100 + drop for row in poles)
            milliseconds = statistics.median(taken)
            print(f"| {len(poles)} | {verdict.viable_boxes} | {len(warm.calls)} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
