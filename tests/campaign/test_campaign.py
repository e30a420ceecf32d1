"""Short runs of the fault campaign, as `make campaign` runs it: real processes, killed, on each database.

They run at the same time: most of it is waiting.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.campaign.calls import BLIND

ROOT = Path(__file__).parents[2]
RUNS = {
    "SQLite": "--customers 200 --deadline 1 --database SQLite",
    "PostgreSQL": "--customers 200 --deadline 1 --database PostgreSQL",
    # Most creates and look-ups fail, and nothing else: that is where a look-up is missed.
    "without look-up": "--customers 50 --deadline 1 --database SQLite --without-lookup"
    " --hit 0.7 --below /properties --below /prospects",
}


@pytest.fixture(scope="module")
def runs():
    """How each of RUNS ended."""

    def run(options):
        command = [sys.executable, "-m", "bench.campaign", *options.split()]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor() as at_once:
        return dict(zip(RUNS, at_once.map(run, RUNS.values()), strict=True))


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_nothing_is_lost_and_nothing_is_there_twice(runs, database):
    ended = runs[database]
    left_out = ended.stderr.partition("PostgreSQL is left out: ")[2]
    if left_out and os.environ.get("CI") != "true":
        pytest.skip(left_out.partition("\n")[0])
    assert (ended.returncode, ended.stderr) == (0, "0 findings: green\n"), ended.stdout


def test_without_the_look_before_a_create_it_goes_red(runs):
    ended = runs["without look-up"]
    assert (ended.returncode, ended.stderr[-14:]) == (1, "findings: red\n"), ended.stderr
    counted = re.search(rf"\| \*\*{BLIND}\*\* \| (\d+) \|", ended.stdout)
    assert counted
    assert int(counted[1]) > 0, ended.stderr
