"""`/readyz`: can this service do its work now? Checked at most every 5 seconds."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from webhook.net.deadline import Deadline
from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.process import stopping
from webhook.store import Store, StoreUnavailable
from webhook.store.health import prove_writable, without_keeper, workers_alive

CACHED = 5.0
"""Seconds for which a result is served again: probes must not become OZmap's load."""
PATIENCE = 0.8
"""Seconds that a probe waits for OZmap: most give up after one. A later answer is in the next result."""
FRESH = 15.0
"""Seconds for which an OZmap's last answer counts while it is asked again."""
THREADS = 16
"""OZmaps asked at once. Threads of their own: OZmaps that hang must not use up those of lookups."""

OK = "ok"
REFUSED = "refused"
NO_PROJECTS = "no projects"
UNKNOWN = "unknown"
NONE = "none"


@dataclass(frozen=True)
class State:
    """A word per check."""

    store: str
    """OK, or `not writable`."""
    worker: str
    """OK; NONE; `none for a, b`: the tenants whose sales are not promised; UNKNOWN without a store."""
    ozmap: Mapping[str, str]
    """By tenant: OK, REFUSED (the key, or the address is no API), NO_PROJECTS, or UNKNOWN."""

    @property
    def ready(self) -> bool:
        """An OZmap that does not answer leaves us ready: flows get a true reply, and sales are stored."""
        useless = set(self.ozmap.values()) <= {REFUSED, NO_PROJECTS}
        return self.store == OK and self.worker != NONE and not useless


class Readiness:
    """May be asked by many threads: one of them checks, the others get the last result.

    `deadline` is the seconds that OZmap has for its answer, the same as in a flow's call: an OZmap that is
    fast enough for flows must not open the breaker that both share.
    """

    def __init__(self, accounts: Mapping[str, OzmapAccount], store: Store, deadline: float) -> None:
        self._accounts = accounts
        self._store = store
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="readiness")
        self._asking: dict[str, Future[None]] = {}
        self._answers: dict[str, tuple[str, float]] = {}
        """Tenant to its OZmap's last word, and when it came."""
        self._checking = Lock()
        self._state: State | None = None
        self._until = 0.0

    def state(self) -> State:
        """At most CACHED seconds old, unless a check is running or the service stops."""
        last = self._state
        if last is None:
            with self._checking:
                # Another thread may have made the first check while this one waited.
                return self._state or self._check()
        good = monotonic() < self._until or stopping.begun()
        if good or not self._checking.acquire(blocking=False):
            return last
        try:
            return self._check()
        finally:
            self._checking.release()

    def _check(self) -> State:
        for slug in self._accounts:
            # An OZmap that hangs is not asked twice.
            if slug not in self._asking or self._asking[slug].done():
                self._asking[slug] = self._pool.submit(self._ask, slug)
        store, worker = self._store_and_worker()
        wait(self._asking.values(), PATIENCE)
        self._state = State(store, worker, {slug: self._word(slug) for slug in self._accounts})
        self._until = monotonic() + CACHED
        return self._state

    def _ask(self, slug: str) -> None:
        ozmap = Ozmap(self._accounts[slug], Deadline(self._deadline))
        try:
            word = OK if ozmap.number_of("projects") else NO_PROJECTS
        except OzmapRefused:
            word = REFUSED
        except OzmapError:
            word = UNKNOWN
        except Exception as error:
            log.write(event="defect", tenant=slug, defect=defect_site(error))
            word = UNKNOWN
        self._answers[slug] = word, monotonic()

    def _word(self, slug: str) -> str:
        word, at = self._answers.get(slug, (UNKNOWN, 0.0))
        return word if monotonic() - at < FRESH else UNKNOWN

    def _store_and_worker(self) -> tuple[str, str]:
        try:
            prove_writable(self._store)
            return OK, self._worker()
        except StoreUnavailable:
            return "not writable", UNKNOWN

    def _worker(self) -> str:
        without = without_keeper(self._store, self._accounts)
        if not workers_alive(self._store) or len(without) == len(self._accounts):
            return NONE
        return f"{NONE} for {', '.join(without)}" if without else OK
