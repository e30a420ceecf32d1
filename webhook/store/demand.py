"""Where customers ask for fibre: by conversation while a day is open, afterwards by cell.

A conversation counts once a day, where its last verdict was. While the day is open, a digest says which one
it was; when the day is closed, the digests and the salt that they were made with are deleted. Days are UTC's.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from sqlalchemy import Connection, Table, case, delete, func, or_, select, text

from schemas.funnel import FunnelStep
from webhook.store import Store, erase
from webhook.store.tables import demand_cells, demand_days, demand_open, demand_steps

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert

GRACE = 600.0
"""Seconds after its end for which a day stays open: the processes write what they have counted meanwhile."""
KEPT = 731 * 86400.0
"""Seconds for which counts are kept: 24 months."""
AT_ONCE = 500
"""Rows in one transaction: on SQLite a sale waits until it ends."""
REPORT_S = 60
"""Seconds that a statement of a report may take. Replies have two."""


class Whose(NamedTuple):
    """A conversation on a day."""

    day: str
    tenant: str
    conversation: str
    """Told apart by it, and not stored."""


@dataclass(frozen=True)
class Seen:
    """What was seen of a conversation; `cell` is empty without a verdict, `reason` if that was a yes."""

    cell: str = ""
    outcome: str = ""
    reason: str = ""
    steps: frozenset[FunnelStep] = frozenset()

    def then(self, later: "Seen") -> "Seen":
        """Both, with the later verdict."""
        last = later if later.cell else self
        return Seen(last.cell, last.outcome, last.reason, self.steps | later.steps)


class CellCount(NamedTuple):
    """Conversations of a tenant whose last verdict of the day was this one, in this cell."""

    tenant: str
    cell: str
    outcome: str
    reason: str
    conversations: int


def day_of(seconds: float) -> str:
    """As the tables spell it."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def save(store: Store, seen: Mapping[Whose, Seen]) -> None:
    """Adds to the open days. May be repeated: a conversation counts once. Raises StoreUnavailable."""
    for day in sorted({whose.day for whose in seen}):
        of_day = [(whose, one) for whose, one in seen.items() if whose.day == day]
        for first in range(0, len(of_day), AT_ONCE):
            with store.write() as connection:
                salt = _salt(connection, store, day)
                rows = [_row(salt, *one) for one in of_day[first : first + AT_ONCE]]
                # In one order, so that two processes never wait for each other.
                connection.execute(_upsert(store.is_sqlite), sorted(rows, key=itemgetter("digest")))


def _row(salt: str, whose: Whose, seen: Seen) -> dict[str, object]:
    whom = "\n".join([salt, whose.tenant, whose.conversation])
    return {
        "digest": sha256(whom.encode()).hexdigest()[:32],
        "tenant": whose.tenant,
        "day": whose.day,
        "cell": seen.cell,
        "outcome": seen.outcome,
        "reason": seen.reason,
        **_columns(seen.steps),
    }


@cache
def _columns(steps: frozenset[FunnelStep]) -> Mapping[str, bool]:
    return {str(step): step in steps for step in FunnelStep}


def _salt(connection: Connection, store: Store, day: str) -> str:
    """The day's own, made by whoever writes first."""
    made = _insert(store.is_sqlite, demand_days).values(day=day, salt=secrets.token_hex(16))
    connection.execute(made.on_conflict_do_nothing())
    return str(connection.execute(select(demand_days.c.salt).where(demand_days.c.day == day)).scalar_one())


@cache
def _upsert(is_sqlite: bool) -> "Insert":
    """Of a conversation that was seen before: the later verdict, if there is one, and all the steps."""
    adds = _insert(is_sqlite, demand_open)
    new, old = adds.excluded, demand_open.c
    verdict = {
        name: case((new.cell != "", new[name]), else_=old[name]) for name in ("cell", "outcome", "reason")
    }
    steps = {str(step): or_(old[step], new[step]) for step in FunnelStep}
    return adds.on_conflict_do_update(index_elements=[old.digest], set_=verdict | steps)


