"""What OZmap holds at the end beside what the customers were told."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from bench.campaign.conversations import CANCEL, PROSPECT, RESERVE, Conversation, Heard
from sandbox import Received
from sandbox.records import Record
from sandbox.store import Store

BY_CODE = "/properties/client/"
RESERVED = {"reservado", "ja_reservado"}
CANCELLING = "cancelamento_pendente"
PROSPECT_TAKEN = {"prospect_criado", "prospect_ja_existe", "prospect_pendente"}

DOUBLE_BOOKED = "ports booked twice, or whose splitter and property disagree"
CLIENTS_TWICE = "clients twice"
PROSPECTS_TWICE = "prospects twice"
LOST = "promises lost"
NOT_AS_TOLD = "reservations other than told"
NOT_ASKED = "records that nobody asked for, or that were cancelled"
NO_PORT = "properties of ours without a port"
BLIND = "creates of unknown fate repeated without a look"
HARMED = "records of others changed"
ENDLESS = "work that does not come to an end"
BROKEN = "replies that are a defect of ours"
KINDS = (
    DOUBLE_BOOKED, CLIENTS_TWICE, PROSPECTS_TWICE, BLIND, LOST, NOT_AS_TOLD, NOT_ASKED, NO_PORT, HARMED,
    ENDLESS, BROKEN,
)  # fmt: skip


class Finding(NamedTuple):
    """Something that must not be."""

    kind: str
    what: str


@dataclass(frozen=True)
class Books:
    """All that a sandbox holds of sales, at one moment."""

    properties: Mapping[str, Record]
    clients: Mapping[str, Record]
    prospects: Mapping[str, Record]
    fibers: Mapping[tuple[str, int], str]
    """Splitter id and port, from 1, of each service port with something on it."""

    @classmethod
    def of(cls, store: Store) -> "Books":
        with store.lock:
            drops = [one for one in store["splitters"].values() if one["isDrop"]]
            return cls(
                *(
                    {key: dict(record) for key, record in store[name].items()}
                    for name in ("properties", "ftth-clients", "prospects")
                ),
                {
                    (splitter["id"], number): fiber
                    for splitter in drops
                    for number, fiber in enumerate(splitter["connectables"]["output"], 1)
                    if fiber is not None
                },
            )


class Reservation(Enum):
    """What a customer may rely on."""

    NONE = "was never promised, or was cancelled"
    OPEN = "no answer said how it ended"
    ACCEPTED = "was taken on, and may become a prospect"
    SURE = "is reserved"


def audit(
    before: Books, after: Books, talks: Iterable[Conversation], pending: Mapping[str, set[str]]
) -> list[Finding]:
    """Everything that is wrong. `pending`: customer's name to the actions that are still to be done."""
    by_name = {talk.name: talk for talk in talks}
    ours = _Ours(before, after)
    found = [*_ports(after), *_twice(ours), *_others(before, after, ours)]
    found += [Finding(NOT_ASKED, f"{name} is no customer") for name in ours.names() - by_name.keys()]
    for talk in by_name.values():
        found += _customer(talk, ours, pending.get(talk.name, set()))
    return found


def blind_repeats(calls: Iterable[Received]) -> Iterator[Finding]:
    """Creates that went out although the answer to the one before was broken, and nobody had looked since.

    What they make twice the service may find and delete later, so that nothing of it is left at the end;
    until then it keeps a port from somebody.
    """
    unknown: set[str] = set()
    for call in calls:
        broken = call.fault is not None and (call.fault.instead or call.fault.broken is not None)
        match call.method, call.path:
            case "POST", "/properties" | "/prospects":
                form = json.loads(call.body)
                key = f"{call.path} {form.get('client', form)['code']}"
                if key in unknown:
                    yield Finding(BLIND, key)
                (unknown.add if broken else unknown.discard)(key)
            case "GET", "/prospects" if not broken:
                (code,) = (one["value"] for one in json.loads(call.query["filter"]))
                unknown.discard(f"/prospects {code}")
            case "GET", path if path.startswith(BY_CODE) and not broken:
                unknown.discard(f"/properties {path.removeprefix(BY_CODE)}")


class _Ours:
    """What has come since the beginning, by customer's name."""

    def __init__(self, before: Books, after: Books) -> None:
        self.clients = [one for key, one in after.clients.items() if key not in before.clients]
        self.prospects = [one for key, one in after.prospects.items() if key not in before.prospects]
        self.properties = [one for key, one in after.properties.items() if key not in before.properties]
        names = {one["id"]: one.get("name", "") for one in self.clients}
        self.properties_of: defaultdict[str, list[Record]] = defaultdict(list)
        for one in self.properties:
            self.properties_of[names.get(one["client"], "")].append(one)
        self.prospects_of: defaultdict[str, list[Record]] = defaultdict(list)
        for one in self.prospects:
            self.prospects_of[one.get("name", "")].append(one)

    def names(self) -> set[str]:
        return {one.get("name", "") for one in (*self.clients, *self.prospects)}


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


