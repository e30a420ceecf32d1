"""Lookups by pole that outlive their reply: a slow OZmap's answer waits for the flow's next call.

A lookup is three to seven reads, one after the other where they need each other: with an OZmap that takes
three seconds for each it ends after the flow's reply must have left. It goes on, and what it finds is kept
for KEEP, in the store, because the next call may come to another process.
"""

import json
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from schemas.fields import Mode
from schemas.ozmap import Pole, ViableBox
from schemas.point import Point
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.net.bulkhead import Bulkhead
from webhook.net.deadline import Deadline
from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.observe.metrics import LATE
from webhook.outcomes import CATALOGUE, CONSULTANDO, ENDERECO_IMPRECISO
from webhook.ozmap.api import Ozmap
from webhook.store import Store, StoreUnavailable
from webhook.store.tables import lookups
from webhook.viability import check_by_pole
from webhook.viability.pieces import Pieces
from webhook.viability.verdict import Reason, Verdict

MOST = 150
"""At once, in this process: no more than requests are taken on at once (MOST_AT_ONCE in webhook/web)."""
PATIENCE = 30.0
"""Seconds of OZmap for one lookup."""
KEEP = 60.0
"""Seconds that a late verdict waits for the next call."""
LOOK_EVERY = 1.0
"""Seconds between looks for what another process found."""
STORE_PATIENCE = 2.0
"""Seconds that a store which hangs may cost: a look that could make the reply late is left out."""
STORE_PAUSE = 5.0
"""Seconds for which a store that did not answer is left alone."""


class Lookups:
    """All lookups by pole of this process."""

    def __init__(self, store: Store, shared: bool) -> None:
        self._store = store
        self.pieces = Pieces()
        # Threads start at the first use, so after gunicorn's fork.
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="lookup")
        self._places = Bulkhead(MOST, shared)
        self._running: dict[str, Future[Verdict]] = {}
        self._late: set[str] = set()
        self._lock = Lock()
        self._store_rests_until = 0.0

    def verdict(self, ozmap: Ozmap, place: Place, tenant: Tenant, conversation: str) -> Verdict:
        """As `check_by_pole`, or CONSULTANDO at the deadline of `ozmap`. Raises Full."""
        key = _key(tenant, place, conversation)
        deadline = ozmap.deadline
        if kept := self._kept(key):
            if not kept.viable:
                self._threads.submit(self._forget, key)
            return kept.at(place, Mode.POLE)
        running = self._run(key, ozmap.until(Deadline(PATIENCE)), place, tenant)
        while deadline.remaining():
            try:
                verdict = running.result(deadline.at_most(LOOK_EVERY).remaining())
                return verdict.at(place, Mode.POLE)
            except TimeoutError:
                if deadline.remaining() > STORE_PATIENCE and (kept := self._kept(key)):
                    return kept.at(place, Mode.POLE)
        with self._lock:
            goes_on, first = key in self._running, key not in self._late
            if goes_on:
                self._late.add(key)
        if not goes_on:
            return running.result().at(place, Mode.POLE)
        LATE.inc()
        if first:
            running.add_done_callback(partial(self._keep, key, tenant.slug))
        return Verdict(CONSULTANDO).at(place, Mode.POLE)

    def _run(self, key: str, ozmap: Ozmap, place: Place, tenant: Tenant) -> Future[Verdict]:
        """The lookup, which may be under way already. Raises Full."""
        with self._lock:
            if running := self._running.get(key):
                return running
            self._places.take(tenant.slug)
            running = self._running[key] = self._threads.submit(
                check_by_pole, ozmap, place, tenant, self.pieces
            )

        def end(_: object) -> None:
            self._places.give_back(tenant.slug)
            with self._lock:
                del self._running[key]
                self._late.discard(key)

        running.add_done_callback(end)
        return running

    def _kept(self, key: str) -> Verdict | None:
        """What a lookup found that was late, here or in another process."""
        if time.monotonic() < self._store_rests_until:
            return None
        query = select(lookups.c.verdict).where(lookups.c.key == key, lookups.c.expires_at > time.time())
        try:
            with self._store.read() as connection:
                found = connection.scalar(query)
        except StoreUnavailable:
            self._store_rests_until = time.monotonic() + STORE_PAUSE
            return None
        return _unpacked(json.loads(found)) if found else None

    def _keep(self, key: str, tenant: str, done: Future[Verdict]) -> None:
        """For KEEP, unless OZmap did not answer: then the next call tries anew."""
        defect = done.exception()
        if isinstance(defect, Exception):
            log.write(event="late lookup", tenant=tenant, defect=defect_site(defect))
            return
        verdict = done.result()
        log.write(event="late lookup", tenant=tenant, outcome=verdict.outcome.code)
        if not verdict.outcome.ok and verdict.outcome is not ENDERECO_IMPRECISO:
            return
        row = {"key": key, "verdict": json.dumps(_packed(verdict)), "expires_at": time.time() + KEEP}
        try:
            with self._store.write() as connection:
                purge(connection)
                connection.execute(delete(lookups).where(lookups.c.key == key))
                connection.execute(insert(lookups).values(row))
        except (StoreUnavailable, IntegrityError):  # the latter: another process has just written the same
            return

    def _forget(self, key: str) -> None:
        """A "no" is told once: who asks again wants to know how things are now."""
        with suppress(StoreUnavailable), self._store.write() as connection:
            connection.execute(delete(lookups).where(lookups.c.key == key))


def purge(connection: Connection) -> None:
    """Deletes what nobody came back for."""
    connection.execute(delete(lookups).where(lookups.c.expires_at < time.time()))


def _key(tenant: Tenant, place: Place, conversation: str) -> str:
    """A digest: who asked for which place, to four decimals (10 m), is nobody's to read."""
    lat, lng = place.point
    said = [tenant.slug, conversation, f"{lat:.4f}", f"{lng:.4f}", place.is_the_house]
    return sha256(json.dumps(said).encode()).hexdigest()


def _packed(verdict: Verdict) -> dict[str, Any]:
    """Without the place: the next call brings it."""
    return {
        "outcome": verdict.outcome.code,
        "viable": verdict.viable,
        "reason": verdict.reason,
        "pole": verdict.pole and asdict(verdict.pole),
        "pole_distance_m": verdict.pole_distance_m,
        "boxes": [asdict(box) for box in verdict.boxes],
    }


def _unpacked(kept: Mapping[str, Any]) -> Verdict:
    pole = kept["pole"]
    return Verdict(
        CATALOGUE[kept["outcome"]],
        viable=kept["viable"],
        reason=kept["reason"] and Reason(kept["reason"]),
        pole=pole and Pole(**pole | {"point": Point(*pole["point"]), "adjacents": tuple(pole["adjacents"])}),
        pole_distance_m=kept["pole_distance_m"],
        boxes=tuple(ViableBox(**box) for box in kept["boxes"]),
    )
