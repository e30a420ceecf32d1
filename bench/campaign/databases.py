"""Empty stores for a campaign, gone at its end."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

SERVER = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
"""Where a database may be made and dropped, as for the tests."""


class Unreachable(Exception):
    """There is no PostgreSQL."""


@contextmanager
def sqlite() -> Iterator[str]:
    with TemporaryDirectory() as directory:
        yield f"sqlite:///{Path(directory) / 'webhook.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """Raises Unreachable."""
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        raise Unreachable(f"no PostgreSQL at {SERVER} (TEST_POSTGRESQL names another)") from None
    name = f"campaign_{secrets.token_hex(6)}"
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


DATABASES: dict[str, Callable[[], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
