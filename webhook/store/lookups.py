"""What a lookup found, stored as text for minutes: for the next call of its conversation, in any process."""

import time
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from webhook.store import Store
from webhook.store.tables import lookups


def find(store: Store, key: str) -> str | None:
    """The text, None if there is none or it has expired. Raises StoreUnavailable."""
    query = select(lookups.c.verdict).where(lookups.c.key == key, lookups.c.expires_at > time.time())
    with store.read() as connection:
        verdict: str | None = connection.scalar(query)
    return verdict


def save(store: Store, key: str, verdict: str, seconds: float) -> None:
    """Stores the text for so many seconds. Raises StoreUnavailable."""
    save_all(store, {key: (verdict, time.time() + seconds)})


def save_all(store: Store, texts: Mapping[str, tuple[str, float]]) -> None:
    """Stores texts by key, each until a time in seconds since 1970. Raises StoreUnavailable."""
    rows = [{"key": key, "verdict": text, "expires_at": until} for key, (text, until) in texts.items()]
    try:
        with store.write() as connection:
            purge(connection)
            connection.execute(delete(lookups).where(lookups.c.key.in_(texts)))
            connection.execute(insert(lookups), rows)
    except IntegrityError:  # another process has just stored one of them: at worst it is looked up again
        return


def note(store: Store, key: str, verdict: str, seconds: float) -> None:
    """Stores it for so many seconds from now, unless there is another one. Raises StoreUnavailable."""
    expires_at = time.time() + seconds
    its_own = (lookups.c.key == key, lookups.c.verdict == verdict)
    try:
        with store.write() as connection:
            purge(connection)
            if (
                connection.execute(update(lookups).where(*its_own).values(expires_at=expires_at)).rowcount
                == 0
            ):
                connection.execute(insert(lookups).values(key=key, verdict=verdict, expires_at=expires_at))
    except IntegrityError:
        return


def remove(store: Store, key: str) -> None:
    """Raises StoreUnavailable."""
    with store.write() as connection:
        connection.execute(delete(lookups).where(lookups.c.key == key))


def purge(connection: Connection) -> None:
    """Deletes expired ones that no call came back for."""
    connection.execute(delete(lookups).where(lookups.c.expires_at < time.time()))
