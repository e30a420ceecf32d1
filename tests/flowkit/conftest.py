"""A sandbox that the flows' conversations may sell in."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
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
        lookups._threads.shutdown(wait=True)