def _insert(is_sqlite: bool, table: Table) -> "Insert":
    """The kind that can be told what to do about a row that is there: each dialect has its own."""
    if is_sqlite:
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return cast("Insert", sqlite.insert(table))
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def purge(store: Store, now: float) -> None:
    """Closes the days that are over, and deletes counts that are too old. Raises StoreUnavailable."""
    over = day_of(now - GRACE)
    oldest = day_of(now - KEPT)
    with store.write() as connection:
        connection.execute(delete(demand_days).where(demand_days.c.day < over))
        for table in (demand_cells, demand_steps):
            connection.execute(delete(table).where(table.c.day < oldest))
    if _close_some(store, over):
        while _close_some(store, over):
            pass
        erase.empty_log(store)


def _close_some(store: Store, over: str) -> bool:
    """Moves rows from conversations to counts. Several workers may: each row is deleted by one of them."""
    some = select(demand_open.c.digest).where(demand_open.c.day < over).limit(AT_ONCE)
    moved = delete(demand_open).where(demand_open.c.digest.in_(some)).returning(*demand_open.c)
    with store.write() as connection:
        rows = connection.execute(moved).mappings().all()
        verdicts = (
            (row["tenant"], row["day"], row["cell"], row["outcome"], row["reason"])
            for row in rows
            if row["cell"]
        )
        steps = ((row["tenant"], row["day"], str(step)) for row in rows for step in FunnelStep if row[step])
        for table, keys in ((demand_cells, verdicts), (demand_steps, steps)):
            _add(connection, store, table, keys)
    return bool(rows)


def _add(connection: Connection, store: Store, table: Table, keys: Iterable[tuple[str, ...]]) -> None:
    names = [column.name for column in table.primary_key]
    rows = [
        dict(zip(names, key, strict=True)) | {"conversations": times}
        for key, times in sorted(Counter(keys).items())
    ]
    if rows:
        adds = _insert(store.is_sqlite, table)
        total = table.c.conversations + adds.excluded.conversations
        connection.execute(
            adds.on_conflict_do_update(index_elements=names, set_={"conversations": total}), rows
        )


@contextmanager
def _reading(store: Store) -> Iterator[Connection]:
    with store.read() as connection:
        if not store.is_sqlite:
            connection.execute(text(f"SET LOCAL statement_timeout = '{REPORT_S}s'"))
        yield connection


def cells(store: Store, since: str, tenants: Sequence[str]) -> list[CellCount]:
    """From that day on, of closed and open days; a cell may come twice. Raises StoreUnavailable."""
    closed, opened = demand_cells.c, demand_open.c
    found = []
    with _reading(store) as connection:
        # One by one: SQLite then need not compare the tenant of a million rows.
        for tenant in tenants:
            queries = (
                select(closed.cell, closed.outcome, closed.reason, func.sum(closed.conversations))
                .where(closed.tenant == tenant, closed.day >= since)
                .group_by(closed.cell, closed.outcome, closed.reason),
                select(opened.cell, opened.outcome, opened.reason, func.count())
                .where(opened.tenant == tenant, opened.day >= since, opened.cell != "")
                .group_by(opened.cell, opened.outcome, opened.reason),
            )
            for row in chain.from_iterable(connection.execute(query) for query in queries):
                cell, outcome, reason, conversations = row
                found.append(CellCount(tenant, cell, outcome, reason, int(conversations)))
    return found


def steps(store: Store, since: str, tenants: Sequence[str]) -> Counter[FunnelStep]:
    """Conversations that came to each step, from that day on. Raises StoreUnavailable."""
    closed, opened, found = demand_steps.c, demand_open.c, Counter[FunnelStep]()
    counted = (
        select(closed.step, func.sum(closed.conversations))
        .where(closed.day >= since, closed.tenant.in_(tenants))
        .group_by(closed.step)
    )
    columns = [func.sum(case((opened[step], 1), else_=0)) for step in FunnelStep]
    still_open = select(*columns).where(opened.day >= since, opened.tenant.in_(tenants))
    with _reading(store) as connection:
        for step, times in connection.execute(counted):
            found[FunnelStep(step)] += int(times)
        for step, times in zip(FunnelStep, connection.execute(still_open).one(), strict=True):
            found[step] += int(times or 0)
    return found
