"""python -m bench.hostile: prints the tables, and stores nothing."""

from bench.hostile import measure
from bench.report import run

run("hostile", measure)
