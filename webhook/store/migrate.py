"""Brings a database to the tables of this version (Alembic, webhook/store/migrations)."""

import time
from pathlib import Path
from time import monotonic

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from webhook.store import Store, StoreUnavailable

STARTING_TOGETHER = 30.0
"""Seconds for which processes that start at once wait for the one that migrates."""
_LOCK = 0x0A2B07  # any number of ours: PostgreSQL's advisory locks are numbers


class StoreBehind(Exception):
    """The database lacks migrations of this version."""

    def __str__(self) -> str:
        return "DATABASE_URL is not up to date: run python -m webhook migrate"


def prepare(store: Store) -> None:
    """Before web or worker starts: migrates SQLite, checks PostgreSQL; leaves nothing open.

    Raises StoreUnavailable or StoreBehind.
    """
    try:
        if store.is_sqlite:
            migrate(store)
        elif not is_current(store):
            raise StoreBehind
    finally:
        store.close()


def migrate(store: Store) -> None:
    """Raises StoreUnavailable. May be called by several processes at once."""
    if store.is_sqlite:
        _make_file(store)
    deadline = monotonic() + STARTING_TOGETHER
    while True:
        try:
            with store.engine.begin() as connection:
                if not store.is_sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except OperationalError as error:
            if not store.is_sqlite or "locked" not in str(error.orig) or monotonic() > deadline:
                raise StoreUnavailable from None
            time.sleep(0.1)
        except SQLAlchemyError:
            raise StoreUnavailable from None
        else:
            return


def is_current(store: Store) -> bool:
    """Whether nothing is left to migrate. Raises StoreUnavailable."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with store.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _make_file(store: Store) -> None:
    """The folder and a file in WAL mode, in which readers do not wait for the writer. It stays that way."""
    path = Path(store.url.database or "")
    deadline = monotonic() + STARTING_TOGETHER
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds names and phones
    except OSError:
        raise StoreUnavailable from None
    while True:
        raw = None
        try:
            raw = store.engine.raw_connection()
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        except Exception as error:
            # Not a transaction: the busy timeout does not hold for it.
            if "locked" not in str(error) or monotonic() > deadline:
                raise StoreUnavailable from None
            time.sleep(0.1)
        else:
            return
        finally:
            if raw is not None:
                raw.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
