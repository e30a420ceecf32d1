"""Brings a database to the tables of this version (Alembic, webhook/store/migrations)."""

import time
from pathlib import Path
from time import monotonic

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from webhook.store import Store, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
"""Each migration's file has a name that begins with its revision."""
HEAD = max(REVISIONS)
STARTING_TOGETHER = 30.0
"""Seconds for which processes that start at once wait for the one that migrates."""
OF_OTHERS = 0o077
"""The rights of everybody but the file's owner."""
_LOCK = 0x0A2B07  # any number of ours: PostgreSQL's advisory locks are numbers


class WrongStore(Exception):
    """The tables of the database are not those of this version."""


class StoreBehind(WrongStore):
    """The database lacks migrations of this version."""

    def __str__(self) -> str:
        return "DATABASE_URL is not up to date: run python -m webhook migrate"


class StoreUnknown(WrongStore):
    """The database was migrated by a newer version, or by another program."""

    def __str__(self) -> str:
        return (
            "DATABASE_URL has tables of a newer version, or of another program: start that version again, "
            "restore the backup from before the upgrade, or name another database: docs/deploy.md, Upgrade"
        )


class StoreNotPrivate(StoreUnavailable):
    """A file of the database can be read by other users, and is not ours to change."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __str__(self) -> str:
        return (
            f"DATABASE_URL: other users can read {self.path}, and it belongs to another user: "
            "chown it to the user of this service and chmod 600 it"
        )


def prepare(store: Store) -> None:
    """Before web or worker starts: migrates SQLite, checks PostgreSQL; leaves nothing open.

    Raises StoreUnavailable (StoreNotPrivate) or WrongStore.
    """
    try:
        if store.is_sqlite:
            _make_file(store)
        if is_current(store):
            return
        if not store.is_sqlite:
            raise StoreBehind
        migrate(store)
    finally:
        store.close()


def migrate(store: Store) -> None:
    """Raises StoreUnavailable or StoreUnknown. May be called by several processes at once."""
    # Memory of web and of worker, which mostly find that there is nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if store.is_sqlite:
        _make_file(store)
    is_current(store)
    deadline = monotonic() + STARTING_TOGETHER
    while True:
        try:
            with store.engine.begin() as connection:
                if not store.is_sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                config = Config()
                config.set_main_option("script_location", str(MIGRATIONS))
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
    """Whether nothing is left to migrate. Raises StoreUnavailable or StoreUnknown."""
    with store.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    if len(found) != 1 or found[0] not in REVISIONS:
        raise StoreUnknown
    return bool(found[0] == HEAD)


def _make_file(store: Store) -> None:
    """The folder and a file in WAL mode, in which readers do not wait for the writer. It stays that way."""
    path = Path(store.url.database or "")
    deadline = monotonic() + STARTING_TOGETHER
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds names and phones
    except OSError:
        raise StoreUnavailable from None
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        _make_private(name)
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


def _make_private(path: Path) -> None:
    """Takes the rights of group and others, which an older version, a restore or a copy may have given.

    Of the folder nothing is asked: it may be shared, and shows names of files only.
    """
    try:
        mode = path.stat().st_mode
        if mode & OF_OTHERS:
            path.chmod(mode & ~OF_OTHERS)
            mode = path.stat().st_mode  # some file systems ignore chmod
    except FileNotFoundError:  # no log: SQLite makes one with the rights of the database
        return
    except OSError:
        raise StoreNotPrivate(path) from None
    if mode & OF_OTHERS:
        raise StoreNotPrivate(path)
