"""Boxes that a conversation has just been told of, for its reservation.

`reserva` mostly follows `viabilidade` within minutes, in the same conversation and for the same place. Within
RECENT seconds it does not look for boxes again: poles, paths, permitted distances, projects and what is not
implanted do not change while a customer answers two questions. Free ports do, so those of the remembered
boxes are read again, and OZmap's answer to the reservation is read back in any case. Only a yes is
remembered: where the remembered boxes have no free port left, the whole lookup is made.
"""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from threading import Lock

from schemas.ozmap import ViableBox
from schemas.point import Point
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.store import Store, StoreUnavailable
from webhook.store import lookups as stored
from webhook.viability.pole import free_ports_of
from webhook.viability.verdict import Verdict, viable

RECENT = 180.0
"""Seconds after the lookup that found the boxes."""
MOST_BOXES = 8
"""Remembered of one lookup, the nearest: a reservation tries no more of them in a round."""
GATHER = 0.1
"""Seconds for which boxes wait to be written together: one of 20 costs 0.1 ms of CPU, one alone 1.2. The next
call of a conversation takes longer."""


class Recent:
    """Remembers in the background: a request only puts something into a dict.

    A write that is lost costs the reservation a whole lookup.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, tuple[str, float]] = {}
        """By key: the boxes, and until when they count, in seconds since 1970."""
        self._lock = Lock()
        # Its thread starts at the first use, so after gunicorn's fork.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="recent")

    def remember(self, tenant: str, conversation: str, point: Point, verdict: Verdict) -> None:
        """What a lookup by pole found; a "no" makes it forget what an earlier one did."""
        if verdict.viable is None:
            return
        boxes = json.dumps([vars(box) for box in verdict.boxes[:MOST_BOXES]])
        with self._lock:
            is_first = not self._waiting
            self._waiting[_key(tenant, conversation, point)] = boxes, verdict.found_at + RECENT
        if is_first:
            self._writer.submit(self._write)

    def _write(self) -> None:
        time.sleep(GATHER)
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        with suppress(StoreUnavailable):
            stored.save_all(self._store, waiting)


def recall(store: Store, tenant: str, conversation: str, point: Point) -> list[ViableBox]:
    """The boxes that a lookup for this conversation and place found of late, in any process."""
    try:
        text = stored.find(store, _key(tenant, conversation, point))
    except StoreUnavailable:
        return []
    return [ViableBox(**box) for box in json.loads(text)] if text else []


def still_free(ozmap: Ozmap, boxes: Iterable[ViableBox]) -> Verdict | None:
    """A yes with those of the boxes that have a free port now; None if none has.

    An OZmap that does not answer leaves it unknown, as in a lookup.
    """
    known = {box.id: box for box in boxes}
    try:
        free = free_ports_of(ozmap, known)
    except OzmapError as error:
        return Verdict(error.outcome, failure=error.reason)
    left = [replace(known[id_], free_ports=ports) for id_, ports in free.items() if ports]
    return viable(left) if left else None


def _key(tenant: str, conversation: str, point: Point) -> str:
    """A digest: it does not show who asked for which place. Six decimals are 0.1 m."""
    parts = ["boxes", tenant, conversation, f"{point.lat:.6f}", f"{point.lng:.6f}"]
    return sha256(json.dumps(parts).encode()).hexdigest()
