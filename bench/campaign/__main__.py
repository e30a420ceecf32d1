"""python -m bench.campaign, which is `make campaign`: the fault campaign on each store, as a table.

The exit status is 1 when anything is wrong at the end.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from bench.campaign import without_lookup
from bench.campaign.databases import DATABASES, Unreachable
from bench.campaign.plan import INSTALLATIONS, Plan
from bench.campaign.run import Result, campaign

SHOWN = 20
"""Findings that are told in full."""


def main() -> int:
    """Runs the campaign on every database that is there."""
    parser = argparse.ArgumentParser(prog="python -m bench.campaign", description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=[*DATABASES], action="append", help="default: each in turn")
    parser.add_argument("--hit", type=float, default=0.25, help="share of the calls to OZmap that go wrong")
    parser.add_argument("--below", metavar="PATH", action="append", help="only calls to these go wrong")
    parser.add_argument("--deadline", type=float, default=2.5, help="seconds in which a flow gets its reply")
    parser.add_argument(
        "--without-lookup",
        action="store_const",
        const=without_lookup.__name__,
        help="take the look-up before each create out: the campaign must go red",
    )
    options = parser.parse_args()
    plan = Plan(
        options.customers,
        options.seed,
        options.hit,
        tuple(options.below or ["/"]),
        options.deadline,
        options.without_lookup,
    )
    results: dict[str, Result] = {}
    for name in options.database or DATABASES:
        try:
            with ExitStack() as stack:
                urls = [stack.enter_context(DATABASES[name]()) for _ in INSTALLATIONS]
                results[name] = campaign(urls, plan)
        except Unreachable as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    if not results:
        return 1
    show("fault campaign", {name: result.rows for name, result in results.items()})
    findings = [finding for result in results.values() for finding in result.findings]
    tell(findings)
    return 1 if findings else 0


def show(title: str, columns: Mapping[str, Mapping[str, object]]) -> None:
    """The table: a column for each database."""
    print(f"| {title} | {' | '.join(columns)} |")
    print(f"| --- |{' --- |' * len(columns)}")
    for label in dict.fromkeys(label for rows in columns.values() for label in rows):
        print(f"| {label} | {' | '.join(str(rows.get(label, 0)) for rows in columns.values())} |")


def tell(findings: Sequence[tuple[str, str]]) -> None:
    """The first findings, in full."""
    for kind, what in findings[:SHOWN]:
        print(f"{kind}: {what}", file=sys.stderr)
    print(f"{len(findings)} findings: {'red' if findings else 'green'}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
