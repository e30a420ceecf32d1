"""A shop per test, on each kind of database."""

from collections.abc import Callable, Iterator

import pytest

from sandbox import Behaviour, Sandbox, sample_network
from sandbox.sales import end_property
from tests.sales.shop import Shop


@pytest.fixture(scope="session")
def _sandbox_to_sell_in() -> Iterator[Sandbox]:
    with Sandbox(network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def own_sandbox(_sandbox_to_sell_in: Sandbox) -> Iterator[Sandbox]:
    """As new: what a test sold is taken back after it."""
    sandbox = _sandbox_to_sell_in
    sold = {name: set(sandbox.store[name]) for name in ("properties", "prospects", "ftth-clients")}
    sandbox.requests.clear()
    yield sandbox
    sandbox.faults.clear()
    vars(sandbox.behaviour).update(vars(Behaviour()))
    with sandbox.store.lock:
        for id_ in set(sandbox.store["properties"]) - sold["properties"]:
            end_property(sandbox.store, sandbox.store["properties"][id_])
        for name in ("prospects", "ftth-clients"):
            for id_ in set(sandbox.store[name]) - sold[name]:
                sandbox.store[name].remove(id_)


@pytest.fixture
def open_shop(own_sandbox: Sandbox, database_url: str) -> Callable[..., Shop]:
    return lambda **wishes: Shop(own_sandbox, database_url, **wishes)


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()
