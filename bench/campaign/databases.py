"""Empty stores for a campaign, gone at its end."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

SERVER = os.environ.get("CAMPAIGN_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
"""Where a database may be made and dropped."""


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
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        raise Unreachable(str(error).strip()) from None
    name = f"campaign_{secrets.token_hex(6)}"
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield SERVER.rpartition("/")[0] + f"/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


DATABASES: dict[str, Callable[[], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
