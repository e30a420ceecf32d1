"""A sandbox that the flows' conversations may sell in."""

import pytest

from sandbox import Sandbox


@pytest.fixture
def sandbox(own_sandbox: Sandbox) -> Sandbox:
    """In place of the one that is only read."""
    return own_sandbox
