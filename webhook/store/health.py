"""Signs of life: can the store be written to, is a worker there, what is still owed."""

import secrets
import time

from sqlalchemy import delete, func, insert, or_, select

from webhook.observe.metrics import StoreFigures
from webhook.store import Store
from webhook.store.outbox import TABLES
from webhook.store.tables import heartbeats, outbox

BEAT_EVERY = 5.0
"""Seconds between a worker's signs of life."""
ALIVE_FOR = 20.0
"""Seconds after the last one for which it counts as alive: three may be missed, or clocks differ a little."""
FORGOTTEN_AFTER = 600.0
"""Seconds after which the row of a worker that was killed is deleted by another's beat."""


def prove_writable(store: Store) -> None:
    """Writes and commits, and leaves nothing. Raises StoreUnavailable."""
    name = f"probe {secrets.token_hex(8)}"
    with store.write() as connection:
        connection.execute(insert(heartbeats).values(worker=name, seen_at=0))
        connection.execute(delete(heartbeats).where(heartbeats.c.worker == name))


def beat(store: Store, worker: str) -> None:
    """This worker is alive. Raises StoreUnavailable."""
    now = time.time()
    over = or_(heartbeats.c.worker == worker, heartbeats.c.seen_at < now - FORGOTTEN_AFTER)
    with store.write() as connection:
        connection.execute(delete(heartbeats).where(over))
        connection.execute(insert(heartbeats).values(worker=worker, seen_at=now))


def leave(store: Store, worker: str) -> None:
    """This worker has stopped. Raises StoreUnavailable."""
    with store.write() as connection:
        connection.execute(delete(heartbeats).where(heartbeats.c.worker == worker))


def workers_alive(store: Store) -> int:
    """How many. Raises StoreUnavailable."""
    alive = select(func.count()).where(heartbeats.c.seen_at > time.time() - ALIVE_FOR)
    with store.read() as connection:
        return connection.execute(alive).scalar_one()


def kept(store: Store) -> StoreFigures:
    """What metrics tell of the store. Raises StoreUnavailable."""
    gave_up = outbox.c.gave_up_at.is_not(None)
    owed = (
        select(outbox.c.kind, gave_up, func.count(), func.min(outbox.c.since))
        .where(outbox.c.promised)
        .group_by(outbox.c.kind, gave_up)
    )
    with store.read() as connection:
        rows = connection.execute(owed).all()
    now = time.time()
    waiting = {kind: (count, now - since) for kind, over, count, since in rows if not over}
    given_up = {kind: count for kind, over, count, _ in rows if over}
    return StoreFigures(
        waiting={kind: waiting.get(kind, (0, 0.0)) for kind in TABLES},
        given_up={kind: given_up.get(kind, 0) for kind in TABLES},
        workers=workers_alive(store),
    )
