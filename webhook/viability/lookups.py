"""Lookups that continue after their reply: what a slow or busy OZmap answers waits for the flow's next call.

A lookup by pole waits for two to four rounds of reads, one after the other: with an OZmap that takes three
seconds for each, it ends after the reply deadline. And of a thousand chats within a second most wait for
their turn, so that OZmap has no more than so many reads at once. What was asked then continues in the
background, and its verdict waits in the store, because the next call may reach another process.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from schemas.fields import Mode
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.net.bulkhead import Bulkhead
from webhook.net.deadline import Deadline
from webhook.net.reads import AT_ONCE, Busy
from webhook.net.turns import Turns
from webhook.observe.metrics import LATE
from webhook.ozmap.api import Ozmap
from webhook.store import Store
from webhook.viability import look_up, look_up_by_pole
from webhook.viability.kept import KEPT_FOR, LOOKING, KeptVerdicts
from webhook.viability.network import Tiles
from webhook.viability.verdict import Verdict

THREADS = 150
"""Lookups under way in this process, of all tenants; of one tenant as many as OZmap may have reads."""
MOST = 1000
"""Lookups under way, or waiting for their turn."""
WAITING = 64
"""Callers who wait for a verdict. Whoever comes after them hears CONSULTANDO at once: threads must be left
for everybody else."""
PATIENCE = 30.0
"""Seconds of OZmap for one lookup, from its turn on."""
LOOK_EVERY = 1.0
"""Seconds between looks for the verdict of another process."""
STORE_PATIENCE = 2.0
"""Seconds that a hanging store may cost: a look that could delay the reply is skipped."""


@dataclass(frozen=True)
class Question:
    """Of a conversation, which can ask again: is there a box near this place?"""

    tenant: Tenant
    conversation: str
    """The key of Conversation."""
    place: Place
    mode: Mode
    radius_m: float | None = None
    protocol: str = ""
    """The id of the request, for the log."""

    @property
    def key(self) -> str:
        """A digest, so that the store does not show who asked for which place. Four decimals are 10 m."""
        lat, lng = self.place.point
        where = [f"{lat:.4f}", f"{lng:.4f}", self.place.is_the_house, self.mode, self.radius_m]
        return sha256(json.dumps([self.tenant.slug, self.conversation, *where]).encode()).hexdigest()


class Lookups:
    """All lookups of this process that may be late.

    `on_late` is called with the tenant's slug, the protocol of the request that the lookup outlives, and its
    result: the verdict, or the exception of a defect.
    """

    def __init__(
        self,
        store: Store,
        shared: bool,
        on_late: Callable[[str, str, Verdict | Exception], None],
        at_once: int = AT_ONCE,
    ) -> None:
        self._kept = KeptVerdicts(store)
        self.tiles = Tiles()
        # Each has a read of its own to wait for: more of them than reads would only wait inside.
        self._turns = Turns(THREADS, at_once, MOST, shared)
        self._callers = Bulkhead(WAITING, shared)
        self._on_late = on_late
        self._running: dict[str, Future[Verdict]] = {}
        self._late: dict[str, str] = {}
        """Key of a running lookup to the protocol of the last request that was answered without it."""
        self._lock = Lock()
        self._late_until = 0.0
        """Until then, on the monotonic clock, a verdict of this process may wait for its next call."""

    def verdict(self, ozmap: Ozmap, question: Question) -> Verdict:
        """As `look_up`, but CONSULTANDO at the deadline of `ozmap`, or if too many wait. Raises Full."""
        all_in_time = time.monotonic() >= self._late_until
        if question.mode is Mode.RADIUS and all_in_time and ozmap.deadline.remaining():
            # One read: where it may begin at once, neither a thread nor the store has to help.
            with suppress(Busy):
                return self._look_up(ozmap.until(ozmap.deadline, background=False, waits=False), question)
        key = question.key
        kept = self._kept.find(key)
        if kept and kept != LOOKING:
            if not kept.viable:
                # A "no" is given once: a customer who asks again wants the network as it is now.
                self._kept.forget(key)
            return kept
        with self._callers.place_if_free(question.tenant.slug) as waits:
            deadline = ozmap.deadline if waits else Deadline(0)
            if kept and key not in self._running:
                return self._of_another_process(key, deadline)
            return self._in_time(self._run(key, ozmap, question), key, question.protocol, deadline)

    def _in_time(self, running: Future[Verdict], key: str, protocol: str, deadline: Deadline) -> Verdict:
        with suppress(TimeoutError):
            return running.result(deadline.remaining())
        with self._lock:
            if running.done():  # at the very deadline
                return running.result()
            self._late[key] = protocol
            self._late_until = time.monotonic() + KEPT_FOR
            self._kept.note_looking(key)
        LATE.inc()
        return LOOKING

    def _of_another_process(self, key: str, deadline: Deadline) -> Verdict:
        while deadline.remaining() > STORE_PATIENCE:
            time.sleep(LOOK_EVERY)
            if (kept := self._kept.find(key)) and kept != LOOKING:
                return kept
        LATE.inc()
        return LOOKING

    def _look_up(self, ozmap: Ozmap, question: Question) -> Verdict:
        if question.mode is Mode.POLE:
            return look_up_by_pole(ozmap, question.place, question.tenant, self.tiles)
        return look_up(ozmap, question.place, question.mode, question.radius_m, question.tenant)

    def _run(self, key: str, ozmap: Ozmap, question: Question) -> Future[Verdict]:
        """Starts the lookup, or joins one that is running. Raises Full."""
        asked_at = time.monotonic()

        def look() -> Verdict:
            return self._look_up(ozmap.until(Deadline(PATIENCE), asked_at=asked_at), question)

        slug = question.tenant.slug
        with self._lock:
            if running := self._running.get(key):
                return running
            running = self._running[key] = self._turns.submit(slug, question.conversation, look)

        def end(done: Future[Verdict]) -> None:
            with self._lock:
                del self._running[key]
                protocol = self._late.pop(key, None)
            if protocol is not None:
                self._end_late(key, slug, protocol, done)

        # Outside of the lock: a lookup that has ended by now calls `end` here, which takes it.
        running.add_done_callback(end)
        return running

    def _end_late(self, key: str, tenant: str, protocol: str, done: Future[Verdict]) -> None:
        defect = done.exception()
        if isinstance(defect, Exception):
            self._on_late(tenant, protocol, defect)
            self._kept.forget(key)
            return
        verdict = done.result()
        self._on_late(tenant, protocol, verdict)
        if verdict.failure:  # the next call tries again
            self._kept.forget(key)
        else:
            self._kept.save(key, verdict)
