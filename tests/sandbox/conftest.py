"""A sandbox of one's own for each test, and a session that has its key."""

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox import Sandbox, sample_network

NETWORK = pickle.dumps(sample_network())  # to load a copy is faster than to make one


class Caller:
    """OZmap calls over real HTTP, as any client would make them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.base = f"{sandbox.url}/api/v2"
        self.session = requests.Session()
        self.session.headers["Authorization"] = sandbox.token

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=10, **options)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a 200 answer. `filter` and `sort` may be Python lists."""
        packed = {
            name: value if isinstance(value, str | int | float) else json.dumps(value)
            for name, value in query.items()
        }
        answer = self.call("GET", path, params=packed)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, json=body)

    def patch(self, path: str, body: Any) -> requests.Response:
        return self.call("PATCH", path, json=body)

    def delete(self, path: str) -> requests.Response:
        return self.call("DELETE", path)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(token="a key", network=pickle.loads(NETWORK)) as running:
        yield running


@pytest.fixture
def ozmap(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox)
    with caller.session:
        yield caller
