"""What must outlive a process: reservations, prospects, and the outbox of what is still to be done.

One code path for SQLite (one host) and PostgreSQL (any number of them).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from webhook.store.tables import installation

PATIENCE = 1.0
"""Seconds that a statement waits for another's lock. Python's own default for SQLite, 5, is a whole reply."""
PATIENCE_MS = int(PATIENCE * 1000)
POOL = 6
"""Connections of one process at most: its threads need one for milliseconds each. Small plans of hosts give a
database 20 (devcenter.heroku.com, essential-0), and two web processes and the worker live in them."""
QUEUE = 2.0
"""Seconds that a thread waits for one of them: those who hold one may each wait for another's lock."""


class StoreUnavailable(Exception):
    """The database cannot be asked now. Carries nothing of its error, which may quote a customer."""

    def __str__(self) -> str:
        return "DATABASE_URL cannot be opened: is the server up, is the folder there and ours to write?"


class Store:
    """Opens its file or connections at the first use, which is after gunicorn's fork."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        # SQLite lets waiting writers poll, and under load some of them starve: in here they queue.
        self._turn = Lock() if self.is_sqlite else None
        self._patience = PATIENCE

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @cached_property
    def engine(self) -> Engine:
        """For migrations and tests; everything else goes through `read` and `write`."""
        reach = {"connect_timeout": 2, "tcp_user_timeout": 2 * PATIENCE_MS}
        engine = create_engine(
            self.url,
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=QUEUE,
            pool_pre_ping=not self.is_sqlite,
            connect_args={"timeout": PATIENCE} if self.is_sqlite else reach,
        )
        event.listen(engine, "connect", _set_up_sqlite if self.is_sqlite else _set_up_postgresql)
        if self.is_sqlite:
            event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. Raises StoreUnavailable, and IntegrityError where somebody else was first."""
        try:
            with self._my_turn(), self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError:
            raise StoreUnavailable from None

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._patience):
            raise StoreUnavailable
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that locks nothing. Raises StoreUnavailable."""
        try:
            with self.engine.connect().execution_options(only_reads=True) as connection:
                yield connection
        except SQLAlchemyError:
            raise StoreUnavailable from None

    def patient(self, seconds: float) -> Self:
        """The same store for a caller who has so many seconds to queue behind this process's writers."""
        _ = self.engine  # made before it is copied, so that both have the same one
        other = copy(self)
        other._patience = max(PATIENCE, seconds)
        return other

    @cached_property
    def installation(self) -> str:
        """Our id among the installations that write to one OZmap, made once. Raises StoreUnavailable."""
        with self.read() as connection:
            return str(connection.execute(select(installation.c.id)).scalar_one())

    def close(self) -> None:
        """Gives all connections back; the next use opens new ones."""
        self.engine.dispose()


def database_url(text: str) -> URL:
    """`postgres://` and `postgresql://` mean psycopg 3. Raises ValueError for any other database."""
    try:
        url = make_url(text)
    except SQLAlchemyError:
        raise ValueError("not a database address") from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("not SQLite or PostgreSQL")
    if url.drivername == "sqlite" and not (url.database and Path(url.database).name != ":memory:"):
        raise ValueError("no file")
    return url


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin
    connection.execute("PRAGMA secure_delete = ON")  # overwrite what is deleted: webhook/store/erase.py


def _set_up_postgresql(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {PATIENCE_MS}")
        cursor.execute(f"SET statement_timeout = {2 * PATIENCE_MS}")
    connection.commit()


def _begin(connection: Connection) -> None:
    """IMMEDIATE waits for its turn; a plain transaction that reads first fails at once when it writes.

    sqlite.org/isolation.html: SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.
    """
    only_reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
