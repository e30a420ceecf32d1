"""What to do when the clock was set back: times in the store then lie ahead, and work would wait for them."""

from sqlalchemy import Connection, and_, func, select, update

from webhook.store.tables import SALES, heartbeats, outbox, reservations

SET_BACK = 60.0
"""Seconds by which a sign of life must lie ahead. Clocks of several hosts have to be closer than that."""


def follow(connection: Connection, now: float) -> None:
    """Moves what lies ahead back by as much as the clock, in the transaction of a sign of life.

    Signs of life are written every few seconds, so one that lies ahead shows by how much the clock was set
    back. They are then no longer ahead: of several workers only one moves anything.
    """
    newest = connection.execute(select(func.max(heartbeats.c.seen_at))).scalar() or now
    seconds = newest - now
    if seconds <= SET_BACK:
        return
    connection.execute(update(heartbeats).where(heartbeats.c.seen_at > now).values(seen_at=now))
    # Housekeeping is due days ahead, at a time of the calendar.
    waits = and_(outbox.c.promised, outbox.c.due_at > now)
    connection.execute(update(outbox).where(waits).values(due_at=outbox.c.due_at - seconds))
    for table in SALES.values():
        moved = {"posted_at": table.c.posted_at - seconds}
        connection.execute(update(table).where(table.c.posted_at > now).values(**moved))
    since = reservations.c.unconnected_since
    connection.execute(update(reservations).where(since > now).values(unconnected_since=since - seconds))
