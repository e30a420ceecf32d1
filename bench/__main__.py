"""python -m bench [NAME ...], which is `make bench`: measurements, with their tables in docs/performance.md.

The exit status is 1 when a bound does not hold. `python -m bench.NAME` prints one and stores nothing.
"""

import argparse
import sys
from importlib import import_module

from bench.report import measure, store

MEASUREMENTS = (
    "radius_lookup",
    "chats",
    "pole_lookup",
    "sales",
    "startup",
    "reload",
    "outage",
    "location_text",
    "hostile",
)


def main() -> int:
    """Runs them one after the other; each is stored as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; default: all")
    names = parser.parse_args().name or MEASUREMENTS
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no measurement: {', '.join(sorted(unknown))}")
    broken = []
    for name in names:
        report = measure(name, import_module(f"bench.{name}").measure)
        print()
        store(name, report)
        broken += report.broken
    for bound in broken:
        print(f"does not hold: {bound}", file=sys.stderr)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
