"""Signs of life: can the store be written to, which workers are there, what is still owed."""

import json
import secrets
import time
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from webhook.observe.metrics import StoreFigures
from webhook.store import Store
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
        connection.execute(delete(heartbeats).where(over))
        connection.execute(insert(heartbeats).values(row))


def leave(store: Store, worker: str) -> None:
    """This worker has stopped. Its tenants stay kept for KEPT_FOR. Raises StoreUnavailable."""
    with store.write() as connection:
        connection.execute(update(heartbeats).where(heartbeats.c.worker == worker).values(stopped=True))


def workers_alive(store: Store) -> int:
    """How many. Raises StoreUnavailable."""
    with store.read() as connection:
        return connection.execute(select(func.count()).where(*_alive())).scalar_one()


def older_workers(store: Store) -> bool:
    """Whether a worker is alive whose code expects other tables than this one's. Raises StoreUnavailable."""
    other = select(func.count()).where(*_alive(), heartbeats.c.version != HEAD)
    with store.read() as connection:
        return connection.execute(other).scalar_one() > 0


def _alive() -> tuple[ColumnElement[bool], ...]:
    return heartbeats.c.seen_at > time.time() - ALIVE_FOR, heartbeats.c.stopped.is_(False)


def has_keeper(store: Store, tenant: str) -> bool:
    """Whether a worker for this tenant was alive within KEPT_FOR: only then may a sale be promised.

    Raises StoreUnavailable.
    """
    return not without_keeper(store, [tenant])


def without_keeper(store: Store, tenants: Collection[str]) -> list[str]:
    """Those for which no worker was alive within KEPT_FOR, in the same order. Raises StoreUnavailable."""
    recent = select(heartbeats.c.tenants).where(heartbeats.c.seen_at > time.time() - KEPT_FOR)
    with store.read() as connection:
        named = connection.execute(recent).scalars().all()
    # Workers from before migration 0005 name none.
    covered = {tenant for names in named if names for tenant in json.loads(names)}
    return [tenant for tenant in tenants if tenant not in covered]


def kept(store: Store, tenants: Collection[str]) -> StoreFigures:
    """What metrics tell of the store; `tenants` are all that there are. Raises StoreUnavailable."""
    gave_up = outbox.c.gave_up_at.is_not(None)
    owed = (
        select(outbox.c.kind, gave_up, func.count(), func.min(outbox.c.since))
        .where(or_(outbox.c.promised, gave_up))
        .group_by(outbox.c.kind, gave_up)
    )
    is_defect = func.coalesce(outbox.c.reason, "").startswith(DEFECT)
    again = select(is_defect, func.count()).where(outbox.c.refusals > 0).group_by(is_defect)
    with store.read() as connection:
        rows = connection.execute(owed).all()
        refused = {bool(defect): count for defect, count in connection.execute(again)}
    now = time.time()
    waiting = {kind: (count, now - since) for kind, over, count, since in rows if not over}
    given_up = {kind: count for kind, over, count, _ in rows if over}
    return StoreFigures(
        waiting={kind: waiting.get(kind, (0, 0.0)) for kind in TABLES},
        given_up={kind: given_up.get(kind, 0) for kind in TABLES},
        held_up={"defect": refused.get(True, 0), "refused": refused.get(False, 0)},
        workers=workers_alive(store),
        tenants_without_worker=len(without_keeper(store, tenants)),
    )
