"""Lookups by pole that continue after their reply: a slow OZmap's answer waits for the flow's next call.

A lookup waits for up to five rounds of reads, one after the other: with an OZmap that takes three seconds
for each, it ends after the reply deadline. It then continues in the background, and its verdict stays
in the store for STORE_FOR seconds, because the next call may reach another process.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from threading import Lock

from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.net.bulkhead import Bulkhead
from webhook.net.deadline import Deadline
from webhook.observe.metrics import LATE
from webhook.outcomes import CONSULTANDO, ENDERECO_IMPRECISO
from webhook.ozmap.api import Ozmap
from webhook.store import Store, StoreUnavailable
from webhook.store import lookups as stored
from webhook.viability import look_up_by_pole
from webhook.viability.network import Tiles
from webhook.viability.verdict import Verdict, dumps, loads

MOST = 150
"""Lookups at once in this process: as many as it accepts requests (MOST_AT_ONCE in webhook/web)."""
PATIENCE = 30.0
"""Seconds of OZmap for one lookup."""
STORE_FOR = 60.0
"""Seconds that a late verdict waits for the next call."""
LOOK_EVERY = 1.0
"""Seconds between looks for the verdict of another process."""
STORE_PATIENCE = 2.0
"""Seconds that a hanging store may cost: a look that could delay the reply is skipped."""
STORE_PAUSE = 5.0
"""Seconds without another look after the store did not answer."""


class Lookups:
    """All lookups by pole of this process.

    `on_late` is called with the tenant's slug and the result of each lookup that ends after its reply: the
    verdict, or the exception of a defect.
    """

    def __init__(
        self, store: Store, shared: bool, on_late: Callable[[str, Verdict | Exception], None]
    ) -> None:
        self._store = store
        self.tiles = Tiles()
        # Threads start at the first use, so after gunicorn's fork.
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="lookup")
        self._places = Bulkhead(MOST, shared)
        self._on_late = on_late
        self._running: dict[str, Future[Verdict]] = {}
        self._late: set[str] = set()
        self._lock = Lock()
        self._no_store_until = 0.0

    def verdict(self, ozmap: Ozmap, place: Place, tenant: Tenant, conversation: str) -> Verdict:
        """As `look_up_by_pole`, but CONSULTANDO at the deadline of `ozmap`. Raises Full."""
        key = _key(tenant, place, conversation)
        if verdict := self._stored(key):
            if not verdict.viable:
                # A "no" is given once: a customer who asks again wants the network as it is now.
                self._threads.submit(self._remove, key)
            return verdict
        deadline = ozmap.deadline
        running = self._run(key, ozmap.until(Deadline(PATIENCE)), place, tenant)
        while deadline.remaining():
            try:
                return running.result(deadline.at_most(LOOK_EVERY).remaining())
            except TimeoutError:
                # Another process may have ended a lookup for the same conversation and place.
                if deadline.remaining() > STORE_PATIENCE and (verdict := self._stored(key)):
                    return verdict
        with self._lock:
            if late := self._running.get(key) is running:
                self._late.add(key)
        if not late:  # it ended at the very deadline
            return running.result()
        LATE.inc()
        return Verdict(CONSULTANDO)

    def _run(self, key: str, ozmap: Ozmap, place: Place, tenant: Tenant) -> Future[Verdict]:
        """Starts the lookup, or joins one that is running. Raises Full."""
        with self._lock:
            if running := self._running.get(key):
                return running
            self._places.take(tenant.slug)
            running = self._running[key] = self._threads.submit(
                look_up_by_pole, ozmap, place, tenant, self.tiles
            )

        def end(done: Future[Verdict]) -> None:
            self._places.give_back(tenant.slug)
            with self._lock:
                del self._running[key]
                late = key in self._late
                self._late.discard(key)
            if late:
                self._end_late(key, tenant.slug, done)

        # Outside of the lock: a lookup that has ended by now calls `end` here, which takes it.
        running.add_done_callback(end)
        return running

    def _end_late(self, key: str, tenant: str, done: Future[Verdict]) -> None:
        defect = done.exception()
        if isinstance(defect, Exception):
            self._on_late(tenant, defect)
            return
        verdict = done.result()
        self._on_late(tenant, verdict)
        # A failure is not stored: the next call tries again.
        if verdict.outcome.ok or verdict.outcome is ENDERECO_IMPRECISO:
            with suppress(StoreUnavailable):
                stored.save(self._store, key, dumps(verdict), STORE_FOR)

    def _stored(self, key: str) -> Verdict | None:
        """The verdict of a lookup that ended late, in this process or another."""
        if time.monotonic() < self._no_store_until:
            return None
        try:
            text = stored.find(self._store, key)
        except StoreUnavailable:
            self._no_store_until = time.monotonic() + STORE_PAUSE
            return None
        return loads(text) if text else None

    def _remove(self, key: str) -> None:
        with suppress(StoreUnavailable):
            stored.remove(self._store, key)


def _key(tenant: Tenant, place: Place, conversation: str) -> str:
    """A digest, so that the store does not show who asked for which place. Four decimals are 10 m."""
    lat, lng = place.point
    parts = [tenant.slug, conversation, f"{lat:.4f}", f"{lng:.4f}", place.is_the_house]
    return sha256(json.dumps(parts).encode()).hexdigest()
