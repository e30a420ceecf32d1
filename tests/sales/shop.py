"""A shop to sell in: an OZmap, the application on a store, and a worker that tests step by hand."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import requests
from sqlalchemy import delete, select, update

from sandbox import PLACES, Sandbox
from sandbox.writes import add
from schemas.conversation import Conversation
from schemas.tenants import Tenant
from tests.sales.stand_in import StandIn
from webhook import create_app
from webhook.process.worker import Worker
from webhook.sales.codes import mark
from webhook.settings import Settings
from webhook.store import Store
from webhook.store.health import beat
from webhook.store.tables import outbox, prospects, reservations

KEY = "fivehub-key-1"
POST = ("POST", "/properties")
SOLD = ("properties", "ftth-clients", "prospects")
PERSON = {"nome": "Fulana Beltrana", "telefone": "(48) 99988-7766"}


class Shop:
    """`ask` calls the service as 5Hub does; `work` lets the worker do all that is due or will be.

    `deadline`: seconds of a reply; where a test needs no short one, no slow machine may cut a reply short.
    `without_worker`: no worker beats, so nothing may be promised. Wishes are fields of the tenant.
    """

    def __init__(
        self,
        sandbox: Sandbox | StandIn,
        url: str,
        *,
        deadline: float = 20.0,
        without_worker: bool = False,
        slug: str = "isp",
        geocoder_url: str | None = None,
        **wishes: Any,
    ) -> None:
        keys = {"fivehub": (KEY,), "huggy": ("huggy-key-1",)}
        self.tenant = Tenant(slug, sandbox.url, sandbox.token, keys, **wishes)
        self.sandbox = sandbox
        self.settings = Settings(
            tenants=(self.tenant,),
            styles={"huggy": "text", "fivehub": "typed"},
            database_url=url,
            reply_deadline=deadline,
            geocoder_url=geocoder_url,
        )
        self.store = Store(url)
        self.app = create_app(self.settings)
        self.worker = Worker(self.settings)
        self.codes: dict[str, str] = {}
        """The client code that the replies named last, by conversation."""
        if not without_worker:
            self.beat()

    def beat(self, tenants: Sequence[str] = ()) -> None:
        """The worker's sign of life, which it would give itself if it ran."""
        beat(self.store, f"worker of {self.tenant.slug}", tenants or [self.tenant.slug])

    def ask(self, action: str, conversation: str = "c1", **values: Any) -> dict[str, Any]:
        said = {"conversa_id": conversation} | values
        answer = self.app.test_client().post(f"/fivehub/{action}", json=said, headers={"X-Webhook-Key": KEY})
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.get_json()
        if code := reply.get("reserva_codigo"):
            self.codes[conversation] = code
        return reply

    def reserve(self, conversation: str = "c1", place: str = "viable", **values: Any) -> dict[str, Any]:
        point = PLACES[place].point
        return self.ask(
            "reserva", conversation, **(PERSON | {"latitude": point.lat, "longitude": point.lng} | values)
        )

    def prospect(self, conversation: str = "c1", place: str = "no_fibre_street", **values: Any):
        point = PLACES[place].point
        return self.ask(
            "prospect", conversation, **(PERSON | {"latitude": point.lat, "longitude": point.lng} | values)
        )

    def code(self, action: str, conversation: str = "c1", **values: Any) -> str:
        return self.ask(action, conversation, **values)["codigo"]

    def work(self, rounds: int = 30) -> None:
        """Until the outbox is empty or given up, with all waiting and all leases over at once."""
        for _ in range(rounds):
            self.pass_time()
            if not self.worker.deliver_one():
                return
        raise AssertionError("the outbox does not become quiet")

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Until OZmap has finished something that it does in its own time."""
        until = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < until, "OZmap never finished"
            time.sleep(0.02)

    def is_answered(self) -> bool:
        """Whether OZmap has finished all that it was asked, even where nobody waits for the answer."""
        return all(one.status is not None for one in list(self.sandbox.requests))

    def look_again(self) -> None:
        """What is owed is due now; what was posted is as fresh as it is."""
        with self.store.write() as connection:
            connection.execute(update(outbox).values(due_at=0, lease_until=None))

    def pass_time(self) -> None:
        """What was due in a while is due now, what was leased is free, what was posted has settled."""
        with self.store.write() as connection:
            long_ago = time.time() - 3600
            connection.execute(update(outbox).values(due_at=long_ago, lease_until=None))
            for table in (reservations, prospects):
                posted = table.c.posted_at.is_not(None)
                connection.execute(update(table).where(posted).values(posted_at=long_ago))
            seen = reservations.c.unconnected_since.is_not(None)
            connection.execute(update(reservations).where(seen).values(unconnected_since=long_ago))

    def expire(self) -> None:
        """What was reserved is past its `expira_em`."""
        with self.store.write() as connection:
            connection.execute(update(reservations).values(expires_at=time.time() - 1))

    def forget_sales(self) -> None:
        """As the store of an installation that never sold."""
        with self.store.write() as connection:
            for table in (outbox, reservations, prospects):
                connection.execute(delete(table))

    def restart(self, deadline: float | None = None, **wishes: Any) -> None:
        """New processes with other wishes, on the same store."""
        self.tenant = replace(self.tenant, **wishes)
        seconds = deadline or self.settings.reply_deadline
        self.settings = replace(self.settings, tenants=(self.tenant,), reply_deadline=seconds)
        self.app = create_app(self.settings)
        self.worker = Worker(self.settings)

    def own_code(self, conversation: str = "c1") -> str:
        """The client code of our making."""
        return Conversation("fivehub", conversation).client_code(
            self.tenant.prefix, self.store.installation, self.tenant.slug
        )

    @property
    def mark(self) -> str:
        return mark(self.store.installation, self.tenant.slug)

    def clients(self, code: str | None = None) -> list[dict[str, Any]]:
        """OZmap's clients with a code, which is that of conversation c1 where none is named."""
        code = code or self.codes.get("c1")
        clients = self.sandbox.store["ftth-clients"].values()
        return [one for one in clients if code and one.get("code") == code]

    def properties(self, code: str | None = None) -> list[dict[str, Any]]:
        """What OZmap has under a client code, which is that of conversation c1 where none is named."""
        clients = {one["id"] for one in self.clients(code)}
        return [one for one in self.sandbox.store["properties"].values() if one["client"] in clients]

    def posts(self) -> list[str]:
        """The boxes, by id, that were asked to take a customer."""
        bodies = [one.body for one in self.sandbox.requests if (one.method, one.path) == POST]
        return [(json.loads(body) if isinstance(body, str) else body)["box"] for body in bodies]

    def add_client(self, code: str, **fields: Any) -> dict[str, Any]:
        """A client without a property, as an ERP's sync makes it."""
        fields = {"code": code, "name": "Alguém", "observation": "do ERP", "implanted": False} | fields
        return self.add("ftth-clients", fields)

    def add(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A record of the ISP's own."""
        if isinstance(self.sandbox, StandIn):
            return self.sandbox.add(name, fields)
        with self.sandbox.store.lock:
            return add(self.sandbox.store, name, fields)

    def by_hand(self, method: str, path: str, **fields: Any) -> Any:
        """What somebody else does in OZmap, and its answer."""
        key = {"Authorization": self.sandbox.token}
        body = fields or None
        answer = requests.request(
            method, f"{self.sandbox.url}/api/v2/{path}", headers=key, json=body, timeout=10
        )
        assert answer.ok, answer.text
        self.sandbox.requests.pop()
        return answer.json() if answer.content else None

    def nearest(self) -> list[str]:
        """The viable boxes at the place of a sale, by id."""
        point = PLACES["viable"].point
        boxes = self.by_hand("GET", f"ftth-viability/radius?lat={point.lat}&lng={point.lng}")["boxes"]
        return [box["id"] for box in sorted(boxes, key=lambda box: box["distance"])]

    def sell_by_hand(self, code: str, **changes: Any) -> dict[str, Any]:
        """A property that somebody else made, in the nearest box."""
        point, project = PLACES["viable"].point, next(iter(self.sandbox.store["projects"]))
        client = {"code": code, "name": "Alguém", "implanted": False}
        form = {"project": project, "box": self.nearest()[0], "lat": point.lat, "lng": point.lng}
        form |= {"auto_connect": True, "client": client} | changes
        return self.by_hand("POST", "properties", **form)

    def everything(self) -> dict[str, dict[str, Any]]:
        """OZmap's customers as whole records, `updatedAt` too."""
        return {name: deepcopy(dict(self.sandbox.store[name])) for name in SOLD}

    def owed(self) -> Any:
        """The only row of the outbox that is somebody's."""
        with self.store.read() as connection:
            return connection.execute(select(outbox).where(outbox.c.promised)).one()

    def booked_twice(self) -> list[Any]:
        """Ports that more than one property holds."""
        ports = Counter(
            (one["id"], one["port"])
            for record in self.sandbox.store["properties"].values()
            for one in record.get("connections", [])
        )
        return [port for port, count in ports.items() if count > 1]

    def writes(self) -> list[tuple[str, str]]:
        """What was asked of OZmap beside reads, by method and collection."""
        return [(one.method, one.path.split("/")[1]) for one in self.sandbox.requests if one.method != "GET"]
