"""A service with a token for Huggy's API, its sandbox, and a worker that tests step by hand."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from sandbox import PLACES, Sandbox
from sandbox.huggy import TOKEN, Told
from schemas.tenants import Tenant
from webhook import create_app
from webhook.notices.notify import notify
from webhook.process.worker import Worker
from webhook.settings import Settings
from webhook.store import Store
from webhook.store.health import beat
from webhook.store.tables import notices, outbox, prospects, reservations

KEY = "huggy-key-1"
CHATS = "/huggy/v3/chats"


class Office:
    """`ask` calls the service as Huggy does; `work` lets the worker do all that is due or will be."""

    def __init__(self, sandbox: Sandbox, url: str, **wishes: Any) -> None:
        keys = {"huggy": (KEY,), "fivehub": ("fivehub-key-1",)}
        chat = {"huggy_api_token": TOKEN, "huggy_flow": 7}
        self.tenant = Tenant("isp", sandbox.url, sandbox.token, keys, **(chat | wishes))
        self.sandbox = sandbox
        self.store = Store(url)
        self.settings = Settings(
            tenants=(self.tenant,),
            styles={"huggy": "text", "fivehub": "typed"},
            database_url=url,
            huggy_api_url=f"{sandbox.url}/huggy/v3",
        )
        self.app = create_app(self.settings)
        self.workers = [Worker(self.settings)]
        beat(self.store, "the office's", [self.tenant.slug])  # as it would if it ran

    @property
    def worker(self) -> Worker:
        """The last one that was started."""
        return self.workers[-1]

    def restart(self, **wishes: Any) -> None:
        """A worker with other wishes."""
        tenant = replace(self.tenant, **wishes)
        self.workers.append(Worker(replace(self.settings, tenants=(tenant,))))

    def ask(self, action: str, chat: str = "55", place: str = "viable", platform: str = "huggy") -> str:
        """The outcome's code."""
        point = PLACES[place].point
        said = {"conversa_id": chat, "nome": "Fulana", "telefone": "48 99988-7766"}
        said |= {"latitude": str(point.lat), "longitude": str(point.lng)}
        key = {"X-Webhook-Key": KEY if platform == "huggy" else "fivehub-key-1"}
        code: str = (
            self.app.test_client().post(f"/{platform}/{action}", json=said, headers=key).get_json()["codigo"]
        )
        return code

    def promise(self, action: str, chat: str = "55", place: str = "viable", platform: str = "huggy") -> str:
        """Asks while OZmap is down."""
        self.sandbox.faults.add("/", status=500)
        code = self.ask(action, chat, place, platform)
        self.sandbox.faults.clear()
        return code

    def notify(self, text: str = "Recebi o lugar.", chat: str = "55", **options: Any) -> None:
        with self.store.write() as connection:
            notify(connection, self.tenant, f"huggy:{chat}", text, **options)

    def pass_time(self) -> None:
        """What is due in a while is due now, what was leased is free, what was posted has settled."""
        long_ago = time.time() - 3600
        with self.store.write() as connection:
            connection.execute(update(outbox).values(due_at=long_ago, lease_until=None))
            for table in (reservations, prospects):
                posted = table.c.posted_at.is_not(None)
                connection.execute(update(table).where(posted).values(posted_at=long_ago))

    def sell(self) -> None:
        """All work that is left with OZmap."""
        self._until_quiet(self.worker.deliver_one)

    def tell(self) -> None:
        """All notices."""
        self._until_quiet(self.worker.tell_one)

    def _until_quiet(self, work: Callable[[], bool]) -> None:
        for _ in range(30):
            self.pass_time()
            if not work():
                return
        raise AssertionError("the outbox does not become quiet")

    def tell_once(self) -> bool:
        """One delivery, after all waiting."""
        self.pass_time()
        return self.worker.tell_one()

    @property
    def told(self) -> list[Told]:
        return list(self.sandbox.told)

    def left(self) -> list[tuple[str, str, str | None]]:
        """What became of message and flow of each notice that is there, and the reason it still is."""
        both = outbox.join(notices, (outbox.c.sale == notices.c.id) & (outbox.c.kind == "notice"))
        columns = select(notices.c.message, notices.c.flow, outbox.c.reason)
        with self.store.read() as connection:
            return [tuple(row) for row in connection.execute(columns.select_from(both))]


@pytest.fixture
def open_office(own_sandbox: Sandbox, database_url: str) -> Callable[..., Office]:
    return lambda sandbox=own_sandbox, **wishes: Office(sandbox, database_url, **wishes)


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()
