"""Short runs of the fault campaign, as `make campaign` runs it: real processes, killed, on each database.

They run at the same time: most of it is waiting.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.campaign.audit import BLIND
from bench.campaign.databases import Unreachable, postgresql

ROOT = Path(__file__).parents[2]
SHORT = ["--deadline", "1"]
RUNS = {
    "SQLite": [*SHORT, "--customers", "200", "--database", "SQLite"],
    "PostgreSQL": [*SHORT, "--customers", "200", "--database", "PostgreSQL"],
    "without look-up": [
        *SHORT,
        "--customers",
        "60",
        "--database",
        "SQLite",
        "--hit",
        "0.5",
        "--without-lookup",
    ],
}


def has_postgresql():
    try:
        with postgresql():
            return True
    except Unreachable:
        return os.environ.get("CI") == "true"  # there it must be


@pytest.fixture(scope="module")
def runs():
    """What each of RUNS ended with."""
    wanted = [name for name in RUNS if name != "PostgreSQL" or has_postgresql()]

    def run(name):
        command = [sys.executable, "-m", "bench.campaign", *RUNS[name]]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor() as at_once:
        return dict(zip(wanted, at_once.map(run, wanted), strict=True))


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_nothing_is_lost_and_nothing_is_there_twice(runs, database):
    if database not in runs:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    ended = runs[database]
    assert (ended.returncode, ended.stderr) == (0, "0 findings: green\n"), ended.stdout


def test_without_the_look_before_a_create_it_goes_red(runs):
    ended = runs["without look-up"]
    assert ended.returncode == 1
    assert f"{BLIND}: /prop" in ended.stderr
    assert ended.stderr.endswith("findings: red\n")
