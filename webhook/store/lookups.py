"""Verdicts of lookups that ended after their reply, stored as text until the conversation's next call."""

import time

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from webhook.store import Store
from webhook.store.tables import lookups


def find(store: Store, key: str) -> str | None:
    """The verdict, None if there is none or it has expired. Raises StoreUnavailable."""
    query = select(lookups.c.verdict).where(lookups.c.key == key, lookups.c.expires_at > time.time())
    with store.read() as connection:
        verdict: str | None = connection.scalar(query)
    return verdict


def save(store: Store, key: str, verdict: str, seconds: float) -> None:
    """Stores the verdict for so many seconds. Raises StoreUnavailable."""
    row = {"key": key, "verdict": verdict, "expires_at": time.time() + seconds}
    try:
        with store.write() as connection:
            purge(connection)
            connection.execute(delete(lookups).where(lookups.c.key == key))
            connection.execute(insert(lookups).values(row))
    except IntegrityError:  # another process has just stored the same verdict
        return


def remove(store: Store, key: str) -> None:
    """Raises StoreUnavailable."""
    with store.write() as connection:
        connection.execute(delete(lookups).where(lookups.c.key == key))


def purge(connection: Connection) -> None:
    """Deletes expired verdicts that no call came back for."""
    connection.execute(delete(lookups).where(lookups.c.expires_at < time.time()))
