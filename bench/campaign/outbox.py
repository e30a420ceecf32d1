"""What web and worker still have to do, as their store says."""

import time
from collections import defaultdict
from collections.abc import Callable

from sqlalchemy import func, select

from bench.campaign.conversations import PROSPECT, RESERVE
from webhook.store import Store, StoreUnavailable
from webhook.store.outbox import SALES
from webhook.store.tables import outbox

ACTIONS = {"reservation": RESERVE, "prospect": PROSPECT}
QUIET_WITHIN = 300.0
"""Seconds that the worker has to work everything off once OZmap is well."""


def wait(store: Store, check: Callable[[], None], count: Callable[[Store], int], most: int = 0) -> int:
    """Until `count` is at most `most`, or for QUIET_WITHIN; the count then.

    `check` raises when it will never be.
    """
    deadline = time.monotonic() + QUIET_WITHIN
    while (left := ask(store, count)) > most and time.monotonic() < deadline:
        check()
        time.sleep(0.2)
    return left


def ask(store: Store, count: Callable[[Store], int]) -> int:
    """The count, as soon as the store has time for it."""
    while True:
        try:
            return count(store)
        except StoreUnavailable:
            time.sleep(0.2)


def waiting(store: Store) -> int:
    """Rows that are still to be worked on: promises, and looks for what a lost write may have left."""
    with store.read() as connection:
        return connection.execute(select(func.count()).where(outbox.c.gave_up_at.is_(None))).scalar_one()


def pending(store: Store) -> dict[str, set[str]]:
    """Customer's name to the actions that `python -m webhook pending` would show."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with store.read() as connection:
        for kind, sales in SALES.items():
            owed = select(sales.c.name).join(outbox, outbox.c.sale == sales.c.id)
            for (name,) in connection.execute(owed.where(outbox.c.kind == kind, outbox.c.promised)):
                found[name].add(ACTIONS[kind])
    return found
