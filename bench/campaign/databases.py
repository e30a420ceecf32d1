"""Empty stores for a campaign, gone at its end."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import errors, sql
from sqlalchemy import make_url

SERVER = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
"""Where a database may be made and dropped, as for the tests, and a role of the campaigns' own."""
ROLE = "webhook_campaigns"
CONNECTIONS = 60
"""Of all campaigns at a time: of the server's 100 the tests beside them need some."""


class Unreachable(Exception):
    """There is no PostgreSQL."""


@contextmanager
def sqlite() -> Iterator[str]:
    with TemporaryDirectory() as directory:
        yield f"sqlite:///{Path(directory) / 'webhook.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """Raises Unreachable."""
    url = make_url(SERVER)
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        raise Unreachable(f"no PostgreSQL at {SERVER} (TEST_POSTGRESQL names another)") from None
    name = f"campaign_{secrets.token_hex(6)}"
    with server:
        with suppress(errors.DuplicateObject, errors.UniqueViolation):  # the latter of two at once
            role = sql.SQL(f"CREATE ROLE {ROLE} LOGIN PASSWORD {{}} CONNECTION LIMIT {CONNECTIONS}")
            server.execute(role.format(url.password))
        server.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
        try:
            yield url.set(username=ROLE, database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


DATABASES: dict[str, Callable[[], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
