"""The conversations that the webhook leads: a row each, and one call at a time on any number of processes."""

import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from webhook.store import Store
from webhook.store.tables import conversations

ENDED_FOR = 3600.0
"""Seconds for which a conversation that has ended still answers a call that is repeated."""
LONGEST_LEASE = 61.0
"""Seconds: the longest reply deadline that can be set, and what a crash adds."""

CLOCKS_DIFFER = 60.0
"""Seconds by which the clocks of several hosts may."""


@dataclass(frozen=True)
class Row:
    """A conversation as it is stored."""

    state: str | None
    """JSON; None before the first reply, and where what was there is too old."""
    token: str | None
    """That of the last reply."""
    unheard: bool
    """A call was told to wait, since another one was at work."""
    lease: str | None
    """What `claim` gave to this call."""
    at_work: bool = False
    """Another call has it."""


_NO_ROW = Row(None, None, unheard=False, lease=None)


@dataclass(frozen=True)
class Kept:
    """What a call leaves for the next one. Its fields are columns."""

    state: str
    token: str
    flow: str
    step: str
    ended: bool
    phone: str | None


@dataclass(frozen=True)
class Left:
    """So many conversations were given up at one step, by platform."""

    platform: str
    flow: str
    step: str
    rows: int


def look(store: Store, tenant: str, key: str, forget_after: float) -> Row:
    """The conversation, without a lease. Raises StoreUnavailable.

    It takes no lock: `claim` takes the only one for writing that SQLite has, which the call at work needs.
    """
    with store.read() as connection:
        row = connection.execute(select(conversations).where(_is(tenant, key))).mappings().first()
    return _NO_ROW if row is None else _row(row, time.time(), forget_after)


def claim(store: Store, tenant: str, key: str, seconds: float, forget_after: float) -> Row:
    """The conversation, leased for `seconds` unless another call is at work.

    `forget_after` are the seconds after which an unfinished one begins again. Raises StoreUnavailable.
    """
    now, lease = time.time(), secrets.token_hex(8)
    mine = _is(tenant, key)
    taken = {"lease": lease, "lease_until": now + seconds}
    try:
        with store.write() as connection:
            row = connection.execute(select(conversations).where(mine).with_for_update()).mappings().first()
            if row is None:
                new = {"tenant": tenant, "conversation": key, "changed_at": now, **taken}
                connection.execute(insert(conversations).values(new))
                return replace(_NO_ROW, lease=lease)
            found = _row(row, now, forget_after)
            if found.at_work:
                return found
            connection.execute(update(conversations).where(mine).values(taken))
    except IntegrityError:  # another call has just begun it
        return replace(_NO_ROW, at_work=True)
    return replace(found, lease=lease)


def _row(row: RowMapping, now: float, forget_after: float) -> Row:
    # A lease that ends later than any new one would is from before the clock was set back.
    if row["lease"] and now < row["lease_until"] <= now + LONGEST_LEASE + CLOCKS_DIFFER:
        return Row(row["state"], row["token"], row["unheard"], lease=None, at_work=True)
    if row["changed_at"] < now - (ENDED_FOR if row["ended"] else forget_after):
        return Row(None, row["token"], unheard=False, lease=None)
    return Row(row["state"], row["token"], row["unheard"], lease=None)


def save(store: Store, tenant: str, key: str, lease: str, kept: Kept) -> bool:
    """Stores what the call made of it and lets go. False: the lease ran out. Raises StoreUnavailable."""
    free = {"changed_at": time.time(), "unheard": False, "lease": None, "lease_until": None}
    with store.write() as connection:
        return _of_lease(connection, tenant, key, lease, asdict(kept) | free)


def let_go(store: Store, tenant: str, key: str, lease: str) -> None:
    """Leaves it as it was. Raises StoreUnavailable."""
    with store.write() as connection:
        _of_lease(connection, tenant, key, lease, {"lease": None, "lease_until": None})


def not_heard(store: Store, tenant: str, key: str, token: str) -> None:
    """Remembers that a call was told to wait with this `token`: what follows it brings no answer.

    Not where another call has stored its reply meanwhile, whose token is newer. Raises StoreUnavailable.
    """
    with store.write() as connection:
        unchanged = and_(_is(tenant, key), conversations.c.token == token)
        connection.execute(update(conversations).where(unchanged).values(unheard=True))


def find(store: Store, tenant: str, key: str) -> tuple[str, str] | None:
    """State and step as the last reply left them, for somebody who looks on. Raises StoreUnavailable."""
    with store.read() as connection:
        row = connection.execute(
            select(conversations.c.state, conversations.c.step).where(_is(tenant, key))
        ).first()
    return (row.state, row.step or "") if row and row.state else None


def purge(connection: Connection, tenants: Iterable[str], now: float, forget_after: float) -> list[Left]:
    """Deletes what is over, and what nobody continued; says where customers left."""
    left: list[Left] = []
    for tenant in tenants:
        of_tenant = conversations.c.tenant == tenant
        over = and_(of_tenant, conversations.c.ended, conversations.c.changed_at < now - ENDED_FOR)
        connection.execute(delete(conversations).where(over))
        old = and_(of_tenant, conversations.c.changed_at < now - forget_after)
        where = (conversations.c.conversation, conversations.c.flow, conversations.c.step)
        rows = connection.execute(select(*where, func.count()).where(old).group_by(*where)).all()
        counts = Counter[tuple[str, str, str]]()
        for key, flow, step, number in rows:
            counts[key.partition(":")[0], flow or "", step or ""] += number
        left += [Left(*place, number) for place, number in counts.items()]
        connection.execute(delete(conversations).where(old))
    return left


def _of_lease(connection: Connection, tenant: str, key: str, lease: str, values: dict[str, object]) -> bool:
    mine = and_(_is(tenant, key), conversations.c.lease == lease)
    return bool(connection.execute(update(conversations).where(mine).values(values)).rowcount)


def _is(tenant: str, key: str) -> ColumnElement[bool]:
    return and_(conversations.c.tenant == tenant, conversations.c.conversation == key)
