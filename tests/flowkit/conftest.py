"""A sandbox that the flows' conversations may sell in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox import Sandbox
from tests.flowkit.playing import Playing, Services
from webhook.viability.lookups import Lookups


@pytest.fixture
def sandbox(own_sandbox: Sandbox) -> Sandbox:
    """In place of the one that is only read."""
    return own_sandbox


@pytest.fixture(autouse=True)
def _lookups_end(monkeypatch: pytest.MonkeyPatch, _stores_are_closed: None) -> Iterator[None]:
    """Lookups outlive their replies; here they end before the store is closed."""
    made: list[Lookups] = []
    make = Lookups.__init__

    def remember(lookups: Lookups, *options: object, **named: object) -> None:
        make(lookups, *options, **named)
        made.append(lookups)

    monkeypatch.setattr(Lookups, "__init__", remember)
    yield
    for lookups in made:
        lookups._turns._threads.shutdown(wait=True)
        lookups._kept._afterwards.shutdown(wait=True)


@pytest.fixture(scope="module")
def _server() -> Iterator[BaseWSGIServer]:
    """Serves the application that it is given last."""
    server = make_server("127.0.0.1", 0, None, threaded=True)  # type: ignore[arg-type]
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def _services(
    _sandbox_to_sell_in: Sandbox, _migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Services:
    return Services(_sandbox_to_sell_in, _migrated, tmp_path_factory.mktemp("shared") / "webhook.db")


@pytest.fixture
def playing(
    own_sandbox: Sandbox,
    _services: Services,
    take_back: Callable[[], None],
    tmp_path: Path,
    _server: BaseWSGIServer,
) -> Playing:
    return Playing(_services, take_back, tmp_path, _server)
