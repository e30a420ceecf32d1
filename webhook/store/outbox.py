"""The queue of what is still to be done, in the same database and the same transactions as the sales.

A row says that a sale, or a notice, has work left; its own state says which. Whoever works on it holds a
lease, which a crash lets run out. Whoever lost it can write nothing any more: every write asks for the lease
first.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, update

from webhook.store import Store
from webhook.store.tables import notices, outbox, prospects, reservations

SALES = {"reservation": reservations, "prospect": prospects}
TABLES = SALES | {"notice": notices}
BACK_OFF = (1.0, 15.0)
"""Seconds before the first repeat, and at most: after an outage all is tried again well within a minute."""


class LeaseLost(Exception):
    """It ran out and somebody else has the sale now."""


@dataclass(frozen=True)
class Lease:
    """The right to work on one sale, and the outbox row that it comes from."""

    store: Store
    id: int
    tenant: str
    kind: str
    sale: int
    promised: bool
    since: float
    attempts: int
    token: str

    def hold(self) -> None:
        """Before anything that cannot be undone. Raises LeaseLost."""
        with self.store.write() as connection:
            self._check(connection)

    def save(self, **changes: Any) -> None:
        """Writes to the sale. Raises LeaseLost."""
        with self.store.write() as connection:
            self._check(connection)
            self._change(connection, changes)

    def done(
        self,
        next_at: float | None = None,
        also: Callable[[Connection], None] | None = None,
        **changes: Any,
    ) -> None:
        """Writes to the sale and lets go. `next_at` is when housekeeping is due; None: never.

        `also` writes in the same transaction. Raises LeaseLost.
        """
        with self.store.write() as connection:
            self._check(connection)
            self._change(connection, changes)
            if also:
                also(connection)
            mine = outbox.c.id == self.id
            if next_at is None:
                connection.execute(delete(outbox).where(mine))
            else:
                free = {"lease": None, "lease_until": None, "attempts": 0, "reason": None}
                connection.execute(update(outbox).where(mine).values(promised=False, due_at=next_at, **free))

    def later(self, reason: str, due_at: float | None = None, **changes: Any) -> None:
        """Lets go until `due_at`, or for as long as the back-off says. Raises LeaseLost."""
        first, most = BACK_OFF
        pause = min(first * 2 ** min(self.attempts, 10), most) * random.uniform(0.7, 1.0)
        due_at = due_at or time.time() + pause
        self._let_go(reason=reason, due_at=due_at, attempts=self.attempts + 1, **changes)

    def give_up(self, reason: str) -> None:
        """Leaves the row to the operator (`python -m webhook pending`). Raises LeaseLost."""
        self._let_go(reason=reason, gave_up_at=time.time(), promised=True)

    def is_promised(self, connection: Connection) -> bool:
        """Whether somebody was told meanwhile that it will be done."""
        mine = select(outbox.c.promised).where(outbox.c.id == self.id)
        return bool(connection.execute(mine).scalar())

    def _let_go(self, **changes: Any) -> None:
        with self.store.write() as connection:
            self._check(connection)
            free = {"lease": None, "lease_until": None}
            connection.execute(update(outbox).where(outbox.c.id == self.id).values(**free, **changes))

    def _check(self, connection: Connection) -> None:
        held = select(outbox.c.id).where(outbox.c.id == self.id, outbox.c.lease == self.token)
        if connection.execute(held.with_for_update()).first() is None:
            raise LeaseLost

    def _change(self, connection: Connection, changes: dict[str, Any]) -> None:
        if changes:
            table = TABLES[self.kind]
            changes = changes | {"changed_at": time.time()}
            connection.execute(update(table).where(table.c.id == self.sale).values(**changes))


@dataclass(frozen=True)
class Owed:
    """A sale with work left, and whose turn it shares: `line` is the conversation."""

    kind: str
    sale: int
    tenant: str
    line: str
    promised: bool = True
    """Whether somebody was told that it will be done."""


def put(connection: Connection, owed: Owed, lease_for: float | None = None) -> str:
    """A row, in the caller's transaction and in place of the one that the sale had.

    With `lease_for` seconds it is leased to the caller, by the token; without, it is due at once.
    """
    now = time.time()
    connection.execute(delete(outbox).where(outbox.c.kind == owed.kind, outbox.c.sale == owed.sale))
    token = secrets.token_hex(8)
    lease = {"lease": token, "lease_until": now + lease_for} if lease_for else {}
    row = asdict(owed) | {"since": now, "due_at": now} | lease
    connection.execute(insert(outbox).values(**row))
    return token


def leased(store: Store, connection: Connection, token: str) -> Lease:
    """The Lease of a token that `put` gave."""
    row = connection.execute(select(outbox).where(outbox.c.lease == token)).one()
    return _lease(store, row._mapping, token)


def promise(connection: Connection, kind: str, sale: int, state: str) -> bool:
    """Notes that somebody is told that a sale will be done, if it still is in this state.

    Waits for whoever is ending the work on it now.
    """
    mine = (outbox.c.kind == kind, outbox.c.sale == sale)
    connection.execute(select(outbox.c.id).where(*mine).with_for_update())
    sales = SALES[kind]
    if connection.execute(select(sales.c.state).where(sales.c.id == sale)).scalar() != state:
        return False
    connection.execute(update(outbox).where(*mine).values(promised=True))
    return True


def is_busy(connection: Connection, kind: str, sale: int) -> bool:
    """Whether somebody holds the sale's lease now."""
    held = (outbox.c.kind == kind, outbox.c.sale == sale, outbox.c.lease_until > time.time())
    return connection.execute(select(outbox.c.id).where(*held)).first() is not None


