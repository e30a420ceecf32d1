"""Fixtures of the whole suite: a sandbox over real HTTP, an application that asks it, and no waiting."""

import gc
import os
import secrets
import shutil
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
import trustme
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.routing import Rule

import webhook.store
from flowkit.app import create_app
from sandbox import Behaviour, Sandbox, sample_network
from sandbox.sales import end_property
from schemas.tenants import Tenant
from tests.raw_server import Handler, RawServer
from webhook import settings
from webhook.ozmap import client as ozmap_client
from webhook.sales import looking
from webhook.settings import Settings
from webhook.store import Store, _set_up_sqlite
from webhook.store.migrate import migrate
from webhook.store.tables import installation, metadata
from webhook.viability import recent

pytest.register_assert_rewrite("tests.platforms.contract")

# How long something takes is measured by bench/, on a machine that does nothing else.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

KEYS = {"huggy": ("huggy-key-1", "huggy-key-2"), "fivehub": ("fivehub-key-1",), "typebot": ("typebot-key-1",)}
POSTGRESQL = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
REDIS = "redis://127.0.0.1:6379"
STYLES = {"huggy": "text", "fivehub": "typed", "typebot": "typed"}


_compile_builder, _builders = Rule._compile_builder, dict[tuple[object, ...], Any]()


def _compile_builder_once(rule: Rule, append_unknown: bool = True) -> Any:
    """To compile the same 74 routes for each test's application is a fifth of the time that it takes."""
    key = (*rule._trace, append_unknown, repr(rule.defaults))
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _compile_builder_once  # type: ignore[method-assign]


UNCOUNTED = (
    "tests/campaign/",
    "tests/cases/",
    "tests/flowkit/test_conversations.py",
    "tests/nodered/",
    "tests/sandbox/",
)
"""Where counting the lines that run would take a third of the CPU, to count what other tests run too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(UNCOUNTED):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """The garbage collector leaves the thousands of tests alone, and looks less often at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _without_fsync(connection: sqlite3.Connection, record: object) -> None:
    _set_up_sqlite(connection, record)
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(autouse=True)
def _on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses before a second try, no waiting for a disk, and nothing of this shell's settings."""
    monkeypatch.setattr(ozmap_client, "JITTER", (0.0, 0.0))
    monkeypatch.setattr(webhook.store, "_set_up_sqlite", _without_fsync)
    monkeypatch.setattr(looking, "CONNECTED_AFTER", ())
    monkeypatch.setattr(recent, "GATHER", 0.02)
    for name in settings.NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _stores_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process keeps its connections for life; a test gives them back."""
    opened: list[Store] = []
    writing: list[recent.Recent] = []
    make, make_recent = Store.__init__, recent.Recent.__init__

    def remember(store: Store, url: str) -> None:
        make(store, url)
        opened.append(store)

    def remember_recent(made: recent.Recent, store: Store) -> None:
        make_recent(made, store)
        writing.append(made)

    monkeypatch.setattr(Store, "__init__", remember)
    monkeypatch.setattr(recent.Recent, "__init__", remember_recent)
    yield
    for one in writing:
        one._writer.shutdown()
    for store in opened:
        if "engine" in store.__dict__:
            store.close()


@pytest.fixture(scope="session")
def _shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(token="token-of-the-tests", network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """Read-only use: tests that write records make a Sandbox of their own."""
    _shared_sandbox.requests.clear()
    yield _shared_sandbox
    _shared_sandbox.faults.clear()


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    return Tenant(slug="isp", ozmap_url=sandbox.url, ozmap_token=sandbox.token, keys=KEYS)


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.write() as connection:
        # Codes end in characters that depend on it: with this one they are those of the documentation.
        connection.execute(update(installation).values(id="0123456789abcdef"))
    store.close()
    return path


@pytest.fixture
def sqlite_url(_migrated: Path, tmp_path: Path) -> str:
    """An empty store of this test's own."""
    return f"sqlite:///{shutil.copy(_migrated, tmp_path / 'webhook.db')}"


@pytest.fixture(scope="session")
def _postgresql_database() -> Iterator[str]:
    """A database of this run's own. Without a server its tests are skipped, but not where CI=true."""
    name = f"webhook_tests_{secrets.token_hex(4)}"
    try:
        with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=2) as server:
            server.execute(f"CREATE DATABASE {name}")
            # No test pulls the plug.
            server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL at {POSTGRESQL} (TEST_POSTGRESQL names another)")
    url = f"{POSTGRESQL}/{name}"
    store = Store(url)
    migrate(store)
    store.close()
    yield url
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(_postgresql_database: str) -> str:
    """An empty store, in the run's own database."""
    tables = [table.name for table in reversed(metadata.sorted_tables) if table is not installation]
    with psycopg.connect(_postgresql_database) as connection:
        # Of 13 small tables TRUNCATE takes 0.4 s, this 0.02.
        connection.execute("; ".join(f"DELETE FROM {name}" for name in tables))
    return _postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty store: the test runs on each kind of database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Without a server its tests are skipped, but not where CI=true."""
    try:
        with redis.Redis.from_url(REDIS, socket_connect_timeout=2) as server:
            server.ping()
    except redis.ConnectionError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Redis at {REDIS}")
    return REDIS


@pytest.fixture(scope="session")
def _sandbox_to_sell_in() -> Iterator[Sandbox]:
    with Sandbox(network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def take_back(_sandbox_to_sell_in: Sandbox) -> Callable[[], None]:
    """Takes back all that was sold since the test began."""
    store = _sandbox_to_sell_in.store
    there = {name: set(store[name]) for name in ("properties", "prospects", "ftth-clients")}

    def take_back() -> None:
        with store.lock:
            for id_ in set(store["properties"]) - there["properties"]:
                end_property(store, store["properties"][id_])
            for name in ("prospects", "ftth-clients"):
                for id_ in set(store[name]) - there[name]:
                    store[name].remove(id_)

    return take_back


@pytest.fixture
def own_sandbox(_sandbox_to_sell_in: Sandbox, take_back: Callable[[], None]) -> Iterator[Sandbox]:
    """As new: what a test sold is taken back after it."""
    sandbox = _sandbox_to_sell_in
    sandbox.requests.clear()
    sandbox.told.clear()
    yield sandbox
    sandbox.faults.clear()
    vars(sandbox.behaviour).update(vars(Behaviour()))
    take_back()


@pytest.fixture
def make_app(tenant: Tenant, sandbox: Sandbox, sqlite_url: str) -> Callable[..., Flask]:
    services = {
        "geocoder_url": f"{sandbox.url}/nominatim",
        "cep_url": f"{sandbox.url}/viacep",
        "database_url": sqlite_url,
    }

    def make(*tenants: Tenant, **options: Any) -> Flask:
        settings = Settings(tenants=tenants or (tenant,), **({"styles": STYLES} | services | options))
        return create_app(settings)

    return make


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app().test_client()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(handle: Handler, tls: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(handle, tls).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's TLS, and the file of the private authority that signed it."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    return server, str(path)
