"""python -m bench.hostile, which is `make hostile`: random and hostile requests, and a table of the replies.

The exit status is 1 when a reply is not as the contract says, or memory grows.
"""

import argparse
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from bench.hostile.rounds import KEYS, Tally, fire
from bench.processes import free_port, running, webhook
from sandbox.demo import SETTINGS

ROUND = 1000
"""Requests."""
SHOOTERS = 2
"""Processes that fire."""
GROWTH = 1.05
"""Memory at the end, at most, as a multiple of what it was half-way: by then caches and threads are there."""
SHOWN = 20
"""Findings that are told in full."""


def main() -> int:
    """Fires, and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    ozmap = free_port()
    with (
        running([sys.executable, "-m", "sandbox", "--port", str(ozmap)], ozmap),
        webhook(_settings(ozmap)) as service,
    ):
        total, memory = Tally(), [service.pss_mib()]
        rounds = range(max(1, options.requests // ROUND))
        with ProcessPoolExecutor(SHOOTERS) as pool:
            for tally in pool.map(partial(fire, service.port, how_many=ROUND), rounds):
                service.web.check()
                total.add(tally)
                memory.append(service.pss_mib())
                so_far = f"{len(memory) - 1} of {len(rounds)} rounds, {memory[-1]:.0f} MiB"
                print(f"{so_far}, {len(total.findings)} findings", file=sys.stderr)
    half, end = memory[len(memory) // 2], memory[-1]
    marks = {"at the start": memory[0], "after 10 %": memory[len(memory) // 10], "half-way": half}
    show(total, marks | {"at the end": end})
    for finding in total.findings[:SHOWN]:
        print(finding, file=sys.stderr)
    grown = end > half * GROWTH
    if grown:
        print(f"memory grew from {half:.1f} to {end:.1f} MiB", file=sys.stderr)
    return 1 if total.findings or grown else 0


def _settings(ozmap: int) -> dict[str, str]:
    """As `make run` has them, with keys that nothing else in a reply looks like."""
    settings = {name: value.replace(":9994", f":{ozmap}") for name, value in SETTINGS.items()}
    own = {
        "HUGGY_KEY": KEYS["huggy"],
        "FIVEHUB_KEY": KEYS["fivehub"],
        "OPERATOR_KEY": KEYS["flows"],
        "TRUSTED_PROXIES": "1",
    }
    left_out = {"DATABASE_URL", "PORT", "SIMULATOR"}
    return {name: value for name, value in settings.items() if name not in left_out} | own


def show(total: Tally, memory: Mapping[str, float]) -> None:
    """The tables."""
    statuses = sorted({status for _, status in total.statuses})
    names = [str(status) if status else "closed" for status in statuses]
    print(f"| hostile requests | all | {' | '.join(names)} |")
    print(f"| --- |{' --- |' * (len(statuses) + 1)}")
    for kind in sorted({kind for kind, _ in total.statuses}):
        row = [total.statuses[kind, status] for status in statuses]
        print(f"| {kind} | {sum(row)} | {' | '.join(map(str, row))} |")
    row = [sum(n for (_, one), n in total.statuses.items() if one == status) for status in statuses]
    print(f"| all | {sum(row)} | {' | '.join(map(str, row))} |")
    print(f"\n| outside the contract | {len(total.findings)} |\n| --- | --- |")
    print(f"| slowest reply | {total.slowest:.2f} s |")
    for when, mib in memory.items():
        print(f"| memory of all processes (PSS), {when} | {mib:.1f} MiB |")


if __name__ == "__main__":
    sys.exit(main())
