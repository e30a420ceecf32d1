"""What web and worker still have to do, as their stores say."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from bench.campaign.conversations import PROSPECT, RESERVE
from webhook.store import Store, StoreUnavailable
from webhook.store.outbox import SALES
from webhook.store.tables import heartbeats, outbox

T = TypeVar("T")
ACTIONS = {"reservation": RESERVE, "prospect": PROSPECT}
QUIET_WITHIN = 300.0
"""Seconds that the workers have to work everything off once OZmap is well."""


class Outbox:
    """Those of all installations. Every method waits until the stores have time for it."""

    def __init__(self, stores: Sequence[Store], check: Callable[[], None], soon: float) -> None:
        """`check` raises when the services will never do anything again.

        What is due in more than `soon` seconds waits because OZmap refused it.
        """
        self._stores, self._check, self._soon = stores, check, soon

    def wait_for_workers(self) -> None:
        """Until each has given a sign of life: without one nothing is promised."""
        signs = select(func.count()).select_from(heartbeats)
        for store in self._stores:
            while not self._ask(store, lambda connection: connection.execute(signs).scalar_one()):
                self._check()
                time.sleep(0.2)

    def promised(self) -> int:
        """Rows that somebody waits for and nobody gave up."""
        return self._count(outbox.c.promised, outbox.c.gave_up_at.is_(None))

    def waiting(self) -> int:
        """Rows that are still to be worked on: promises, and looks for what a lost write may have left."""
        return self._count(outbox.c.gave_up_at.is_(None))

    def wait(self, count: Callable[[], int], most: int = 0, within: float = QUIET_WITHIN) -> int:
        """Until `count` is at most `most`, or for so many seconds; the count then."""
        deadline = time.monotonic() + within
        while (left := count()) > most and time.monotonic() < deadline:
            self._check()
            time.sleep(0.2)
        return left

    def hastened(self) -> int:
        """As `waiting`, with what was due in a later minute due now: one refusal may follow another."""
        now = time.time()
        far = (outbox.c.due_at > now + self._soon, outbox.c.gave_up_at.is_(None))
        for store in self._stores:
            self._ask(
                store, lambda connection: connection.execute(update(outbox).where(*far).values(due_at=now))
            )
        return self.waiting()

    def given_up(self) -> dict[str, set[str]]:
        """Customer's name to the actions that `python -m webhook pending` would show as left to a person."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for store in self._stores:
            for kind, sales in SALES.items():
                owed = select(sales.c.name).join(outbox, outbox.c.sale == sales.c.id)
                left = owed.where(outbox.c.kind == kind, outbox.c.gave_up_at.is_not(None))
                for name in self._ask(store, partial(_names, left)):
                    found[name].add(ACTIONS[kind])
        return found

    def _count(self, *which: ColumnElement[bool]) -> int:
        count = select(func.count()).select_from(outbox).where(*which)
        return sum(
            self._ask(store, lambda connection: connection.execute(count).scalar_one())
            for store in self._stores
        )

    def _ask(self, store: Store, do: Callable[[Connection], T]) -> T:
        while True:
            try:
                with store.write() as connection:
                    return do(connection)
            except StoreUnavailable:
                self._check()
                time.sleep(0.2)


def _names(wanted: Select[tuple[str]], connection: Connection) -> Sequence[str]:
    return connection.scalars(wanted).all()
