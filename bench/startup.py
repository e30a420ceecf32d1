"""From the start of the web process to the first answer: what a restart costs."""

import asyncio
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.lattice import any_place
from bench.load import Caller
from bench.processes import Service, command_of, free_port, release, settings_for, upstream
from bench.report import Report, run, spread

RUNS = 7


def first_answer(ozmap: int, database: str, log: Path) -> tuple[float, float]:
    """Seconds until it listens, and until a radius lookup is answered."""
    port = free_port()
    settings = {**settings_for(ozmap), "DATABASE_URL": database, "PORT": str(port)}
    began = perf_counter()
    web = Service(command_of("web"), settings, log)
    try:
        web.listens(port)
        listening = perf_counter() - began
        answer = asyncio.run(Caller(port).ask("radius", any_place(random.Random())))
        if answer.code != "viavel":
            raise RuntimeError(f"a first answer {answer}")
        return listening, perf_counter() - began
    finally:
        web.stop()


def measure(report: Report) -> None:
    """Two rows: the middle and the worst of RUNS, after one that warms up the disk's cache."""
    ozmap = free_port()
    with upstream(ozmap), TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/webhook.db"
        release({**settings_for(ozmap), "DATABASE_URL": database})
        times = report.size(RUNS, quick=1) + 1
        runs = [first_answer(ozmap, database, Path(folder) / "log") for _ in range(times)][1:]
    report.table("start of web", "runs", "median s", "slowest s")
    for name, seconds in zip(("it listens", "first answered lookup"), zip(*runs, strict=True), strict=True):
        report.row(name, len(seconds), spread(seconds), f"{max(seconds):.2f}")


if __name__ == "__main__":
    run("startup", measure)
