"""Tables in Markdown, printed as they come, and the bounds that must hold."""

import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


class Report:
    """What one measurement found."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.broken: list[str] = []
        self._bounds: list[tuple[str, str, str]] = []

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


def measure(name: str, measurement: Measurement) -> Report:
    """Says by what and on which machine, and runs it."""
    report = Report()
    report.line(_stamp(name))
    measurement(report)
    report.close()
    return report


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
    """`python -m bench.<name>`: the status is 1 when a bound does not hold."""
    sys.exit(bool(measure(name, measurement).broken))


def store(name: str, report: Report) -> None:
    """Puts the tables between their marks in the document. Raises ValueError where it has no such marks."""
    text = DOCUMENT.read_text()
    begin, end = f"<!-- bench {name} -->\n", f"<!-- end of {name} -->\n"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{DOCUMENT} lacks {begin.strip()} or {end.strip()}")
    DOCUMENT.write_text(head + begin + "\n".join(report.lines) + "\n" + end + tail)
