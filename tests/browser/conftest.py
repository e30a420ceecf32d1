"""Real Chromium against the application over real HTTP."""

import shutil
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from tests.missing import missing
from webhook.settings import MapTiles

# As root, without a network, and with nothing of its own to fetch.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


PATIENCE = 20.0
"""Seconds for a reply, and for the address at a pin."""
expect.set_options(timeout=30_000)  # milliseconds, on a machine that has much else to do


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        missing("no Chromium (apt-get install chromium): pages are not tested in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def service(make_app, sandbox, monkeypatch):
    """Serves the application with these options; gives its address. On a busy machine no map is late."""
    monkeypatch.setattr("webhook.location.search.REVERSE", PATIENCE)
    servers = []

    def start(*tenants, **options):
        server = make_server("127.0.0.1", 0, None, threaded=True)
        url = f"http://127.0.0.1:{server.port}"
        tiles = {name: f"{sandbox.url}/tiles/{name}/{{z}}/{{x}}/{{y}}.png" for name in ("map", "satellite")}
        patient = {"reply_deadline": PATIENCE} | options
        server.app = make_app(*tenants, public_url=url, tiles=MapTiles(**tiles), **patient)
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        servers.append((server, thread))
        return url

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()
