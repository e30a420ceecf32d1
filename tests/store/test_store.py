"""The store: one code path on two databases, migrations, and what its outage looks like."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, select, text, update

from bench.processes import free_port
from tests.test_service import ROOT, environment
from webhook.__main__ import main
from webhook.store import Store, StoreUnavailable, database_url
from webhook.store.migrate import HEAD, MIGRATIONS, StoreBehind, StoreUnknown, is_current, migrate, prepare
from webhook.store.tables import metadata, outbox

ROW = {"tenant": "isp", "line": "c1", "kind": "reservation", "promised": True, "since": 0, "due_at": 0}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u:p@host/db", "postgresql+psycopg"),
        ("postgresql://u:p@host/db", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@host/db", "postgresql+psycopg"),
        ("sqlite:///var/webhook.db", "sqlite"),
    ],
)
def test_addresses(given, meant):
    assert database_url(given).drivername == meant


@pytest.mark.parametrize("given", ["", "x", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_address(given):
    with pytest.raises(ValueError, match="no"):
        database_url(given)


def test_the_migrations_make_the_tables(database_url):
    store = Store(database_url)
    assert is_current(store)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_migration_is_known_without_alembic():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_processes_that_start_at_once_do_not_collide(tmp_path):
    url = f"sqlite:///{tmp_path}/new/webhook.db"
    command = [sys.executable, "-m", "webhook", "migrate"]
    options = {"cwd": ROOT, "env": environment("http://127.0.0.1:1", DATABASE_URL=url), "text": True}
    starting = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[0] for process in starting]
    assert said == ["the database is up to date\n"] * 3
    assert is_current(Store(url))
    assert (tmp_path / "new" / "webhook.db").stat().st_mode & 0o077 == 0


def test_an_old_postgresql_is_not_migrated_by_a_start(postgresql_url):
    store = Store(postgresql_url)
    with store.write() as connection:
        now = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    try:
        with pytest.raises(StoreBehind, match="python -m webhook migrate"):
            prepare(Store(postgresql_url))
    finally:
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = %s", (now,))
    migrate(store)
    prepare(store)


@pytest.fixture(params=["UPDATE alembic_version SET version_num = '0999'", "DELETE FROM alembic_version"])
def unknown_url(request, database_url):
    """Of a database as a newer version left it, or with nothing in `alembic_version`."""
    store = Store(database_url)
    with store.write() as connection:
        connection.exec_driver_sql(request.param)
    yield database_url
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")
    store.close()


@pytest.mark.parametrize(
    "command",
    [["gunicorn", "flowkit.app:create_app()"], ["webhook", "worker"]],
    ids=" ".join,
)
def test_tables_that_are_not_known_stop_everything_with_one_line(unknown_url, command):
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment("http://127.0.0.1:1", DATABASE_URL=unknown_url, PORT=str(free_port())),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    said = [line for line in ended.stderr.splitlines() if "Starting gunicorn" not in line]
    assert said == [str(StoreUnknown())]


@pytest.mark.parametrize("command", ["check", "migrate", "pending", "purge"])
def test_tables_that_are_not_known_stop_every_command(unknown_url, command, monkeypatch, capsys):
    for name, value in environment("http://127.0.0.1:1", DATABASE_URL=unknown_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["webhook", command])
    assert (main(), capsys.readouterr()) == (1, ("", f"{StoreUnknown()}\n"))


def test_who_reads_first_and_then_writes_waits_for_its_turn(database_url):
    """On SQLite a plain transaction fails here at once, with SQLITE_BUSY_SNAPSHOT."""
    stores = [Store(database_url), Store(database_url)]
    with stores[0].write() as connection:
        connection.execute(insert(outbox).values(**ROW, sale=1))
    together = Barrier(2)

    def count_up(store: Store) -> None:
        together.wait(10)
        for _ in range(20):
            with store.write() as connection:
                known = connection.execute(select(outbox.c.attempts).with_for_update()).scalar_one()
                connection.execute(update(outbox).values(attempts=known + 1))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count_up, stores))
    with stores[0].read() as connection:
        assert connection.execute(select(outbox.c.attempts)).scalar_one() == 40


def test_readers_do_not_wait_for_a_writer(database_url):
    writer, reader = Store(database_url), Store(database_url)
    with writer.write() as connection:
        connection.execute(insert(outbox).values(**ROW, sale=1))
        with reader.read() as other:
            assert other.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


def test_three_processes_fit_in_twenty_connections(postgresql_url):
    """Two of web and the worker, all busy: small plans of hosts give a database no more."""
    stores = [Store(postgresql_url) for _ in range(3)]
    together = Barrier(90)

    def ask(number: int) -> None:
        together.wait(10)
        # On a busy machine some would have to wait too long for their turn.
        with suppress(StoreUnavailable), stores[number % 3].read() as connection:
            connection.execute(select(func.pg_sleep(0.02)))

    with ThreadPoolExecutor(90) as pool:
        list(pool.map(ask, range(90)))
    taken = (
        select(func.count()).where(text("datname = current_database()")).select_from(text("pg_stat_activity"))
    )
    with stores[0].read() as connection:
        assert 3 < connection.execute(taken).scalar_one() <= 20


def test_a_database_that_is_not_there(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (f"sqlite:///{tmp_path}/file/webhook.db", "postgresql://postgres@127.0.0.1:1/none"):
        with pytest.raises(StoreUnavailable, match="DATABASE_URL"):
            prepare(Store(url))


def test_what_the_store_says_quotes_no_customer(database_url):
    store = Store(database_url)
    with pytest.raises(StoreUnavailable) as stop, store.write() as connection:
        connection.exec_driver_sql("SELECT 1 FROM nowhere WHERE name = 'Fulana Beltrana'")
    assert "Fulana" not in str(stop.value)
    assert stop.value.__suppress_context__
