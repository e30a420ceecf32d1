"""The service that a written conversation calls, in each scenario that a script may set."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select, update

from sandbox import Sandbox
from sandbox.store import COLLECTIONS
from sandbox.writes import add
from schemas.fields import Mode
from schemas.tenants import Tenant
from webhook.conversation.lead import SHORT_WAIT_S
from webhook.outcomes import Answer
from webhook.process.worker import Worker
from webhook.settings import Settings
from webhook.store import Store, StoreUnavailable
from webhook.store.health import beat
from webhook.store.tables import links, lookups, outbox
from webhook.web.actions import conversation
from webhook.web.actions.base import Action, ActionRequest

OZMAP = [f"/{name}" for name in (*COLLECTIONS, "ftth-viability", "base-points", "authenticated")]
DOWN = (OZMAP, {"status": 503})
SLOW = (OZMAP, {"delay": 0.7})
FAULTS: dict[str, tuple[list[str], Mapping[str, Any]]] = {
    "fora": DOWN,
    "volta na pausa": DOWN,
    "some na pausa": DOWN,
    "desiste na pausa": DOWN,
    "lento": SLOW,
    "lento até a 2ª": SLOW,
    "lento até a 3ª": SLOW,
    "recusa": (OZMAP, {"status": 403, "body": {"message": "Forbidden"}}),
    "sem mapa": (["/nominatim"], {"status": 503}),
}
PAUSES = {
    "lento até a 2ª": 1,
    "lento até a 3ª": 2,
    "lento ao criar": 1,
    "volta na pausa": 1,
    "some na pausa": 1,
    "desiste na pausa": 1,
}
"""Scenario to the number of the flow's pauses until what it waits for has happened."""
TRACELESS = {
    "normal", "viável sem caixa", "cliente do ERP", "ocupado", "sinal ocupado", "link vencido",
    "chave errada", "sem resposta",
}  # fmt: skip
"""Scenarios that leave nothing in an application: others may use it afterwards."""
LONG, SHORT = 30.0, 0.55
"""Seconds to reply in: more than a slow machine needs, and less than one read of a slow OZmap."""
SOME, POST = 3.0, 4.0
"""Seconds to reply in that all reads fit into, and of a POST that does not."""
SIGNAL = "consulta/sinal"


@dataclass
class Scenarios:
    """A service whose surroundings `change` sets. `make_app` makes one for a tenant, with settings."""

    platform: str
    make_app: Callable[..., Flask]
    tenant: Tenant
    sandbox: Sandbox
    store: Store
    app: Flask | None = None
    name: str = "normal"

    def __post_init__(self) -> None:
        self._pauses, self._kept, self._silent = 0, 0, False
        self.change("normal")
        beat(self.store, "worker", [self.tenant.slug])  # without a worker nothing is promised
        self.app = self.app or self._service(LONG)

    def change(self, name: str) -> None:
        """Sets one of flowkit.script.SCENARIOS."""
        self.sandbox.faults.clear()
        self.sandbox.behaviour.change(
            viable_without_boxes=name == "viável sem caixa",
            post_seconds=(POST,) if name == "lento ao criar" else (),
        )
        self.key = "wrong" if name == "chave errada" else self.tenant.keys[self.platform][0]
        if name == "por poste":
            self.tenant = replace(self.tenant, mode=Mode.POLE)
            self.app = self._service(LONG)
        if name == "link vencido":
            with self.store.write() as connection:
                connection.execute(update(links).values(expires_at=1.0))
        if name == "cliente do ERP":
            fields = {"name": "Maria Souza", "code": "ERP-7", "implanted": False}
            with self.sandbox.store.lock:
                add(self.sandbox.store, "ftth-clients", fields)
        if name.startswith("lento"):
            self.app = self._service(SOME if name == "lento ao criar" else SHORT)
        if name == "normal" and self.name not in TRACELESS:
            self.app = self._service(LONG)  # its breakers are closed
        if name == "limite":
            self.app = self._service(LONG, rate_limit="1/day")
            self.post("eco", {})
        self.name, self._pauses = name, PAUSES.get(name, 0)
        self._kept = self._count()
        paths, fault = FAULTS.get(name, ([], {}))
        for prefix in paths:
            self.sandbox.faults.add(prefix, **fault)

    def wsgi(self, *call: Any) -> Iterable[bytes]:
        """The application as it is now."""
        return self.app(*call)

    def post(self, action: str, values: Mapping[str, object]) -> Any:
        """Calls an action inside this process."""
        client, path = self.app.test_client(), f"/{self.platform}/{action}"
        return client.post(path, headers={"X-Webhook-Key": self.key}, json=dict(values)).get_json()

    def post_to(self, url: str, reads_errors: bool) -> Callable[[str, Mapping[str, object]], Any]:
        """As `post`, but over a socket. `reads_errors`: the platform reads a reply whatever its status."""

        def post(action: str, values: Mapping[str, object]) -> Any:
            silent, self._silent = self._silent, False
            if silent or self.name == "sem resposta":
                return None
            headers = {"X-Webhook-Key": self.key}
            response = requests.post(
                f"{url}/{self.platform}/{action}", headers=headers, json=values, timeout=60
            )
            return response.json() if response.ok or reads_errors else None

        return post

    def pause(self, seconds: int) -> None:
        """Does not sleep. The last of PAUSES lasts until its work is in the store, for any process."""
        if seconds == SHORT_WAIT_S:
            return  # the service's own, before its next step
        self._pauses -= 1
        if self._pauses:
            return
        self.sandbox.faults.clear()
        if self.name == "volta na pausa":
            self._change_outbox(due_at=0.0)
            url = self.store.engine.url.render_as_string(hide_password=False)
            assert Worker(Settings(tenants=(self.tenant,), styles={}, database_url=url)).deliver_one()
        elif self.name == "some na pausa":
            self._silent = True
        elif self.name == "desiste na pausa":
            self._change_outbox(gave_up_at=time.time())
        else:
            self._wait_for_another()
        self.app = self._service(LONG)

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Lets the store be at work for other actions than `conversa`, where the scenario says so."""
        run = Action.run

        def run_or_not(action: Action, request: ActionRequest) -> Answer:
            occupied = {"ocupado": action.name != conversation.NAME, "sinal ocupado": action.name == SIGNAL}
            if occupied.get(self.name):
                raise StoreUnavailable
            return run(action, request)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Action, "run", run_or_not)
            yield

    def _wait_for_another(self) -> None:
        until = time.monotonic() + LONG
        while self._count() == self._kept:
            assert time.monotonic() < until
            time.sleep(0.01)

    def _change_outbox(self, **values: float) -> None:
        with self.store.write() as connection:
            connection.execute(update(outbox).values(**values))

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        """Sends a form as a browser does."""
        assert self.app.test_client().post(urlsplit(url).path, data=form).status_code == 200

    def _service(self, seconds: float, **options: Any) -> Flask:
        return self.make_app(self.tenant, reply_deadline=seconds, **options)

    def _count(self) -> int:
        """What a slow OZmap will add to: its properties, or the answers to lookups."""
        if self.name == "lento ao criar":
            return len(self.sandbox.store["properties"])
        with self.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(lookups)) or 0
