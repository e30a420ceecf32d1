"""Counts in the memory of a web process, and writes it to the store every ten seconds.

A request only puts something into a dict. A process that is killed loses what it has not written yet.
"""

import time
from threading import Event, Lock, Thread

from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.store import Store, StoreUnavailable
from webhook.store import demand as stored
from webhook.store.demand import Seen, Whose, day_of

WRITE_EVERY = 10.0
"""Seconds."""
MOST = 20_000
"""Conversations that wait to be written, some 10 MB: while the store is down, further ones do not count."""


class Counts:
    """Of one process. The thread is started after gunicorn's fork."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[Whose, Seen] = {}
        self._lock = Lock()
        self._one_writes = Lock()
        self._now = Event()

    def note(self, tenant: str, conversation: str, seen: Seen) -> None:
        """Something was seen of a conversation. Costs microseconds, and raises nothing."""
        whose = Whose(day_of(time.time()), tenant, conversation)
        with self._lock:
            if before := self._waiting.get(whose):
                self._waiting[whose] = before.then(seen)
            elif len(self._waiting) < MOST:
                self._waiting[whose] = seen

    def start(self) -> None:
        """Writes from now on, in a thread of its own."""
        Thread(target=self._write_often, name="demand", daemon=True).start()

    def hurry(self) -> None:
        """The process was told to stop: write now. May be called by a signal's handler."""
        self._now.set()

    def write(self) -> None:
        """Writes what waits; what the store does not take goes on waiting. Raises nothing."""
        with self._one_writes:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            try:
                stored.save(self._store, waiting)
            except StoreUnavailable:
                # All of it, though a part may have been written: each conversation counts once.
                with self._lock:
                    for whose, seen in self._waiting.items():
                        waiting[whose] = waiting[whose].then(seen) if whose in waiting else seen
                    self._waiting = waiting
                log.write(event="store unavailable", waiting=len(waiting))
            except Exception as error:
                # A defect with one batch must not end the counting, nor stop a process from ending.
                log.write(event="defect", defect=defect_site(error))

    def _write_often(self) -> None:
        while True:
            self._now.wait(WRITE_EVERY)
            self._now.clear()
            self.write()
