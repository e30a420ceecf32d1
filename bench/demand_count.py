"""What counting a verdict costs a request: our own CPU, in the request and in the thread that writes."""

import statistics
import tempfile
from pathlib import Path
from time import process_time

from bench.demand_report import databases
from bench.report import Report, run, spread
from sandbox import PLACES
from webhook.demand.counts import MOST, Counts
from webhook.demand.seen import seen_in
from webhook.outcomes import VIAVEL, Answer
from webhook.store import Store

REQUESTS = MOST
"""Each of a conversation of its own, which is the most work."""
TURNS = 5
MOST_MS = 0.2


def measure(report: Report) -> None:
    """Both parts for one request."""
    report.table("database", "in the request, CPU ms", "written later, CPU ms")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in databases(Path(folder)):
            turns = [of_one_request(url, turn) for turn in range(report.size(TURNS, quick=2))]
            report.row(name, *(spread(figures, 4) for figures in zip(*turns, strict=True)))
            total = statistics.median(map(sum, turns))
            report.bound(f"{name}: under {MOST_MS} ms of CPU", f"{total:.3f}", total < MOST_MS)


def of_one_request(url: str, turn: int) -> tuple[float, float]:
    """Milliseconds."""
    store = Store(url)
    counts, answer, place = Counts(store), Answer(VIAVEL), PLACES["viable"].point
    started = process_time()
    for number in range(REQUESTS):
        seen = seen_in(answer, place)
        assert seen
        counts.note("isp", f"huggy:{turn}-{number}", seen)
    noted = process_time()
    counts.write()
    written = process_time()
    store.close()
    return (noted - started) * 1000 / REQUESTS, (written - noted) * 1000 / REQUESTS


if __name__ == "__main__":
    run("demand_count", measure)
