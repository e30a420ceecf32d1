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
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from webhook.store import Store
from webhook.store.lease import Lease
from webhook.store.tables import SALES, outbox


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
    remove(connection, owed.kind, owed.sale)
    token = secrets.token_hex(8)
    lease = {"lease": token, "lease_until": now + lease_for} if lease_for else {}
    row = asdict(owed) | {"since": now, "due_at": now} | lease
    connection.execute(insert(outbox).values(**row))
    return token


def remove(connection: Connection, kind: str, sale: int) -> None:
    """Nothing is left to be done for a sale."""
    connection.execute(delete(outbox).where(_of(kind, sale)))


def leased(store: Store, connection: Connection, token: str) -> Lease:
    """The Lease of a token that `put` gave."""
    row = connection.execute(select(outbox).where(outbox.c.lease == token)).one()
    return Lease.of(store, row._mapping, token)


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


def borrow(store: Store, connection: Connection, kind: str, sale: int, lease_for: float) -> Lease | None:
    """The lease of a sale's row, which stays as it is; None where somebody holds it, or there is none."""
    now, token = time.time(), secrets.token_hex(8)
    is_free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
    taken = update(outbox).where(_of(kind, sale), is_free)
    row = connection.execute(
        taken.values(lease=token, lease_until=now + lease_for).returning(*outbox.c)
    ).first()
    return Lease.of(store, row._mapping, token) if row else None


def is_busy(connection: Connection, kind: str, sale: int) -> bool:
    """Whether somebody holds the sale's lease now."""
    held = select(outbox.c.id).where(_of(kind, sale), outbox.c.lease_until > time.time())
    return connection.execute(held).first() is not None


def is_given_up(connection: Connection, kind: str, sale: int) -> bool:
    """Whether the sale's row was left to the operator."""
    left = select(outbox.c.id).where(_of(kind, sale), outbox.c.gave_up_at.is_not(None))
    return connection.execute(left).first() is not None


def _of(kind: str, sale: int) -> ColumnElement[bool]:
    return and_(outbox.c.kind == kind, outbox.c.sale == sale)


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
        # One that was refused may wait for an hour: the others of its conversation need not.
        or_(
            and_(other.c.promised, other.c.id < outbox.c.id, other.c.refusals == 0), other.c.lease_until > now
        ),
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
        return Lease.of(store, row._mapping, token)


def promised(store: Store) -> int:
    """How many rows somebody waits for and nobody gave up."""
    with store.read() as connection:
        waiting = select(func.count()).where(outbox.c.promised, outbox.c.gave_up_at.is_(None))
        return connection.execute(waiting).scalar_one()
