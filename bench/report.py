"""Tables in Markdown, printed as they come, and the bounds that must hold."""

import argparse
import os
import platform
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

Size = TypeVar("Size")
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


class Report:
    """What one measurement found.

    A quick one has fewer turns and smaller sizes: for a person who has changed something and waits for it.
    """

    def __init__(self, quick: bool = False) -> None:
        self.quick = quick
        self.lines: list[str] = []
        self.broken: list[str] = []
        self._bounds: list[tuple[str, str, str]] = []

    def size(self, whole: Size, *, quick: Size) -> Size:
        """How often, how long or how much to measure."""
        return quick if self.quick else whole

    def table(self, *heads: str) -> None:
        """Begins a table; `row` goes on with it."""
        if self.lines:
            self.line("")
        self.row(*heads)
        self.row(*["---"] * len(heads))

    def row(self, *cells: object) -> None:
        self.line(f"| {' | '.join(map(str, cells))} |")

    def bound(self, asked: str, measured: object, holds: bool) -> None:
        """Something that must be so; told in a table of its own, by `close`."""
        self._bounds.append((asked, str(measured), "yes" if holds else "**no**"))
        if not holds:
            self.broken.append(f"{asked}: {measured}")

    def close(self) -> None:
        if self._bounds:
            self.table("asked", "measured", "holds")
            for bound in self._bounds:
                self.row(*bound)

    def line(self, line: str) -> None:
        print(line, flush=True)
        self.lines.append(line)


Measurement = Callable[[Report], None]


def measure(name: str, measurement: Measurement, quick: bool = False) -> Report:
    """Says by what and on which machine, and runs it."""
    report = Report(quick)
    report.line(_stamp(f"{name} --quick" if quick else name))
    measurement(report)
    report.close()
    return report


def spread(figures: Iterable[float], digits: int = 2) -> str:
    """The median of the turns' figures and, where there are several, the bounds of their middle half."""
    taken = list(figures)
    middle = f"{statistics.median(taken):.{digits}f}"
    if len(taken) == 1:
        return middle
    low, _, high = statistics.quantiles(taken, n=4, method="inclusive")
    return f"{middle} ({low:.{digits}f} to {high:.{digits}f})"


def counted(codes: Iterable[str]) -> str:
    """How often there is each of them, the most frequent one first."""
    return ", ".join(f"{times} `{code}`" for code, times in Counter(codes).most_common())


def _stamp(name: str) -> str:
    about = Path("/proc/cpuinfo").read_text()
    model = about.partition("model name\t: ")[2].partition("\n")[0] or platform.machine()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"`python -m bench {name}`, {now}, {os.cpu_count()} cores ({model}), CPython"
        f" {platform.python_version()}, load before it {os.getloadavg()[0]:.1f}"
    )


def run(name: str, measurement: Measurement) -> None:
    """`python -m bench.NAME [--quick]`, which stores nothing: the status is 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    quick_option(parser)
    sys.exit(bool(measure(name, measurement, parser.parse_args().quick).broken))


def quick_option(parser: argparse.ArgumentParser) -> None:
    """The same for one measurement and for all of them."""
    parser.add_argument("--quick", action="store_true", help="fewer turns and smaller sizes; stores nothing")


def store(name: str, report: Report) -> None:
    """Puts the tables between their marks in the document. Raises ValueError where it has no such marks."""
    text = DOCUMENT.read_text()
    begin, end = f"<!-- bench {name} -->\n", f"<!-- end of {name} -->\n"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{DOCUMENT} lacks {begin.strip()} or {end.strip()}")
    DOCUMENT.write_text(head + begin + "\n".join(report.lines) + "\n" + end + tail)
