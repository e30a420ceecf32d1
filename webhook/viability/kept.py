"""Verdicts that wait in the store for the next call of their conversation, whichever process gets it."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from cachetools import TTLCache

from webhook.outcomes import CONSULTANDO
from webhook.store import Store, StoreUnavailable
from webhook.store import lookups as stored
from webhook.viability.verdict import Verdict, dumps, loads

KEPT_FOR = 180.0
"""Seconds that a late verdict waits for the next call."""
LOOKING_FOR = 20.0
"""Seconds for which other processes leave a lookup to one that said `consultando`: three calls of a flow."""
NOTED_EVERY = 8.0
"""Seconds between two notes of the same lookup: a note takes as much CPU as all the rest of a reply."""
PAUSE = 5.0
"""Seconds without another look after the store did not answer."""
MOST_NOTED = 2000
LOOKING = Verdict(CONSULTANDO, found_at=0.0)
"""Has the same text in all processes."""


class KeptVerdicts:
    """By key. A store that does not answer keeps nothing, and is no error."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # What need not be done before the reply. The thread starts at the first use, so after the fork.
        self._afterwards = ThreadPoolExecutor(1, thread_name_prefix="kept")
        self._no_store_until = 0.0
        self._noted: TTLCache[str, bool] = TTLCache(MOST_NOTED, NOTED_EVERY)

    def find(self, key: str) -> Verdict | None:
        """LOOKING if a process is at it, the verdict if it was late, in this process or another."""
        if time.monotonic() < self._no_store_until:
            return None
        try:
            text = stored.find(self._store, key)
        except StoreUnavailable:
            self._no_store_until = time.monotonic() + PAUSE
            return None
        return loads(text) if text else None

    def save(self, key: str, verdict: Verdict) -> None:
        """For KEPT_FOR seconds."""
        with suppress(StoreUnavailable):
            stored.save(self._store, key, dumps(verdict), KEPT_FOR)

    def note_looking(self, key: str) -> None:
        """Tells other processes that this one is at it; a verdict that came meanwhile stays.

        By one thread at a time.
        """
        if key not in self._noted:
            self._noted[key] = True
            self._afterwards.submit(self._note_looking, key)

    def _note_looking(self, key: str) -> None:
        with suppress(StoreUnavailable):
            stored.note(self._store, key, dumps(LOOKING), LOOKING_FOR)

    def forget(self, key: str) -> None:
        """A "no" is given once, and of a failure nothing is kept."""
        self._afterwards.submit(self._remove, key)

    def _remove(self, key: str) -> None:
        with suppress(StoreUnavailable):
            stored.remove(self._store, key)
