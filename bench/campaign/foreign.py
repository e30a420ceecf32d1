"""Records in OZmap that are somebody else's, some of them hardly to be told from ours."""

import random
import threading
from collections.abc import Iterable
from copy import deepcopy

from bench.campaign.books import Books
from bench.campaign.conversations import Conversation, Heard, Taken
from sandbox import PLACES, Sandbox
from sandbox.records import new_id
from sandbox.sales import sell
from sandbox.writes import add

RECORDS = 500
"""Clients with a property, and prospects."""
OLD_STYLE = 100
"""Of them, those that have the code and the mark which the first versions of the service made."""
OLD_MARK = "[ozmap-chatbot-webhook]"
IMITATED = 0.1
"""Share of our reservations and prospects that get a neighbour."""
_NAME = "Alheio"


def fill(sandbox: Sandbox, talks: list[Conversation]) -> None:
    """An ISP's own customers, and those whose codes our customers name."""
    store, known, point = sandbox.store, sandbox.behaviour, PLACES["viable"].point
    codes = [f"BOT-{talk.platform}-{talk.values['conversa_id']}" for talk in talks[:OLD_STYLE]]
    codes += [talk.values["codigo_cliente"] for talk in talks if talk.taken is Taken.SOLD]
    codes += [f"P-{number}" for number in range(RECORDS - len(codes))]
    form = {"project": next(iter(store["projects"])), "lat": point.lat, "lng": point.lng}
    with store.lock:
        for code in dict.fromkeys(codes):
            client = {"code": code, "name": _NAME, "implanted": False}
            sell(store, {**form, "observation": OLD_MARK, "client": client}, known)
            prospect = {"code": f"{code}-1", "name": _NAME, "coords": [point.lng, point.lat]}
            add(store, "prospects", prospect)
        for talk in talks:
            if talk.taken in {Taken.ALONE, Taken.ACTIVE}:
                implanted = talk.taken is Taken.ACTIVE
                client = {"code": talk.values["codigo_cliente"], "name": _NAME, "implanted": implanted}
                add(store, "ftth-clients", {"kind": "ftth", **client})


def refused_codes(talks: Iterable[Conversation]) -> tuple[str, ...]:
    """The codes that OZmap refuses, though nobody has them."""
    return tuple(talk.values["codigo_cliente"] for talk in talks if talk.taken is Taken.REFUSED)


class Imitator:
    """Puts records beside ours which have our mark, and codes that differ from ours in little.

    They go into the books of the beginning: nobody may touch them.
    """

    def __init__(self, sandbox: Sandbox, before: Books, seed: int) -> None:
        self._store, self._before = sandbox.store, before
        self._chance = random.Random(f"imitator {seed}")
        self._done: set[str] = set()
        self._lock = threading.Lock()

    def answered(self, heard: Heard) -> None:
        """Looks at a reply, which may tell of a record of ours."""
        with self._lock, self._store.lock:
            if self._chance.random() > IMITATED:
                return
            for collection, key in (("properties", "imovel_id"), ("prospects", "prospect_id")):
                id_ = str(heard.reply.get(key) or "")
                if id_ in self._store[collection] and id_ not in self._done:
                    self._done.add(id_)
                    (self._property if key == "imovel_id" else self._prospect)(id_)

    def _property(self, id_: str) -> None:
        ours = self._store["properties"][id_]
        client = self._store["ftth-clients"].get(ours["client"])
        if not client:
            return
        client = deepcopy(client) | {"id": new_id(), "code": self._changed(client["code"]), "name": _NAME}
        record = deepcopy(ours) | {
            "id": new_id(),
            "client": client["id"],
            "connections": [],
            "drop": None,
            "cables": [],
        }
        self._before.clients[client["id"]] = deepcopy(self._store["ftth-clients"].add(client))
        self._before.properties[record["id"]] = deepcopy(self._store["properties"].add(record))

    def _prospect(self, id_: str) -> None:
        ours = self._store["prospects"][id_]
        record = deepcopy(ours) | {"id": new_id(), "code": self._changed(ours["code"]), "name": _NAME}
        self._before.prospects[record["id"]] = deepcopy(self._store["prospects"].add(record))

    def _changed(self, code: str) -> str:
        return self._chance.choice((code.swapcase(), f"{code}0", code[:-1], f" {code}"))
