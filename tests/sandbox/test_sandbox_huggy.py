"""The sandbox's stand-in for Huggy's API v3."""

import pytest
import requests

from sandbox.huggy import TOKEN


@pytest.fixture
def post(sandbox):
    def post(path, body, token=TOKEN):
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(f"{sandbox.url}/huggy/v3{path}", json=body, headers=headers, timeout=5)

    return post


def told(sandbox):
    return requests.get(f"{sandbox.url}/huggy/told", timeout=5).json()


def test_what_a_chat_was_told_is_shown(sandbox, post):
    said = post("/chats/55/messages", {"text": "Olá!"})
    started = post("/chats/55/flow", {"flowId": 7})
    assert (said.status_code, started.status_code, started.text) == (200, 200, "")
    assert told(sandbox) == [
        {"chat": "55", "text": "Olá!", "flow": None},
        {"chat": "55", "text": None, "flow": 7},
    ]


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (("/chats/55/messages", {"text": "Olá!"}, "another"), 401),
        (("/chats/55/flow", {"flowId": 7}, ""), 401),
        (("/chats/55/messages", {"text": ""}, TOKEN), 422),
        (("/chats/55/messages", ["text"], TOKEN), 422),
        (("/chats/55/flow", {"flowId": "7"}, TOKEN), 422),
        (("/chats//flow", {"flowId": 7}, TOKEN), 404),
    ],
)
def test_what_is_refused_is_not_told(sandbox, post, call, status):
    assert post(*call).status_code == status
    assert told(sandbox) == []


def test_faults_hit_it_too(sandbox, post):
    sandbox.faults.add("/huggy/v3/chats/55", times=1, status=503, when="after")
    assert post("/chats/55/messages", {"text": "Olá!"}).status_code == 503
    assert len(told(sandbox)) == 1
    assert [(one.method, one.path) for one in sandbox.requests] == [("POST", "/huggy/v3/chats/55/messages")]
