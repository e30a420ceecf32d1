"""The service that a written conversation calls, in each scenario that a script may set."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import func, select, update

from sandbox import Sandbox
from sandbox.store import COLLECTIONS
from sandbox.writes import add
from schemas.fields import Mode
from schemas.tenants import Tenant
from tests.conftest import KEYS
from webhook.flows.play import HttpCall
from webhook.process.worker import Worker
from webhook.settings import Settings
from webhook.store import Store
from webhook.store.health import beat
from webhook.store.tables import links, lookups, outbox

OZMAP = [f"/{name}" for name in (*COLLECTIONS, "ftth-viability", "base-points", "authenticated")]
DOWN = (OZMAP, {"status": 503})
SLOW = (OZMAP, {"delay": 1.0})
FAULTS: dict[str, tuple[list[str], Mapping[str, Any]]] = {
    "fora": DOWN,
    "volta na pausa": DOWN,
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
    "desiste na pausa": 1,
}
"""Scenario to the number of the flow's pauses until what it waits for has happened."""
LONG, SHORT = 30.0, 0.8
"""Seconds to reply in: more than a slow machine needs, and less than one read of a slow OZmap."""
SOME, POST = 2.0, 3.0
"""Seconds to reply in that all reads fit into, and of a POST that does not."""


class Scenarios:
    """A service whose surroundings `change` sets."""

    def __init__(
        self, platform: str, make_app: Callable[..., Flask], tenant: Tenant, sandbox: Sandbox, store: str
    ) -> None:
        self._make_app, self._tenant, self._sandbox = make_app, tenant, sandbox
        self._store, self._url = Store(store), store
        self._right_key = self._key = KEYS[platform][0]
        beat(self._store, "worker", [tenant.slug])  # without a worker nothing is promised
        self._name, self._pauses, self._kept = "normal", 0, 0
        self._app = self._service(LONG)

    def change(self, name: str) -> None:
        """Sets one of flowkit.script.SCENARIOS."""
        self._sandbox.faults.clear()
        self._sandbox.behaviour.change(
            viable_without_boxes=name == "viável sem caixa",
            post_seconds=(POST,) if name == "lento ao criar" else (),
        )
        self._key = "wrong" if name == "chave errada" else self._right_key
        if name == "por poste":
            self._tenant = replace(self._tenant, mode=Mode.POLE)
            self._app = self._service(LONG)
        if name == "link vencido":
            with self._store.write() as connection:
                connection.execute(update(links).values(expires_at=1.0))
        if name == "cliente do ERP":
            fields = {"name": "Maria Souza", "code": "ERP-7", "implanted": False}
            with self._sandbox.store.lock:
                add(self._sandbox.store, "ftth-clients", fields)
        if name.startswith("lento"):
            self._app = self._service(SOME if name == "lento ao criar" else SHORT)
        self._name, self._pauses = name, PAUSES.get(name, 0)
        self._kept = self._count()
        paths, fault = FAULTS.get(name, ([], {}))
        for prefix in paths:
            self._sandbox.faults.add(prefix, **fault)

    def send(self, call: HttpCall) -> Any:
        """Makes a flow's call as the platform does."""
        url = call.url.removeprefix("{{PUBLIC_URL}}")
        headers = {name: value.replace("{{CHAVE}}", self._key) for name, value in call.headers.items()}
        client = self._app.test_client()
        return client.open(url, method=call.method, headers=headers, json=dict(call.body)).get_json()

    def pause(self, _: int) -> None:
        """Does not sleep. The last of PAUSES lasts until its work is in the store, for any process."""
        self._pauses -= 1
        if self._pauses:
            return
        self._sandbox.faults.clear()
        if self._name == "volta na pausa":
            self._change_outbox(due_at=0.0)
            assert Worker(Settings(tenants=(self._tenant,), styles={}, database_url=self._url)).deliver_one()
        elif self._name == "desiste na pausa":
            self._change_outbox(gave_up_at=time.time())
        else:
            self._wait_for_another()
        self._app = self._service(LONG)

    def _wait_for_another(self) -> None:
        until = time.monotonic() + LONG
        while self._count() == self._kept:
            assert time.monotonic() < until
            time.sleep(0.01)

    def _change_outbox(self, **values: float) -> None:
        with self._store.write() as connection:
            connection.execute(update(outbox).values(**values))

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        """Sends a form as a browser does."""
        assert self._app.test_client().post(urlsplit(url).path, data=form).status_code == 200

    def _service(self, seconds: float) -> Flask:
        return self._make_app(self._tenant, reply_deadline=seconds, database_url=self._url)

    def _count(self) -> int:
        """What a slow OZmap will add to: its properties, or the answers to lookups."""
        if self._name == "lento ao criar":
            return len(self._sandbox.store["properties"])
        with self._store.read() as connection:
            return connection.scalar(select(func.count()).select_from(lookups)) or 0
