"""python -m bench [NAME ...], which is `make bench`: measurements, with their tables in docs/performance.md.

The exit status is 1 when a bound does not hold. With --quick (`make bench QUICK=1`) all take about
two minutes and nothing is stored. `python -m bench.NAME` prints one and stores nothing.
"""

import argparse
import sys
from importlib import import_module
from time import monotonic

from bench.report import measure, quick_option, store

MEASUREMENTS = (
    "radius_lookup",
    "chats",
    "pole_lookup",
    "sales",
    "conversation",
    "startup",
    "reload",
    "outage",
    "location_text",
    "demand_count",
    "demand_report",
    "hostile",
    "half_open",
)


def main() -> int:
    """Runs them one after the other; each is stored as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; default: all")
    quick_option(parser)
    chosen = parser.parse_args()
    names = chosen.name or MEASUREMENTS
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no measurement: {', '.join(sorted(unknown))}")
    broken = []
    for name in names:
        began = monotonic()
        report = measure(name, import_module(f"bench.{name}").measure, chosen.quick)
        print(f"\n{name} took {monotonic() - began:.0f} s\n", flush=True)
        if not chosen.quick:
            store(name, report)
        broken += report.broken
    for bound in broken:
        print(f"does not hold: {bound}", file=sys.stderr)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
