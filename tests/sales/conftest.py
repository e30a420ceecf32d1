"""A shop per test, on each kind of database."""

from collections.abc import Callable

import pytest

from sandbox import Sandbox
from tests.sales.shop import Shop


@pytest.fixture
def open_shop(own_sandbox: Sandbox, database_url: str) -> Callable[..., Shop]:
    return lambda **wishes: Shop(own_sandbox, database_url, **wishes)


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()
