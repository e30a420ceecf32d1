"""What OZmap holds of sales, at the beginning and at the end, and what must hold whoever was told what."""

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bench.campaign.conversations import Conversation, Taken
from sandbox.records import Record
from sandbox.store import Store

DOUBLE_BOOKED = "ports booked twice, or whose splitter and property disagree"
CLIENTS_TWICE = "clients twice"
PROSPECTS_TWICE = "prospects twice"
NO_PORT = "properties of ours without a port"
HARMED = "records of others changed"


class Finding(NamedTuple):
    """Something that must not be."""

    kind: str
    what: str


@dataclass(frozen=True)
class Books:
    """All that a sandbox holds of sales, at one moment: whole records by id."""

    properties: dict[str, Record]
    clients: dict[str, Record]
    prospects: dict[str, Record]
    fibers: Mapping[tuple[str, int], str]
    """Splitter id and port, from 1, of each service port with something on it."""

    @classmethod
    def of(cls, store: Store) -> "Books":
        with store.lock:
            drops = [one for one in store["splitters"].values() if one["isDrop"]]
            return cls(
                *(copy_of(store[name]) for name in ("properties", "ftth-clients", "prospects")),
                {
                    (splitter["id"], number): fiber
                    for splitter in drops
                    for number, fiber in enumerate(splitter["connectables"]["output"], 1)
                    if fiber is not None
                },
            )


def copy_of(records: Mapping[str, Record]) -> dict[str, Record]:
    """Whole records; by pickle, since `deepcopy` takes five times as long."""
    copied: dict[str, Record] = pickle.loads(pickle.dumps(dict(records)))
    return copied


class Ours:
    """What has come since the beginning, by customer's name."""

    def __init__(self, before: Books, after: Books, talks: Iterable[Conversation]) -> None:
        self.clients = [one for key, one in after.clients.items() if key not in before.clients]
        self.prospects = [one for key, one in after.prospects.items() if key not in before.prospects]
        self.properties = [one for key, one in after.properties.items() if key not in before.properties]
        users = {talk.values["codigo_cliente"]: talk.name for talk in talks if talk.taken is Taken.ALONE}
        self.name_of: dict[str, str] = {
            key: users[one["code"]] for key, one in before.clients.items() if one.get("code") in users
        }
        """By id of the client: our own, and those of others that customers may use."""
        self.name_of |= {one["id"]: one.get("name", "") for one in self.clients}
        self.properties_of: defaultdict[str, list[Record]] = defaultdict(list)
        for one in self.properties:
            self.properties_of[self.name_of.get(one["client"], "")].append(one)
        held = {one["client"] for one in self.properties}
        self.idle_clients_of: defaultdict[str, list[Record]] = defaultdict(list)
        """Clients without a property."""
        for one in self.clients:
            if one["id"] not in held:
                self.idle_clients_of[one.get("name", "")].append(one)
        self.prospects_of: defaultdict[str, list[Record]] = defaultdict(list)
        for one in self.prospects:
            self.prospects_of[one.get("name", "")].append(one)

    def names(self) -> set[str]:
        return {one.get("name", "") for one in (*self.clients, *self.prospects)}


def check(before: Books, after: Books, ours: Ours) -> Iterator[Finding]:
    """What needs no reply to be wrong."""
    yield from _ports(after)
    yield from _twice(ours)
    yield from _others(before, after)
    for one in ours.properties:
        if not one["connections"]:
            yield Finding(NO_PORT, f"{one['id']} of client {one['client']}")


def _ports(after: Books) -> Iterator[Finding]:
    """Splitters and properties must say the same of every port."""
    held = Counter(
        (one["id"], one["port"])
        for property_ in after.properties.values()
        for one in property_["connections"]
    )
    said = {
        (one["id"], one["port"]): one["fiber"]
        for property_ in after.properties.values()
        for one in property_["connections"]
    }
    for port, properties in held.items():
        if properties > 1:
            yield Finding(DOUBLE_BOOKED, f"{port} is held by {properties} properties")
    for port in held.keys() | after.fibers.keys():
        if said.get(port) != after.fibers.get(port):
            yield Finding(DOUBLE_BOOKED, f"{port}: splitter and property name different fibers")


def _twice(ours: Ours) -> Iterator[Finding]:
    for kind, records in ((CLIENTS_TWICE, ours.clients), (PROSPECTS_TWICE, ours.prospects)):
        for field in ("code", "name"):
            for value, times in Counter(one.get(field) for one in records).items():
                if times > 1:
                    yield Finding(kind, f"{field} {value}: {times}")


def _others(before: Books, after: Books) -> Iterator[Finding]:
    """Whole records are compared, `updatedAt` too."""
    for name in ("properties", "clients", "prospects"):
        now = getattr(after, name)
        for key, record in getattr(before, name).items():
            there = now.get(key)
            if there is None:
                yield Finding(HARMED, f"{name} {key} is gone")
            elif there != record:
                fields = sorted(field for field in record | there if record.get(field) != there.get(field))
                yield Finding(HARMED, f"{name} {key}: {', '.join(fields)}")
