"""The worker: delivers what was promised and looks after what was sold. Any number may run.

`python -m webhook worker`; it stops at SIGTERM when the sale at hand is done.
"""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic

from schemas.tenants import Tenant
from webhook.deadline import Deadline
from webhook.defects import where
from webhook.findme.links import Links
from webhook.ozmap.accounts import accounts_of
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.sales.delivery import deliver
from webhook.sales.retention import purge
from webhook.settings import Settings
from webhook.store import Store, StoreUnavailable
from webhook.store.outbox import Lease, LeaseLost, next_due

THREADS = 8
"""Sales at work at once: after an outage a few hundred are delivered within a minute."""
PATIENCE = 10.0
"""Seconds of OZmap for one sale. One that hangs is tried every two seconds: it holds five threads."""
LEASE = PATIENCE + 10
LOOK_EVERY = 0.5
"""Seconds between looks into an empty outbox."""
STORE_DOWN = 2.0
"""Seconds before the store is tried again."""
PURGE_EVERY = 3600.0


class Worker:
    """Opens the store at its first look."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.database_url)
        self._tenants: Mapping[str, Tenant] = {tenant.slug: tenant for tenant in settings.tenants}
        self._accounts: Mapping[str, OzmapAccount] = accounts_of(settings.tenants)
        self._settle_time = settings.settle_time
        self._stop = Event()

    def run(self) -> None:
        """Until `stop`."""
        threads = [Thread(target=self._deliver_all, name=f"delivery-{n}") for n in range(THREADS)]
        threads.append(Thread(target=self._purge_always, name="purge"))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._store.close()

    def stop(self) -> None:
        """Lets the sales at hand end."""
        self._stop.set()

    def deliver_one(self) -> bool:
        """Whether anything was due."""
        lease = next_due(self._store, LEASE)
        if lease is None:
            return False
        started = monotonic()
        tenant = self._tenants.get(lease.tenant)
        if tenant is None:
            lease.give_up("no such tenant in the settings")
            return True
        ozmap = Ozmap(self._accounts[lease.tenant], Deadline(PATIENCE))
        try:
            result = deliver(lease, ozmap, tenant, self._settle_time)
        except LeaseLost:
            result = "lease lost"
        _log(lease, result, started, ozmap)
        return True

    def _deliver_all(self) -> None:
        while not self._stop.is_set():
            try:
                if not self.deliver_one():
                    self._stop.wait(LOOK_EVERY)
            except StoreUnavailable:
                _print({"event": "store unavailable"})
                self._stop.wait(STORE_DOWN)
            except Exception as error:
                # A defect of ours with one sale must not stop the others; its lease runs out by itself.
                _print({"event": "defect", "defect": where(error)})
                self._stop.wait(STORE_DOWN)

    def _purge_always(self) -> None:
        while not self._stop.is_set():
            try:
                purge(self._store, self._tenants.values(), time.time())
                Links(self._store).purge(time.time())
            except StoreUnavailable:
                _print({"event": "store unavailable"})
            self._stop.wait(PURGE_EVERY)


def _log(lease: Lease, result: str, started: float, ozmap: Ozmap) -> None:
    """An allowlist, as the web's: nothing personal, no client code."""
    line: dict[str, object] = {
        "event": "delivery",
        "tenant": lease.tenant,
        "outbox": lease.id,
        "kind": lease.kind,
        "attempt": lease.attempts + 1,
        "result": result,
        "ms": round((monotonic() - started) * 1000),
        "ozmap_calls": len(ozmap.calls),
    }
    if failed := [f"{made.operation}: {made.result}" for made in ozmap.calls if made.result != "ok"]:
        line["ozmap_failed"] = failed
    _print(line)


def _print(line: Mapping[str, object]) -> None:
    now: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    sys.stdout.write(json.dumps(now | dict(line)) + "\n")
    sys.stdout.flush()
