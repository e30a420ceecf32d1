"""The commands of docs/running.md: backups are complete, and a copy for tests can harm nobody."""

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import select

from tests.conftest import POSTGRESQL
from tests.sales.test_retention import TENANT, put, rows
from webhook.sales.records import State
from webhook.sales.retention import purge
from webhook.store import Store
from webhook.store.migrate import prepare
from webhook.store.tables import (
    installation,
    links,
    metadata,
    notices,
    outbox,
    personal,
    prospects,
    reservations,
)

PAGE = (Path(__file__).parents[2] / "docs/running.md").read_text()
TOOLS = ("bash", "sqlite3", "openssl", "createdb", "pg_dump", "pg_restore", "psql")

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not all(map(shutil.which, TOOLS)), reason="a tool is missing"
)


def commands(heading: str, which: int = 0) -> str:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[which]


def run(script: str, **variables: str) -> None:
    server = urlsplit(POSTGRESQL)
    variables |= {"PATH": os.environ["PATH"], "PGHOST": server.hostname, "PGPORT": str(server.port or 5432)}
    variables |= {"PGUSER": server.username or "postgres", "PGPASSWORD": server.password or ""}
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=variables, check=True, timeout=60)


def fill(store: Store) -> None:
    with store.write() as connection:
        if connection.execute(select(installation)).first() is None:  # the fixture empties all tables
            connection.execute(installation.insert().values(id="original"))
    for state in State:
        put(store, reservations, state=state)
        put(store, prospects, state=state)
    for table in (links, notices):
        put(store, table)
    for kind, table in (("reservation", reservations), ("prospect", prospects), ("notice", notices)):
        for row in rows(store, table):
            put(store, outbox, kind=kind, sale=row.id, promised=True)


def everything(store: Store) -> list[object]:
    return [sorted(map(tuple, rows(store, table)), key=repr) for table in metadata.sorted_tables]


@pytest.fixture
def new_database() -> Iterator[str]:
    name = f"webhook_copy_{secrets.token_hex(4)}"
    yield name
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def check_copy(store: Store, copy: Store) -> None:
    prepare(copy)
    purge(copy, [TENANT], time.time())
    assert rows(copy, outbox) == rows(copy, notices) == []
    assert len(rows(copy, installation)) == 1
    assert rows(copy, installation) != rows(store, installation)
    assert len(rows(copy, reservations)) > 0
    for table in metadata.sorted_tables:
        assert not [
            row for row in rows(copy, table) for name in personal(table) if row._mapping[name] is not None
        ]


def test_a_copy_of_sqlite(sqlite_url, tmp_path):
    store, folder = Store(sqlite_url), tmp_path / "copy"
    fill(store)
    before = everything(store)
    script = commands("A copy for tests", 0)
    script = script.replace("/var/lib/webhook/webhook.db", str(store.url.database))
    run(script.replace("/srv/webhook-test", str(folder)))
    assert everything(store) == before
    assert (folder / "webhook.db").stat().st_mode & 0o077 == 0
    check_copy(store, Store(f"sqlite:///{folder}/webhook.db"))


def test_a_copy_of_postgresql(postgresql_url, new_database):
    store = Store(postgresql_url)
    fill(store)
    before = everything(store)
    script = commands("A copy for tests", 1).replace("webhook_test", new_database)
    run(script, DATABASE_URL=postgresql_url)
    assert everything(store) == before
    check_copy(store, Store(f"{POSTGRESQL}/{new_database}"))


def test_a_backup_of_sqlite(sqlite_url, tmp_path):
    """As the service is stopped and files are given to its user, the restore itself is not tried here."""
    store, backup = Store(sqlite_url), tmp_path / "backup.db"
    fill(store)
    script = commands("Backup").partition("# Restore")[0]
    script = script.replace("/var/lib/webhook/webhook.db", str(store.url.database))
    run(script.replace("/var/backups/webhook.db", str(backup)))
    assert backup.stat().st_mode & 0o077 == 0
    assert everything(Store(f"sqlite:///{backup}")) == everything(store)


def test_a_backup_of_postgresql(postgresql_url, tmp_path):
    store = Store(postgresql_url)
    fill(store)
    before = everything(store)
    dump, restore = re.findall(r"^pg_.*$", commands("Backup"), re.MULTILINE)
    run(f"cd {tmp_path}; {dump}", DATABASE_URL=postgresql_url)
    with store.write() as connection:
        for table in (reservations, outbox, installation):
            connection.execute(table.delete())
    store.close()
    run(f"cd {tmp_path}; {restore}", DATABASE_URL=postgresql_url)
    assert everything(store) == before