def _twice(ours: _Ours) -> Iterator[Finding]:
    for kind, records in ((CLIENTS_TWICE, ours.clients), (PROSPECTS_TWICE, ours.prospects)):
        for field in ("code", "name"):
            for value, times in Counter(one.get(field) for one in records).items():
                if times > 1:
                    yield Finding(kind, f"{field} {value}: {times}")


def _others(before: Books, after: Books, ours: _Ours) -> Iterator[Finding]:
    for name in ("properties", "clients", "prospects"):
        now = getattr(after, name)
        for key, record in getattr(before, name).items():
            if now.get(key) != record:
                yield Finding(HARMED, f"{name} {key}")
    for one in ours.properties:
        if not one["connections"]:
            yield Finding(NO_PORT, f"{one['id']} of client {one['client']}")
        if one["client"] is None:
            yield Finding(NOT_ASKED, f"property {one['id']} has no client")


def _customer(talk: Conversation, ours: _Ours, pending: set[str]) -> Iterator[Finding]:
    reservation, told = _promised(talk)
    properties, prospects = ours.properties_of[talk.name], ours.prospects_of[talk.name]
    heard = [heard for step in talk.heard for heard in step]
    if reservation is Reservation.SURE and not properties and RESERVE not in pending:
        yield Finding(LOST, f"{talk.name} {reservation.value}: {_story(talk)}")
    if reservation is Reservation.ACCEPTED and not (properties or prospects or pending):
        yield Finding(LOST, f"{talk.name} {reservation.value}: {_story(talk)}")
    if reservation is Reservation.NONE and properties and RESERVE not in pending:
        yield Finding(NOT_ASKED, f"{talk.name} {reservation.value}: {_story(talk)}")
    if any(one.code in PROSPECT_TAKEN for one in heard) and not prospects and PROSPECT not in pending:
        yield Finding(LOST, f"{talk.name} was to be a prospect: {_story(talk)}")
    if prospects and not {PROSPECT, RESERVE} & {one.action for one in heard}:
        yield Finding(NOT_ASKED, f"{talk.name} is a prospect: {_story(talk)}")
    if reservation is Reservation.SURE and told and properties and not _as_told(told, properties):
        yield Finding(NOT_AS_TOLD, f"{talk.name}: told {dict(told)}, there are {properties}")
    for one in heard:
        if one.code in {"erro_interno", "ozmap_recusou", "dados_invalidos", "nao_encontrado"}:
            yield Finding(BROKEN, f"{talk.name}: {one.action} says {dict(one.reply)}")


def _promised(talk: Conversation) -> tuple[Reservation, Mapping[str, Any] | None]:
    """Where the customer stands after all that was heard, and the last reply that said "reserved"."""
    state, told = Reservation.NONE, None
    for step in talk.heard:
        if {RESERVE, CANCEL} <= {heard.action for heard in step}:
            state, told = Reservation.OPEN, None  # made at the same time: either may have come last
            continue
        for heard in step:
            state = _after(state, heard)
            if heard.code in RESERVED:
                told = heard.reply
    return state, told


def _after(state: Reservation, heard: Heard) -> Reservation:
    if heard.action == RESERVE:
        if heard.code in RESERVED:
            return Reservation.SURE
        if heard.code == "reserva_pendente":
            return Reservation.SURE if state is Reservation.SURE else Reservation.ACCEPTED
        if heard.code not in {"sem_viabilidade", CANCELLING} and state is Reservation.NONE:
            return Reservation.OPEN
    if heard.action == CANCEL:
        if heard.code in {"reserva_cancelada", CANCELLING}:
            return Reservation.NONE
        if heard.code != "reserva_nao_encontrada" and state is not Reservation.NONE:
            return Reservation.OPEN
    return state


def _as_told(told: Mapping[str, Any], properties: list[Record]) -> bool:
    return any(
        str(told["imovel_id"]) == one["id"]
        and str(told["caixa_id"]) == one["box"]
        and [str(told["porta"])] == [str(connection["port"]) for connection in one["connections"]]
        for one in properties
    )


def _story(talk: Conversation) -> str:
    steps = (" + ".join(f"{heard.action} {heard.code or '-'}" for heard in step) for step in talk.heard)
    return ", ".join(steps)
