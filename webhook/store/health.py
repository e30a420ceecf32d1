"""Signs of life: can the store be written to, which workers are there, what is still owed."""

import json
import secrets
import time
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, true, update

from webhook.observe.metrics import StoreFigures
from webhook.store import Store
from webhook.store.clock import SET_BACK, follow
from webhook.store.lease import DEFECT
from webhook.store.migrate import HEAD
from webhook.store.tables import TABLES, heartbeats, outbox

BEAT_EVERY = 5.0
"""Seconds between a worker's signs of life."""
ALIVE_FOR = 20.0
"""Seconds after the last one for which it counts as alive: three may be missed, or clocks differ a little."""
KEPT_FOR = 600.0
"""Seconds after a worker's last one for which its tenants' sales are promised: a restart is a shorter gap."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after which the row of a worker that stopped or was killed is deleted by another's beat."""


def prove_writable(store: Store) -> None:
    """Writes and commits, and leaves nothing. Raises StoreUnavailable."""
    name = f"probe {secrets.token_hex(8)}"
    with store.write() as connection:
        connection.execute(insert(heartbeats).values(worker=name, seen_at=0))
        connection.execute(delete(heartbeats).where(heartbeats.c.worker == name))


def beat(store: Store, worker: str, tenants: Iterable[str]) -> None:
    """This worker is alive and works for these tenants. Raises StoreUnavailable."""
    now = time.time()
    over = or_(heartbeats.c.worker == worker, heartbeats.c.seen_at < now - FORGOTTEN_AFTER)
    row = {"worker": worker, "seen_at": now, "tenants": json.dumps(list(tenants)), "version": HEAD}
    with store.write() as connection:
        follow(connection, now)
        connection.execute(delete(heartbeats).where(over))
        connection.execute(insert(heartbeats).values(row))


def leave(store: Store, worker: str) -> None:
    """This worker has stopped. Its tenants stay kept for KEPT_FOR. Raises StoreUnavailable."""
    with store.write() as connection:
        connection.execute(update(heartbeats).where(heartbeats.c.worker == worker).values(stopped=True))


def workers_alive(store: Store) -> int:
    """How many. Raises StoreUnavailable."""
    return _alive(store)


def older_workers(store: Store) -> bool:
    """Whether a worker is alive whose code expects other tables than this one's. Raises StoreUnavailable."""
    return _alive(store, heartbeats.c.version != HEAD) > 0


def _alive(store: Store, *which: ColumnElement[bool]) -> int:
    alive = and_(_seen_within(ALIVE_FOR), heartbeats.c.stopped.is_(False), *which)
    with store.read() as connection:
        return connection.execute(select(func.count()).where(alive)).scalar_one()


def _seen_within(seconds: float) -> ColumnElement[bool]:
    """A sign of life that lies far ahead is from before the clock was set back, and counts as none."""
    now = time.time()
    return heartbeats.c.seen_at.between(now - seconds, now + SET_BACK)


def has_keeper(store: Store, tenant: str) -> bool:
    """Whether a worker for this tenant was alive within KEPT_FOR: only then may a sale be promised.

    Raises StoreUnavailable.
    """
    return not without_keeper(store, [tenant])


def without_keeper(store: Store, tenants: Collection[str]) -> list[str]:
    """Those for which no worker was alive within KEPT_FOR, in the same order. Raises StoreUnavailable."""
    recent = select(heartbeats.c.tenants).where(_seen_within(KEPT_FOR))
    with store.read() as connection:
        named = connection.execute(recent).scalars().all()
    # Workers from before migration 0005 name none.
    covered = {tenant for names in named if names for tenant in json.loads(names)}
    return [tenant for tenant in tenants if tenant not in covered]


class Owed(NamedTuple):
    """What is left to do of one kind."""

    waiting: int
    oldest_s: float | None
    """Seconds for which the oldest of them has waited; None if there is none."""
    given_up: int


def owed(store: Store, tenant: str) -> dict[str, Owed]:
    """Of this tenant, by kind. Raises StoreUnavailable."""
    with store.read() as connection:
        return _owed(connection, outbox.c.tenant == tenant)


def _owed(connection: Connection, which: ColumnElement[bool]) -> dict[str, Owed]:
    gave_up = outbox.c.gave_up_at.is_not(None)
    counted = select(outbox.c.kind, gave_up, func.count(), func.min(outbox.c.since))
    left = counted.where(which, or_(outbox.c.promised, gave_up)).group_by(outbox.c.kind, gave_up)
    rows = connection.execute(left).all()
    now = time.time()
    waiting = {kind: count for kind, over, count, _ in rows if not over}
    oldest = {kind: now - since for kind, over, _, since in rows if not over}
    given_up = {kind: count for kind, over, count, _ in rows if over}
    return {kind: Owed(waiting.get(kind, 0), oldest.get(kind), given_up.get(kind, 0)) for kind in TABLES}


def kept(store: Store, tenants: Collection[str]) -> StoreFigures:
    """What metrics tell of the store; `tenants` are all that there are. Raises StoreUnavailable."""
    is_defect = func.coalesce(outbox.c.reason, "").startswith(DEFECT)
    again = select(is_defect, func.count()).where(outbox.c.refusals > 0).group_by(is_defect)
    with store.read() as connection:
        left = _owed(connection, true())
        refused = {bool(defect): count for defect, count in connection.execute(again)}
    return StoreFigures(
        waiting={kind: (one.waiting, one.oldest_s or 0.0) for kind, one in left.items()},
        given_up={kind: one.given_up for kind, one in left.items()},
        held_up={"defect": refused.get(True, 0), "refused": refused.get(False, 0)},
        workers=workers_alive(store),
        tenants_without_worker=len(without_keeper(store, tenants)),
    )
