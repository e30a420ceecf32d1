"""The worker: delivers promised sales, follows up on them, sends notices to chats. Any number may run.

`python -m webhook worker`; at SIGTERM it finishes the sales in progress, then stops.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from threading import Event, Thread
from time import monotonic

from schemas.tenants import Tenant
from webhook.net.deadline import Deadline
from webhook.notices.delivery import GIVE_UP_AFTER, Delivery
from webhook.notices.delivery import LEASE as NOTICE_LEASE
from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.observe.metrics import note_delivery
from webhook.ozmap.accounts import accounts_of
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Notifier
from webhook.process.shares import Shares
from webhook.sales.deliver import MOST_REFUSALS, deliver
from webhook.sales.retention import purge
from webhook.sales.work import Rules
from webhook.settings import Settings
from webhook.store import Store, StoreUnavailable, demand
from webhook.store.health import BEAT_EVERY, beat, leave
from webhook.store.lease import DEFECT, Lease, LeaseLost
from webhook.store.tables import SALES

THREADS = 8
"""Sales delivered at once: after an outage a few hundred go out within a minute. Shared by all tenants."""
PATIENCE = 30.0
"""Seconds of OZmap for one sale: about seven calls, one after the other, of which each may take four."""
LEASE = PATIENCE + 10
TELLERS = 4
"""Notices sent at once, in threads of their own: a platform that hangs must not delay the sales."""
LOOK_EVERY = 0.5
"""Seconds between looks into an empty outbox."""
STORE_DOWN = 2.0
"""Seconds before the store is tried again."""
PURGE_EVERY = 3600.0
UNKNOWN_TENANT = 60.0
"""Seconds before a row is tried again whose tenant these settings do not have: web may know it already."""


class Worker:
    """Opens the store when it first looks for work."""

    def __init__(self, settings: Settings) -> None:
        log.configure()
        self._store = Store(settings.database_url)
        self._tenants: Mapping[str, Tenant] = {tenant.slug: tenant for tenant in settings.tenants}
        self._accounts: Mapping[str, OzmapAccount] = accounts_of(settings.tenants, settings.ozmap_at_once)
        self._notifiers = {tenant.slug: _notifiers(tenant, settings) for tenant in settings.tenants}
        self._rules = Rules(settings.settle_time, is_kept=True)
        self._conversation_s = settings.conversation_h * 3600
        shared = len(settings.tenants) > 1
        self._sales = Shares(THREADS, LEASE, SALES, shared)
        self._notices = Shares(TELLERS, NOTICE_LEASE, ["notice"], shared)
        self._stop = Event()

    def run(self) -> None:
        """Works until `stop` is called, then waits for all threads."""
        work = [self.deliver_one] * THREADS + [self.tell_one] * TELLERS
        threads = [Thread(target=self._always, args=(one,), name=one.__name__) for one in work]
        name = secrets.token_hex(8)
        sign_of_life = partial(beat, self._store, name, self._tenants)
        for seconds, one in ((PURGE_EVERY, self._purge), (BEAT_EVERY, sign_of_life)):
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
        return self._work_on(self._sales, self._deliver)

    def _deliver(self, lease: Lease, tenant: Tenant) -> None:
        started = monotonic()
        ozmap = Ozmap(self._accounts[lease.tenant], Deadline(PATIENCE))
        try:
            result = deliver(lease, ozmap, tenant, self._rules)
        except LeaseLost:
            result = "lease lost"
        failed = [f"{made.operation}: {made.result}" for made in ozmap.calls if made.result != "ok"]
        _log("delivery", lease, result, started, ozmap_calls=len(ozmap.calls), ozmap_failed=failed)

    def tell_one(self) -> bool:
        """False if no notice was due."""
        return self._work_on(self._notices, self._tell)

    def _tell(self, lease: Lease, tenant: Tenant) -> None:
        started = monotonic()
        delivery = Delivery(lease, self._notifiers[tenant.slug])
        try:
            result = delivery.run()
        except LeaseLost:
            result = "lease lost"
        except StoreUnavailable:
            raise
        except Exception as error:
            result = self._defect(lease, defect_site(error))
        _log("notice", lease, result, started, **{f"{delivery.platform}_failed": delivery.failed})

    def _defect(self, lease: Lease, site: str) -> str:
        """A defect of ours with a notice counts as a try."""
        log.write(event="defect", tenant=lease.tenant, outbox=lease.id, defect=site)
        reason = f"{DEFECT} at {site}"
        with suppress(LeaseLost):
            if lease.refusals >= MOST_REFUSALS or time.time() - lease.since > GIVE_UP_AFTER:
                lease.give_up(reason)
            else:
                lease.later(reason, refused=True)
        return "defect"

    def _work_on(self, shares: Shares, work: Callable[[Lease, Tenant], None]) -> bool:
        """Takes what is due next, if anything is. False if nothing was."""
        with shares.next_due(self._store) as lease:
            if lease is None:
                return False
            if tenant := self._tenants.get(lease.tenant):
                work(lease, tenant)
            else:
                lease.wait("no such tenant in the worker's settings", time.time() + UNKNOWN_TENANT)
        return True

    def _always(self, work: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                if not work():
                    self._stop.wait(LOOK_EVERY)
            except StoreUnavailable:
                log.write(event="store unavailable")
                self._stop.wait(STORE_DOWN)
            except Exception as error:
                # A defect with one notice must not stop the others. It is tried again after its lease.
                log.write(event="defect", defect=defect_site(error))
                self._stop.wait(STORE_DOWN)

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                work()
            except StoreUnavailable:
                log.write(event="store unavailable")
            except Exception as error:
                # Without signs of life nothing would be promised any more.
                log.write(event="defect", defect=defect_site(error))
            self._stop.wait(seconds)

    def _purge(self) -> None:
        purged = purge(self._store, list(self._tenants.values()), time.time(), self._conversation_s)
        for left in purged.left:
            log.write(event="conversations given up", **asdict(left))
        demand.purge(self._store, time.time())


def _notifiers(tenant: Tenant, settings: Settings) -> Mapping[str, Notifier]:
    """By platform, for those that the tenant has set up."""
    kinds = {name: platform.notifier for name, platform in PLATFORMS.items() if platform.notifier}
    made = {name: kind.of(tenant, settings) for name, kind in kinds.items()}
    return {name: notifier for name, notifier in made.items() if notifier}


def _log(event: str, lease: Lease, result: str, started: float, **more: object) -> None:
    """Counts it as well. Writes nothing personal: no client code, no chat. Empty lists are left out."""
    seconds = monotonic() - started
    note_delivery(lease.kind, result, seconds)
    log.write(
        event=event,
        tenant=lease.tenant,
        outbox=lease.id,
        kind=lease.kind,
        attempt=lease.attempts + 1,
        result=result,
        ms=round(seconds * 1000),
        **{name: value for name, value in more.items() if value != []},
    )