def is_given_up(connection: Connection, kind: str, sale: int) -> bool:
    """Whether the sale's row was left to the operator."""
    mine = (outbox.c.kind == kind, outbox.c.sale == sale, outbox.c.gave_up_at.is_not(None))
    return connection.execute(select(outbox.c.id).where(*mine)).first() is not None


def next_due(store: Store, lease_for: float, kinds: Iterable[str] = SALES) -> Lease | None:
    """Leases what is due and has waited longest of these kinds, one per conversation at a time."""
    now = time.time()
    token = secrets.token_hex(8)
    other = outbox.alias()
    in_its_way = exists().where(
        other.c.tenant == outbox.c.tenant,
        other.c.line == outbox.c.line,
        other.c.id != outbox.c.id,
        other.c.gave_up_at.is_(None),
        or_(and_(other.c.promised, other.c.id < outbox.c.id), other.c.lease_until > now),
    )
    waits = and_(outbox.c.due_at <= now, outbox.c.gave_up_at.is_(None), outbox.c.kind.in_(kinds))
    due = (
        select(outbox)
        .where(
            waits,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            ~in_its_way,
        )
        .order_by(outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
    )
    with store.read() as connection:
        # Most looks find nothing: they need not wait for the one writer of SQLite.
        if connection.execute(select(outbox.c.id).where(waits).limit(1)).first() is None:
            return None
    with store.write() as connection:
        row = connection.execute(due).first()
        if row is None:
            return None
        changes = {"lease": token, "lease_until": now + lease_for}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(**changes))
        return _lease(store, row._mapping, token)


def promised(store: Store) -> int:
    """How many rows somebody waits for and nobody gave up."""
    with store.read() as connection:
        waiting = select(func.count()).where(outbox.c.promised, outbox.c.gave_up_at.is_(None))
        return connection.execute(waiting).scalar_one()


def _lease(store: Store, row: Any, token: str) -> Lease:
    names = ("id", "tenant", "kind", "sale", "promised", "since", "attempts")
    return Lease(store, token=token, **{name: row[name] for name in names})
