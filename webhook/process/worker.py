"""The worker: delivers promised sales, follows up on them, sends notices to chats. Any number may run.

`python -m webhook worker`; at SIGTERM it finishes the sales in progress, then stops.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic

from schemas.tenants import Tenant
from webhook.findme.links import Links
from webhook.net.deadline import Deadline
from webhook.notices.delivery import LEASE as NOTICE_LEASE
from webhook.notices.delivery import Delivery
from webhook.observe.defects import where
from webhook.ozmap.accounts import accounts_of
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms.huggy.client import HuggyClient
from webhook.sales.delivery import deliver
from webhook.sales.retention import purge
from webhook.settings import Settings
from webhook.store import Store, StoreUnavailable
from webhook.store.health import BEAT_EVERY, beat, leave
from webhook.store.outbox import Lease, LeaseLost, next_due

THREADS = 8
"""Sales delivered at once: after an outage a few hundred go out within a minute."""
PATIENCE = 30.0
"""Seconds of OZmap for one sale: about seven calls, one after the other, of which each may take four."""
LEASE = PATIENCE + 10
TELLERS = 4
"""Notices sent at once, in threads of their own: a Huggy that hangs must not delay the sales."""
LOOK_EVERY = 0.5
"""Seconds between looks into an empty outbox."""
STORE_DOWN = 2.0
"""Seconds before the store is tried again."""
PURGE_EVERY = 3600.0


class Worker:
    """Opens the store when it first looks for work."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.database_url)
        self._tenants: Mapping[str, Tenant] = {tenant.slug: tenant for tenant in settings.tenants}
        self._accounts: Mapping[str, OzmapAccount] = accounts_of(settings.tenants)
        self._chats: Mapping[str, HuggyClient] = {
            tenant.slug: HuggyClient(settings.huggy_api_url, tenant.huggy_api_token)
            for tenant in settings.tenants
            if tenant.huggy_api_token
        }
        self._settle_time = settings.settle_time
        self._stop = Event()

    def run(self) -> None:
        """Works until `stop` is called, then waits for all threads."""
        work = [self.deliver_one] * THREADS + [self.tell_one] * TELLERS
        threads = [Thread(target=self._always, args=(one,), name=one.__name__) for one in work]
        name = secrets.token_hex(8)
        for seconds, one in ((PURGE_EVERY, self._purge), (BEAT_EVERY, lambda: beat(self._store, name))):
            threads.append(Thread(target=self._every, args=(seconds, one)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with suppress(StoreUnavailable):
            leave(self._store, name)
        self._store.close()

    def stop(self) -> None:
        """Finishes sales in progress, then stops."""
        self._stop.set()

    def deliver_one(self) -> bool:
        """False if no sale was due."""
        lease = next_due(self._store, LEASE)
        if lease is None:
            return False
        started = monotonic()
        tenant = self._tenant_of(lease)
        if tenant is None:
            return True
        ozmap = Ozmap(self._accounts[lease.tenant], Deadline(PATIENCE))
        try:
            result = deliver(lease, ozmap, tenant, self._settle_time)
        except LeaseLost:
            result = "lease lost"
        failed = [f"{made.operation}: {made.result}" for made in ozmap.calls if made.result != "ok"]
        _log("delivery", lease, result, started, ozmap_calls=len(ozmap.calls), ozmap_failed=failed)
        return True

    def tell_one(self) -> bool:
        """False if no notice was due."""
        lease = next_due(self._store, NOTICE_LEASE, ["notice"])
        if lease is None:
            return False
        started = monotonic()
        tenant = self._tenant_of(lease)
        if tenant is None:
            return True
        delivery = Delivery(lease, self._chats.get(tenant.slug), tenant.huggy_flow)
        try:
            result = delivery.run()
        except LeaseLost:
            result = "lease lost"
        _log("notice", lease, result, started, huggy_failed=delivery.failed)
        return True

    def _tenant_of(self, lease: Lease) -> Tenant | None:
        tenant = self._tenants.get(lease.tenant)
        if tenant is None:
            lease.give_up("no such tenant in the settings")
        return tenant

    def _always(self, work: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                if not work():
                    self._stop.wait(LOOK_EVERY)
            except StoreUnavailable:
                _print({"event": "store unavailable"})
                self._stop.wait(STORE_DOWN)
            except Exception as error:
                # A defect with one sale must not stop the others. The sale is tried again after its lease.
                _print({"event": "defect", "defect": where(error)})
                self._stop.wait(STORE_DOWN)

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                work()
            except StoreUnavailable:
                _print({"event": "store unavailable"})
            self._stop.wait(seconds)

    def _purge(self) -> None:
        purge(self._store, self._tenants.values(), time.time())
        Links(self._store).purge(time.time())


def _log(event: str, lease: Lease, result: str, started: float, **more: object) -> None:
    """An allowlist, as the web's: nothing personal, no client code, no chat. What is empty is left out."""
    line: dict[str, object] = {
        "event": event,
        "tenant": lease.tenant,
        "outbox": lease.id,
        "kind": lease.kind,
        "attempt": lease.attempts + 1,
        "result": result,
        "ms": round((monotonic() - started) * 1000),
    }
    _print(line | {name: value for name, value in more.items() if value != []})


def _print(line: Mapping[str, object]) -> None:
    now: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    sys.stdout.write(json.dumps(now | dict(line)) + "\n")
    sys.stdout.flush()
