"""A hundred thousand random and hostile requests, over sockets, and what every answer to them must be."""

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from bench.hostile.beside import LARGE_AT_ONCE, Beside, prepare
from bench.hostile.contract import defects
from bench.hostile.rounds import KEYS, Tally, fire
from bench.processes import free_port, running, webhook
from bench.report import Report, counted
from sandbox.demo import SETTINGS

ROUNDS = 100
ROUND = 1000
"""Requests."""
SHOOTERS = 2
"""Processes that fire."""
GROWTH = 1.05
"""Memory at the end, at most, as a multiple of what it was half-way: by then caches and threads are there."""
MOST_MIB = 350
DEADLINE = 4.5
"""Seconds until a reply, or the end of the connection: REPLY_DEADLINE as it comes."""
MOST_SILENCE = 1.0
"""Seconds until /healthz answers."""
SHOWN = 20
"""Findings that are told in full."""


def measure(report: Report) -> None:
    """What became of them, by kind, and the memory of the service meanwhile."""
    rounds = report.size(ROUNDS, quick=2)
    ozmap = free_port()
    with (
        running([sys.executable, "-m", "sandbox", "--port", str(ozmap)], ozmap),
        webhook(_settings(ozmap)) as service,
    ):
        prepare(SETTINGS["OZMAP_URL"].replace(":9994", f":{ozmap}"))
        total, memory = Tally(), [service.pss_mib()]
        with ProcessPoolExecutor(SHOOTERS) as pool, Beside(service) as beside:
            for tally in pool.map(partial(fire, service.port, how_many=ROUND), range(rounds)):
                service.web.check()
                total.add(tally)
                if len(memory) == rounds // 2:
                    beside.end_large()
                memory.append(service.pss_mib())
        total.add(beside.tally)
        total.findings += [*defects(service.web.printed()), *defects(service.worker.printed())]
    _tell(report, total)
    _tell_beside(report, beside)
    if not report.quick:
        _tell_memory(report, memory)
    report.bound("nothing outside the contract", len(total.findings), not total.findings)
    for finding in total.findings[:SHOWN]:
        print(finding, file=sys.stderr)


def _tell_beside(report: Report, beside: Beside) -> None:
    report.line("")
    report.line(f"{LARGE_AT_ONCE} answers of 7 MB at a time: {counted(beside.codes)}.")
    silence = f"{beside.silence:.2f} s"
    report.bound(f"/healthz within {MOST_SILENCE:.0f} s all the time", silence, beside.silence < MOST_SILENCE)
    report.bound(
        f"memory under {MOST_MIB} MiB all the time", f"{beside.most_mib:.0f}", beside.most_mib < MOST_MIB
    )


def _tell_memory(report: Report, memory: list[float]) -> None:
    half, end = memory[ROUNDS // 2], memory[-1]
    report.table("memory of all processes, MiB (PSS)", "at the start", "after 10 %", "half-way", "at the end")
    report.row("", *(f"{mib:.0f}" for mib in (memory[0], memory[ROUNDS // 10], half, end)))
    grown = f"{end / half:.2f} times"
    report.bound(f"memory at the end at most {GROWTH} times that half-way", grown, end <= half * GROWTH)


def _settings(ozmap: int) -> dict[str, str]:
    """As `make run` has them, with keys that nothing else in a reply looks like."""
    settings = {name: value.replace(":9994", f":{ozmap}") for name, value in SETTINGS.items()}
    own = {
        "HUGGY_KEY": KEYS["huggy"],
        "FIVEHUB_KEY": KEYS["fivehub"],
        "TYPEBOT_KEY": KEYS["typebot"],
        "OPERATOR_KEY": KEYS["flows"],
        "TRUSTED_PROXIES": "1",
    }
    left_out = {"DATABASE_URL", "PORT", "SIMULATOR"}
    return {name: value for name, value in settings.items() if name not in left_out} | own


def _tell(report: Report, total: Tally) -> None:
    statuses = sorted({status for _, status in total.statuses})
    report.table("hostile requests", "all", *(status or "closed" for status in statuses))
    for kind in sorted({kind for kind, _ in total.statuses}):
        counts = [total.statuses[kind, status] for status in statuses]
        report.row(kind, sum(counts), *counts)
    counts = [sum(n for (_, one), n in total.statuses.items() if one == status) for status in statuses]
    report.row("all", sum(counts), *counts)
    report.bound(f"each reply within {DEADLINE} s", f"{total.slowest:.2f} s", total.slowest <= DEADLINE)
