"""A shop per test, on each kind of database, at the sandbox or at a stand-in that shares no code with it."""

import sys
from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tests.sales.shop import Shop
from tests.sales.stand_in import StandIn
from webhook.__main__ import main


@pytest.fixture
def open_shop(own_sandbox: Sandbox, database_url: str) -> Callable[..., Shop]:
    return lambda **wishes: Shop(own_sandbox, database_url, **wishes)


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def open_other(stand_in: StandIn, sqlite_url: str) -> Callable[..., Shop]:
    """A shop at the stand-in."""
    return lambda **wishes: Shop(stand_in, sqlite_url, **wishes)


@pytest.fixture
def other(open_other: Callable[..., Shop]) -> Shop:
    return open_other()


@pytest.fixture(params=["sandbox", "stand-in"])
def open_any(request: pytest.FixtureRequest, sqlite_url: str) -> Callable[..., Shop]:
    """A shop at the sandbox, and one at the stand-in."""
    ozmap = request.getfixturevalue("own_sandbox" if request.param == "sandbox" else "stand_in")
    return lambda **wishes: Shop(ozmap, sqlite_url, **wishes)


@pytest.fixture
def any_shop(open_any: Callable[..., Shop]) -> Shop:
    return open_any()


@pytest.fixture
def pending(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `python -m webhook pending` prints about a shop."""

    def pending(shop: Shop, *arguments: str) -> str:
        settings = {
            "OZMAP_URL": shop.sandbox.url,
            "OZMAP_TOKEN": shop.sandbox.token,
            "FIVEHUB_KEY": "fivehub-key-1",
            "DATABASE_URL": shop.settings.database_url,
            "PUBLIC_URL": "https://webhook.isp.example",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["webhook", "pending", *arguments])
        capsys.readouterr()
        assert main() == 0
        return capsys.readouterr().out

    return pending
