"""python -m webhook demand of a million verdicts of thirty days, on each kind of database."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import h3
import psycopg
from sqlalchemy import insert

from bench.report import Report, run, spread
from webhook.cli.demand import DAY, FORMATS
from webhook.store import Store
from webhook.store.demand import day_of
from webhook.store.migrate import migrate
from webhook.store.tables import demand_cells

VERDICTS = 1_000_000
DAYS = 30
CELLS = 20_000
"""Of one ISP: a region of 2,000 km2."""
TURNS = 3
MOST_S = 5.0
AT_ONCE = 10_000
POSTGRESQL = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
VERDICT = (
    ("viavel", ""), ("sem_viabilidade", "sem_poste"), ("sem_viabilidade", "sem_caixa"),
    ("sem_viabilidade", "sem_porta"), ("sem_viabilidade", "distancia"),
)  # fmt: skip


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and address of an empty store of each kind; PostgreSQL where there is a server."""
    database = f"webhook_bench_{secrets.token_hex(4)}"
    urls = {"SQLite": f"sqlite:///{folder}/webhook.db"}
    try:
        with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=2) as server:
            server.execute(f"CREATE DATABASE {database}")
        urls["PostgreSQL"] = f"{POSTGRESQL}/{database}"
    except psycopg.OperationalError:
        print(f"no PostgreSQL at {POSTGRESQL}", file=sys.stderr)
    for name, url in urls.items():
        store = Store(url)
        migrate(store)
        store.close()
        yield name, url
    if "PostgreSQL" in urls:
        with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {database} WITH (FORCE)")


def rows(verdicts: int) -> list[dict[str, object]]:
    """Verdicts around a city, as the counts of closed days."""
    chance, now = Random(1), time.time()
    home = h3.latlng_to_cell(-27.6, -48.5, 9)
    cells = sorted(h3.grid_disk(home, 82), key=lambda cell: h3.grid_distance(home, cell))[:CELLS]
    days = [day_of(now - back * DAY) for back in range(DAYS)]
    counted = Counter(
        (chance.choice(days), cells[int(chance.triangular(0, CELLS - 1, 0))], *chance.choice(VERDICT))
        for _ in range(verdicts)
    )
    return [
        {"tenant": "isp", "day": day, "cell": cell, "outcome": code, "reason": reason, "conversations": n}
        for (day, cell, code, reason), n in counted.items()
    ]


def seconds(url: str, kind: str, out: Path) -> tuple[float, float]:
    """From the command to its file, with the start of Python; and its CPU, without the database server's."""
    variables = {"DATABASE_URL": url, "OZMAP_URL": "http://127.0.0.1:1", "OZMAP_TOKEN": "bench-token"}
    command = [sys.executable, "-m", "webhook", "demand", "--format", kind, "--out", str(out)]
    environment = os.environ | variables | {"HUGGY_KEY": "bench-key-of-huggy"}
    started, used = time.monotonic(), os.times()
    subprocess.run(command, env=environment, check=True)
    after = os.times()
    cpu = after.children_user - used.children_user + after.children_system - used.children_system
    return time.monotonic() - started, cpu


def measure(report: Report) -> None:
    """Each format."""
    verdicts, turns = report.size(VERDICTS, quick=VERDICTS // 50), report.size(TURNS, quick=1)
    made = rows(verdicts)
    report.line(f"{verdicts:,} verdicts in {CELLS:,} cells and {DAYS} days: {len(made):,} rows.")
    report.table("database", "format", "seconds", "its CPU s", "kB")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in databases(Path(folder)):
            store = Store(url)
            for first in range(0, len(made), AT_ONCE):
                with store.write() as connection:
                    connection.execute(insert(demand_cells), made[first : first + AT_ONCE])
            store.close()
            slowest = 0.0
            for kind in report.size(tuple(FORMATS), quick=("html",)):
                out = Path(folder) / f"demand.{kind}"
                taken, cpu = zip(*(seconds(url, kind, out) for _ in range(turns)), strict=True)
                report.row(name, kind, spread(taken, 1), spread(cpu, 1), out.stat().st_size // 1000)
                slowest = max(slowest, *taken)
            report.bound(f"{name}: each in under {MOST_S:.0f} s", f"{slowest:.1f}", slowest < MOST_S)


if __name__ == "__main__":
    run("demand_report", measure)
