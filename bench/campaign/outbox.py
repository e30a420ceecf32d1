"""What web and worker still have to do, as their store says."""

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import func, select

from bench.campaign.conversations import PROSPECT, RESERVE
from webhook.store import Store, StoreUnavailable
from webhook.store.outbox import SALES
from webhook.store.tables import outbox

ACTIONS = {"reservation": RESERVE, "prospect": PROSPECT}
QUIET_WITHIN = 300.0
"""Seconds that the worker has to work everything off once OZmap is well."""


def wait_until_quiet(database: str, check: Callable[[], None]) -> int:
    """Until nothing is left to do but what was given up; how many rows are left when that takes too long.

    `check` raises when it will never be.
    """
    deadline = time.monotonic() + QUIET_WITHIN
    with closing(Store(database)) as store:
        while (left := _left(store)) and time.monotonic() < deadline:
            check()
            time.sleep(0.2)
    return left


def pending(database: str) -> dict[str, set[str]]:
    """Customer's name to the actions that `python -m webhook pending` would show."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with closing(Store(database)) as store, store.read() as connection:
        for kind, sales in SALES.items():
            owed = select(sales.c.name).join(outbox, outbox.c.sale == sales.c.id)
            for (name,) in connection.execute(owed.where(outbox.c.kind == kind, outbox.c.promised)):
                found[name].add(ACTIONS[kind])
    return found


def _left(store: Store) -> int:
    waiting = select(func.count()).where(outbox.c.gave_up_at.is_(None))
    try:
        with store.read() as connection:
            return connection.execute(waiting).scalar_one()
    except StoreUnavailable:  # busy: the worker is writing
        return 1
