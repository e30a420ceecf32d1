"""The queue of what is still to be done, in the same database and the same transactions as the sales.

A row says that a sale, or a notice, has work left; its own state says which. Whoever works on it holds a
lease (webhook/store/lease.py).
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    FromClause,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from webhook.store import Store
from webhook.store.lease import Lease
from webhook.store.tables import SALES, outbox

LONGEST_LEASE = 150.0
"""Seconds: a notice's is 130 (webhook/notices/delivery.py). One that ends later is from before the clock was
set back."""


@dataclass(frozen=True)
class Owed:
    """A sale with work left, and whose turn it shares: `line` is the conversation."""

    kind: str
    sale: int
    tenant: str
    line: str
    promised: bool = True
    """Whether somebody was told that it will be done."""


def put(connection: Connection, owed: Owed) -> None:
    """A row that is due at once, in the caller's transaction and in place of the one that the sale had."""
    now = time.time()
    remove(connection, owed.kind, owed.sale)
    connection.execute(insert(outbox).values(**asdict(owed), since=now, due_at=now))


def remove(connection: Connection, kind: str, sale: int) -> None:
    """Nothing is left to be done for a sale."""
    connection.execute(delete(outbox).where(_of(kind, sale)))


def promise(connection: Connection, kind: str, sale: int, state: str) -> bool:
    """Notes that another caller is told that a sale will be done, if it still is in this state.

    Waits for whoever is ending the work on it now.
    """
    mine = _of(kind, sale)
    connection.execute(select(outbox.c.id).where(mine).with_for_update())
    sales = SALES[kind]
    if connection.execute(select(sales.c.state).where(sales.c.id == sale)).scalar() != state:
        return False
    connection.execute(update(outbox).where(mine).values(promised=True, others_told=True))
    return True


def borrow(  # noqa: PLR0913
    store: Store, connection: Connection, kind: str, sale: int, *, lease_for: float, anew: bool = False
) -> Lease | None:
    """The lease of a sale's row, which stays as it is; None where somebody holds it, or there is none.

    `anew`: its tries are counted from now on. What was promised stays promised.
    """
    now, token = time.time(), secrets.token_hex(8)
    count = {"gave_up_at": None, "since": now, "attempts": 0, "refusals": 0} if anew else {}
    taken = update(outbox).where(_of(kind, sale), outbox.c.lease_until.is_(None) | ~_is_leased(outbox, now))
    row = connection.execute(
        taken.values(lease=token, lease_until=now + lease_for, **count).returning(*outbox.c)
    ).first()
    return Lease.of(store, row._mapping, token) if row else None


def is_busy(connection: Connection, kind: str, sale: int) -> bool:
    """Whether somebody holds the sale's lease now."""
    held = select(outbox.c.id).where(_of(kind, sale), _is_leased(outbox, time.time()))
    return connection.execute(held).first() is not None


def is_given_up(connection: Connection, kind: str, sale: int) -> bool:
    """Whether the sale's row was left to the operator."""
    left = select(outbox.c.id).where(_of(kind, sale), outbox.c.gave_up_at.is_not(None))
    return connection.execute(left).first() is not None


def _is_leased(rows: FromClause, now: float) -> ColumnElement[bool]:
    """Null where nobody ever leased the row."""
    return and_(rows.c.lease_until > now, rows.c.lease_until <= now + LONGEST_LEASE)


def _of(kind: str, sale: int) -> ColumnElement[bool]:
    return and_(outbox.c.kind == kind, outbox.c.sale == sale)


def next_due(
    store: Store, lease_for: float, kinds: Iterable[str] = SALES, without: Iterable[str] = ()
) -> Lease | None:
    """Leases what is due and has waited longest of these kinds, one per conversation at a time.

    Rows of the tenants `without` stay where they are.
    """
    now = time.time()
    waits = and_(
        outbox.c.due_at <= now,
        outbox.c.gave_up_at.is_(None),
        outbox.c.kind.in_(kinds),
        outbox.c.tenant.not_in(without),
    )
    is_free = and_(outbox.c.lease_until.is_(None) | ~_is_leased(outbox, now), ~_is_in_its_way(now))
    due = select(outbox).where(waits, is_free).order_by(outbox.c.id).limit(1)
    with store.read() as connection:
        # Most looks find nothing: they need not wait for the one writer of SQLite.
        if connection.execute(select(outbox.c.id).where(waits).limit(1)).first() is None:
            return None
    with store.write() as connection:
        row = connection.execute(due.with_for_update(skip_locked=True, of=outbox)).first()
        if row is None:
            return None
        token = secrets.token_hex(8)
        changes = {"lease": token, "lease_until": now + lease_for}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(**changes))
        return Lease.of(store, row._mapping, token)


def _is_in_its_way(now: float) -> Exists:
    """Whether another row of the same conversation must be done before."""
    other = outbox.alias()
    return exists().where(
        other.c.tenant == outbox.c.tenant,
        other.c.line == outbox.c.line,
        other.c.id != outbox.c.id,
        other.c.gave_up_at.is_(None),
        # One that was refused may wait for an hour: the others of its conversation need not.
        or_(and_(other.c.promised, other.c.id < outbox.c.id, other.c.refusals == 0), _is_leased(other, now)),
    )
