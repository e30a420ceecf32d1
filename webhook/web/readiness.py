"""What `/readyz` tells: can this service do its work now? Looked at again when 5 seconds have passed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from webhook.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.store import Store, StoreUnavailable
from webhook.store.health import prove_writable, workers_alive

KEPT = 5.0
"""Seconds that what was found is told again: probes must not become OZmap's load."""
PATIENCE = 0.8
"""Seconds for all OZmaps together: a probe that waits one second, as most do, gets its answer."""
LOOKERS = 16
"""OZmaps asked at once. Threads of their own: OZmaps that hang must not hold those of lookups."""

OK = "ok"
REFUSED = "refused"
NO_PROJECTS = "no projects"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Found:
    """A word per check."""

    store: str
    """OK, or `not writable`."""
    worker: str
    """OK, `none`, or UNKNOWN without a store."""
    ozmap: Mapping[str, str]
    """By tenant: OK, REFUSED (the key, or the address is no API), NO_PROJECTS, or UNKNOWN."""

    @property
    def ready(self) -> bool:
        """An OZmap that is not reached changes nothing: flows get a true answer, and sales are kept."""
        useless = set(self.ozmap.values()) <= {REFUSED, NO_PROJECTS}
        return self.store == self.worker == OK and not useless


class Readiness:
    """May be asked by many threads: one looks, the others are told what was found before."""

    def __init__(self, accounts: Mapping[str, OzmapAccount], store: Store) -> None:
        self._accounts = accounts
        self._store = store
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="readiness")
        self._looking = Lock()
        self._found: Found | None = None
        self._until = 0.0

    def found(self) -> Found:
        """At most KEPT seconds old, unless somebody is just looking."""
        known = self._found
        if known is None:
            with self._looking:
                return self._found or self._look()
        if monotonic() < self._until or not self._looking.acquire(blocking=False):
            return known
        try:
            return self._look()
        finally:
            self._looking.release()

    def _look(self) -> Found:
        deadline = Deadline(PATIENCE)
        looks = {
            slug: self._lookers.submit(_ozmap, Ozmap(account, deadline))
            for slug, account in self._accounts.items()
        }
        store, worker = self._store_and_worker()
        wait(looks.values(), deadline.remaining())
        # What has not begun is called off; what still runs has the deadline that is over.
        words = {slug: look.result() if look.done() else UNKNOWN for slug, look in looks.items()}
        for look in looks.values():
            look.cancel()
        self._found = Found(store, worker, words)
        self._until = monotonic() + KEPT
        return self._found

    def _store_and_worker(self) -> tuple[str, str]:
        try:
            prove_writable(self._store)
            return OK, OK if workers_alive(self._store) else "none"
        except StoreUnavailable:
            return "not writable", UNKNOWN


def _ozmap(ozmap: Ozmap) -> str:
    try:
        return OK if ozmap.sees_projects() else NO_PROJECTS
    except OzmapRefused:
        return REFUSED
    except OzmapError:
        return UNKNOWN
