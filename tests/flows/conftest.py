"""A sandbox that the flows' conversations may sell in: as new for each of them."""

from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox, sample_network
from sandbox.sales import end_property

SOLD = ("properties", "prospects", "ftth-clients")


@pytest.fixture(scope="session")
def _sandbox_of_the_flows() -> Iterator[Sandbox]:
    with Sandbox(network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox_of_the_flows: Sandbox) -> Iterator[Sandbox]:
    """In place of the one that is only read."""
    yield _sandbox_of_the_flows
    _sandbox_of_the_flows.faults.clear()


@pytest.fixture
def take_back(sandbox: Sandbox) -> Callable[[], None]:
    """Takes back all that was sold since the test began."""
    there = {name: set(sandbox.store[name]) for name in SOLD}

    def take_back() -> None:
        with sandbox.store.lock:
            for id_ in set(sandbox.store["properties"]) - there["properties"]:
                end_property(sandbox.store, sandbox.store["properties"][id_])
            for name in SOLD[1:]:
                for id_ in set(sandbox.store[name]) - there[name]:
                    sandbox.store[name].remove(id_)

    return take_back
