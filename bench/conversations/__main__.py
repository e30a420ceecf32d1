"""python -m bench.conversations: many conversations at once on each store, as a table.

The exit status is 1 when anything is wrong at the end.
"""

import argparse
import sys
from contextlib import ExitStack

from bench.campaign.__main__ import show, tell
from bench.campaign.databases import DATABASES, Unreachable
from bench.conversations.run import Plan, Result, play


def main() -> int:
    """Runs on every database that is there."""
    parser = argparse.ArgumentParser(prog="python -m bench.conversations", description=__doc__)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--deadline", type=float, default=4.5, help="seconds in which a chatbot gets its reply"
    )
    parser.add_argument(
        "--thinks", type=float, default=5.0, help="seconds until a customer answers, in the mean"
    )
    parser.add_argument(
        "--database",
        action="append",
        help=f"{', '.join(DATABASES)}, or the address of an empty one; default: each of them in turn",
    )
    options = parser.parse_args()
    plan = Plan(options.conversations, options.kills, options.seed, options.deadline, options.thinks)
    results: dict[str, Result] = {}
    for name in options.database or DATABASES:
        try:
            with ExitStack() as stack:
                url = stack.enter_context(DATABASES[name]()) if name in DATABASES else name
                results[name] = play(url, plan)
        except Unreachable as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    if not results:
        return 1
    show("conversations", {name: result.rows for name, result in results.items()})
    findings = [finding for result in results.values() for finding in result.findings]
    tell(findings)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
