"""The files of a SQLite store: who may read them, and what stays in them."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.test_service import environment
from webhook.__main__ import main
from webhook.store import Store, erase
from webhook.store.migrate import StoreNotPrivate, migrate, prepare
from webhook.store.tables import heartbeats

ENDS = ("", "-wal", "-shm")


@pytest.fixture
def store(sqlite_url) -> Store:
    """With a log, as long as it is open."""
    store = Store(sqlite_url)
    with store.write() as connection:
        connection.execute(insert(heartbeats).values(worker="w", seen_at=0))
    return store


def files_of(store: Store) -> list[Path]:
    return [Path(f"{store.url.database}{end}") for end in ENDS]


def modes_of(store: Store) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in files_of(store)]


@pytest.mark.parametrize("start", [prepare, migrate])
def test_a_start_makes_files_private(store, start):
    for path in files_of(store):
        path.chmod(0o664)
    folder = Path(str(store.url.database)).parent
    folder.chmod(0o755)
    start(Store(str(store.url)))
    assert modes_of(store) == [0o600] * 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("refuses", ["chmod fails", "chmod does nothing"])
def test_a_file_that_cannot_be_made_private_stops_the_start(store, monkeypatch, end, refuses):
    (path,) = [one for one in files_of(store) if str(one).endswith(f".db{end}")]
    path.chmod(0o640)

    def chmod(self: Path, mode: int) -> None:
        if refuses == "chmod fails":
            raise PermissionError

    monkeypatch.setattr(Path, "chmod", chmod)
    with pytest.raises(StoreNotPrivate) as stop:
        prepare(Store(str(store.url)))
    assert str(path) in str(stop.value)
    assert "chmod 600" in str(stop.value)
    assert "\n" not in str(stop.value)


def test_a_command_says_it_in_one_line(store, monkeypatch, capsys):
    Path(str(store.url.database)).chmod(0o644)
    monkeypatch.setattr(os, "chmod", lambda *_, **__: None)
    monkeypatch.setattr("sys.argv", ["webhook", "purge"])
    for name, value in environment("http://127.0.0.1:1", DATABASE_URL=str(store.url)).items():
        monkeypatch.setenv(name, value)
    assert main() == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("DATABASE_URL: other users can read")


def test_deleted_rows_are_overwritten(store):
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_the_log_is_emptied_when_nobody_reads(store):
    log = files_of(store)[1]
    other = Store(str(store.url))
    with other.read() as connection:
        connection.exec_driver_sql("SELECT * FROM heartbeats").all()
        with store.write() as writer:
            writer.execute(insert(heartbeats).values(worker="v", seen_at=0))
        assert not erase.empty_log(store)
    assert log.stat().st_size > 0
    assert erase.empty_log(store)
    assert log.stat().st_size == 0


def test_rewriting_waits_for_a_writer_and_then_says_no(store, monkeypatch):
    monkeypatch.setattr(erase, "PATIENCE", 0.0)
    with Store(str(store.url)).write():
        assert not erase.rewrite(store)
    assert erase.rewrite(store)


def test_postgresql_has_no_files_of_ours(postgresql_url):
    assert erase.rewrite(Store(postgresql_url))
    assert erase.empty_log(Store(postgresql_url))
