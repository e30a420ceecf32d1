"""What `/readyz` tells: can this service do its work now? Looked at again when 5 seconds have passed."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.process import stopping
from webhook.store import Store, StoreUnavailable
from webhook.store.health import prove_writable, workers_alive

KEPT = 5.0
"""Seconds that what was found is told again: probes must not become OZmap's load."""
PATIENCE = 0.8
"""Seconds that a probe waits for OZmap: most give up after one. What comes later is told the next time."""
FRESH = 15.0
"""Seconds for which what an OZmap said is still told while it is asked again."""
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
    """May be asked by many threads: one looks, the others are told what was found before.

    `deadline` is the seconds that OZmap has for its answer. They are those of a flow's calls: what is not
    too slow for flows must not open the breaker that they share.
    """

    def __init__(self, accounts: Mapping[str, OzmapAccount], store: Store, deadline: float) -> None:
        self._accounts = accounts
        self._store = store
        self._deadline = deadline
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="readiness")
        self._asking: dict[str, Future[None]] = {}
        self._heard: dict[str, tuple[str, float]] = {}
        self._looking = Lock()
        self._found: Found | None = None
        self._until = 0.0

    def found(self) -> Found:
        """At most KEPT seconds old, unless somebody is just looking, or the service stops."""
        known = self._found
        if known is None:
            with self._looking:
                return self._found or self._look()
        good = monotonic() < self._until or stopping.begun()
        if good or not self._looking.acquire(blocking=False):
            return known
        try:
            return self._look()
        finally:
            self._looking.release()

    def _look(self) -> Found:
        for slug in self._accounts:
            if slug not in self._asking or self._asking[slug].done():
                self._asking[slug] = self._lookers.submit(self._ask, slug)
        store, worker = self._store_and_worker()
        wait(self._asking.values(), PATIENCE)
        self._found = Found(store, worker, {slug: self._word(slug) for slug in self._accounts})
        self._until = monotonic() + KEPT
        return self._found

    def _ask(self, slug: str) -> None:
        ozmap = Ozmap(self._accounts[slug], Deadline(self._deadline))
        try:
            word = OK if ozmap.sees_projects() else NO_PROJECTS
        except OzmapRefused:
            word = REFUSED
        except OzmapError:
            word = UNKNOWN
        self._heard[slug] = word, monotonic()

    def _word(self, slug: str) -> str:
        word, at = self._heard.get(slug, (UNKNOWN, 0.0))
        return word if monotonic() - at < FRESH else UNKNOWN

    def _store_and_worker(self) -> tuple[str, str]:
        try:
            prove_writable(self._store)
            return OK, OK if workers_alive(self._store) else "none"
        except StoreUnavailable:
            return "not writable", UNKNOWN
