"""The right to work on one sale: what is written while it is held, and how it ends.

A crash lets it run out. Whoever lost it can write nothing any more: every write asks for it first.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

from sqlalchemy import Connection, RowMapping, delete, select, update

from webhook.store import Store
from webhook.store.tables import TABLES, outbox

BACK_OFF = (1.0, 15.0)
"""Seconds before the first repeat, and at most: after an outage all is tried again well within a minute."""


LONG_OUTAGE, RARELY = 240, 60.0
"""Tries after which, an hour into an outage, the pauses may be so many seconds."""
REFUSED = (60.0, 3600.0)
"""The same after a lasting refusal, and after a defect of ours."""
DEFECT = "defect"
"""Reasons that begin so are a defect of ours."""
Changes: TypeAlias = Mapping[str, object]
"""Columns of a sale or a notice to write."""
NOTHING: Changes = {}
Also: TypeAlias = Callable[[Connection], None]
_ANEW: dict[str, object] = {
    "attempts": 0, "refusals": 0, "reason": None, "gave_up_at": None, "promised": False, "others_told": False,
}  # fmt: skip
_FREE: dict[str, object] = {"lease": None, "lease_until": None}


class LeaseLost(Exception):
    """It ran out and somebody else has the sale now."""


class Promises(NamedTuple):
    """Who was told that a sale will be done."""

    promised: bool
    """Somebody was."""
    others: bool
    """Among them a caller that found the sale busy, and will not hear this call's reply."""


def back_off(tries: int, first: float, most: float) -> float:
    """Seconds until the next try: `first` after none, then twice as many each time up to `most`, or less."""
    return min(first * 2.0 ** min(tries, 10), most) * random.uniform(0.7, 1.0)


@dataclass(frozen=True)
class Lease:
    """The right to work on one sale, and the outbox row that it comes from.

    Every method that writes raises LeaseLost.
    """

    store: Store
    id: int
    tenant: str
    kind: str
    sale: int
    promised: bool
    since: float
    attempts: int
    refusals: int
    token: str

    def hold(self) -> None:
        """Before anything that cannot be undone."""
        with self._held():
            pass

    def save(self, changes: Changes, promise: bool = False) -> None:
        """Writes to the sale; with `promise` also that somebody is told that it will be done."""
        with self._held() as connection:
            self._change(connection, changes)
            if promise:
                self._update(connection, {"promised": True})

    def done(
        self, next_at: float | None = None, changes: Changes = NOTHING, also: Also | None = None
    ) -> None:
        """Writes to the sale and lets go. `next_at` is when housekeeping is due; None: never.

        `also` writes in the same transaction.
        """
        with self._held() as connection:
            self._change(connection, changes)
            if also:
                also(connection)
            if next_at is None:
                connection.execute(delete(outbox).where(outbox.c.id == self.id))
            else:
                self._update(connection, _ANEW | _FREE | {"due_at": next_at, "since": next_at})

    def later(
        self,
        reason: str,
        due_at: float | None = None,
        *,
        refused: bool = False,
        promised: bool | None = None,
        changes: Changes = NOTHING,
    ) -> None:
        """Lets go until `due_at`, or for as long as the back-off says: minutes where it was `refused`."""
        tries, (first, most) = (self.refusals, REFUSED) if refused else (self.attempts, BACK_OFF)
        if self.attempts >= LONG_OUTAGE:
            most = max(most, RARELY)
        pause = back_off(tries, first, most)
        row: dict[str, object] = {
            "reason": reason,
            "due_at": due_at or time.time() + pause,
            "gave_up_at": None,
        }
        row |= {"attempts": self.attempts + 1, "refusals": self.refusals + refused}
        if promised is not None:
            row["promised"] = promised
        with self._held() as connection:
            self._change(connection, changes)
            self._update(connection, row | _FREE)

    def wait(self, reason: str, due_at: float) -> None:
        """Lets go until `due_at`, which counts as no try and takes none of the time for tries."""
        with self._held() as connection:
            self._update(connection, {"reason": reason, "due_at": due_at, "since": due_at, **_FREE})

    def give_back(self) -> None:
        """Lets go and leaves everything as it was, a row that was given up too."""
        with self._held() as connection:
            self._update(connection, _FREE)

    def give_up(self, reason: str, also: Also | None = None) -> None:
        """Leaves the row to the operator (`python -m webhook pending`)."""
        with self._held() as connection:
            if also:
                also(connection)
            self._update(connection, {"reason": reason, "gave_up_at": time.time(), **_FREE})

    def promises(self, connection: Connection) -> Promises:
        """What was promised meanwhile, by this call and by others."""
        mine = select(outbox.c.promised, outbox.c.others_told).where(outbox.c.id == self.id)
        return Promises(*connection.execute(mine).one())

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        """A transaction that begins with the question whether the lease is still ours."""
        held = select(outbox.c.id).where(outbox.c.id == self.id, outbox.c.lease == self.token)
        with self.store.write() as connection:
            if connection.execute(held.with_for_update()).first() is None:
                raise LeaseLost
            yield connection

    def _update(self, connection: Connection, row: Changes) -> None:
        connection.execute(update(outbox).where(outbox.c.id == self.id).values(**row))

    def _change(self, connection: Connection, changes: Changes) -> None:
        if changes:
            table = TABLES[self.kind]
            connection.execute(
                update(table).where(table.c.id == self.sale).values(**changes, changed_at=time.time())
            )

    @classmethod
    def of(cls, store: Store, row: RowMapping, token: str) -> Self:
        """The one that `token` took on an outbox row."""
        names = ("id", "tenant", "kind", "sale", "promised", "since", "attempts", "refusals")
        return cls(store, token=token, **{name: row[name] for name in names})
