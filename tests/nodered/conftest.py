"""One Node-RED for all tests. Its entries call one server, behind which each test puts an application."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import BaseWSGIServer

from tests.conftest import STYLES
from tests.flowkit import conftest as of_flowkit
from tests.flowkit.playing import Services
from tests.nodered.flow import Entry, flow
from tests.nodered.playing import NAME, Playing
from tests.nodered.running import NodeRed, running
from webhook.platforms import PLATFORMS

# Fixtures: pytest knows them by these names.
_lookups_end, sandbox = of_flowkit._lookups_end, of_flowkit.sandbox
server, services = of_flowkit._server, of_flowkit._services

WRONG_KEY, DOWN, REAL_PAUSES = "chave_errada", "fora", "sem_pressa"


@pytest.fixture(scope="module")
def node_red(
    services: Services, server: BaseWSGIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NodeRed]:
    url = f"http://127.0.0.1:{server.port}/{{}}/conversa"
    keys = {platform: services.tenants[NAME].keys[platform][0] for platform in PLATFORMS}
    with running(tmp_path_factory.mktemp("node-red")) as started, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        started.deploy(
            flow(
                *(Entry(platform, url.format(platform), key) for platform, key in keys.items()),
                Entry(WRONG_KEY, url.format("fivehub"), "another-key"),
                Entry(DOWN, f"http://127.0.0.1:{closed.getsockname()[1]}/", "any-key"),
                Entry(REAL_PAUSES, url.format("fivehub"), keys["fivehub"], ms_per_second=1000),
            )
        )
        yield started


@pytest.fixture
def playing(
    services: Services,
    take_back: Callable[[], None],
    tmp_path: Path,
    server: BaseWSGIServer,
    node_red: NodeRed,
) -> Playing:
    playing = Playing(services, take_back, tmp_path, server)
    playing.node_red = node_red
    return playing


@pytest.fixture
def _webhook(services: Services, server: BaseWSGIServer, sqlite_url: str) -> None:
    """An application with a store of its own."""
    server.app = services.make(services.tenants[NAME], styles=STYLES, database_url=sqlite_url)
