"""A chat on a platform that lets the webhook lead: says something, and keeps the reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from sandbox import Sandbox
from schemas.tenants import Tenant
from tests.conftest import KEYS
from webhook.conversation.state import State
from webhook.store import Store
from webhook.store.health import beat
from webhook.store.tables import conversations

FIBRE, STREET, NO_FIBRE = "Rua Dona Marina, 552", "Rua Dona Marina", "Estrada do Morro Alto, 1050"
PIN = "-27.598710, -48.519455"


@pytest.fixture
def sandbox(own_sandbox: Sandbox) -> Sandbox:
    """In place of the one that is only read."""
    return own_sandbox


@dataclass
class Chat:
    client: FlaskClient
    store: Store
    platform: str = "fivehub"
    id: str = "c1"
    sends_token: bool = True
    known: Mapping[str, object] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)

    def post(self, **values: object) -> dict[str, Any]:
        """A call as it is given."""
        headers = {"X-Webhook-Key": KEYS[self.platform][0]}
        body = {"conversa_id": self.id, **self.known, **values}
        return self.client.post(f"/{self.platform}/conversa", json=body, headers=headers).get_json()

    def say(self, answer: object = None, **values: object) -> dict[str, Any]:
        """A call after the last one; waits are over at once."""
        if answer is not None:
            values["resposta"] = answer
        if self.sends_token and self.last:
            values.setdefault("etapa", self.last["etapa"])
        self.last = self.post(**values)
        return self.last

    def says(self, *answers: object) -> dict[str, Any]:
        """Several answers; calls again wherever the reply says to wait."""
        for answer in answers:
            self.say(answer)
            while self.last["acao"] == "esperar":
                self.say()
        return self.last

    @property
    def state(self) -> State:
        with self.store.read() as connection:
            return State.of_json(connection.scalars(select(conversations.c.state)).one())

    def let_pass(self, seconds: float) -> None:
        """The last call was so many seconds ago."""
        state = self.state
        state.answered_at -= seconds
        with self.store.write() as connection:
            changed = conversations.c.changed_at - seconds
            connection.execute(update(conversations).values(state=state.to_json(), changed_at=changed))


@pytest.fixture
def chat_on(tenant: Tenant, make_app: Callable[..., Flask], database_url: str) -> Callable[..., Chat]:
    store = Store(database_url)
    beat(store, "worker", [tenant.slug])

    def make(isp: Tenant = tenant, *, app: Mapping[str, object] | None = None, **options: Any) -> Chat:
        made = make_app(isp, **({"database_url": database_url, "reply_deadline": 10.0} | dict(app or {})))
        return Chat(made.test_client(), store, **options)

    return make


@pytest.fixture
def chat(chat_on: Callable[..., Chat]) -> Chat:
    return chat_on()
