"""Loading rows of OZmap: the short way of RowSchema beside marshmallow's own, on documented records."""

import json
from pathlib import Path
from time import process_time

from bench.report import Report, run
from schemas.ozmap import BoxSchema, PoleSchema, SplitterSchema
from schemas.record import RowSchema

RECORDS = Path(__file__).parents[1] / "tests" / "fixtures" / "ozmap"
ROWS, ROUNDS = 200, 15
KINDS = {"pole": PoleSchema, "box_row": BoxSchema, "splitter": SplitterSchema}


def measure(report: Report) -> None:
    """A row per kind of record: the best of the rounds, in turns."""
    report.table("record", "marshmallow µs", "short way µs")
    for name, schema in KINDS.items():
        rows = [json.loads((RECORDS / f"{name}.json").read_text())] * ROWS
        own = schema(many=True)
        ways = (super(RowSchema, own).load, own.load)
        best = [float("inf")] * len(ways)
        for _ in range(ROUNDS):
            for number, load in enumerate(ways):
                started = process_time()
                load(rows)
                best[number] = min(best[number], (process_time() - started) / ROWS * 1e6)
        report.row(name, *(f"{micros:.1f}" for micros in best))


if __name__ == "__main__":
    run("rows", measure)
