"""Removes what was deleted from the files of SQLite too. docs/personal-data.md says what PostgreSQL leaves.

`PRAGMA secure_delete`, which Store sets, overwrites a deleted row in its page. The log (webhook.db-wal) still
has the row as it was, and pages that were split may have further copies, which only VACUUM removes: of 1,333
rows deleted among 4,000 that had often been changed, 16 were still in the file.
"""

import time
from time import monotonic

from webhook.store import Store, StoreUnavailable

PATIENCE = 10.0
"""Seconds for which `rewrite` waits until the service, whose transactions take milliseconds, leaves a gap."""
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


def empty_log(store: Store) -> bool:
    """Writes the log into the file and cuts it to length 0. False: another transaction needs it now.

    Raises StoreUnavailable.
    """
    return not store.is_sqlite or _done(store, EMPTY_LOG)


def rewrite(store: Store) -> bool:
    """Makes the file anew without what was deleted, and empties the log. False: the database was busy.

    Other writers wait meanwhile. Raises StoreUnavailable.
    """
    if not store.is_sqlite:
        return True
    deadline = monotonic() + PATIENCE
    for statement in ("VACUUM", EMPTY_LOG):
        while not _done(store, statement):
            if monotonic() > deadline:
                return False
            time.sleep(0.1)
    return True


def _done(store: Store, statement: str) -> bool:
    """Runs it outside of a transaction. False: the database is locked."""
    raw = None
    try:
        raw = store.engine.raw_connection()
        row = raw.cursor().execute(statement).fetchone()
    except Exception as error:
        if "locked" not in str(error):
            raise StoreUnavailable from None
        return False
    else:
        return row is None or row[0] == 0  # a checkpoint returns (busy, frames, frames written)
    finally:
        if raw is not None:
            raw.close()
