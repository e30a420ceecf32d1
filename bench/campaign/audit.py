"""What OZmap holds at the end beside what the customers were told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bench.campaign import books, calls
from bench.campaign.books import Books, Finding, Ours
from bench.campaign.conversations import CANCEL, PROSPECT, RESERVE, Conversation, Heard, Taken
from sandbox.records import Record
from webhook.outcomes import LATER

RESERVED = {"reservado", "ja_reservado"}
CANCELLING = "cancelamento_pendente"
PROSPECT_TAKEN = {"prospect_criado", "prospect_ja_existe", "prospect_pendente"}
REFUSED = {"ozmap_recusou", "falhou", "dados_invalidos"}
PENDING = {"reserva_pendente", CANCELLING, *LATER}

LOST = "promises lost"
NOT_AS_TOLD = "reservations other than told"
NOT_ASKED = "records that nobody asked for, or that were cancelled"
NO_PROPERTY = "clients of ours without a property"
NOT_SOLD = "customers whom a fourth box or a later minute would take"
GIVEN_UP = "pending, and nobody works on it"
ENDLESS = "work that does not come to an end"
BROKEN = "replies that are a defect of ours"
KINDS = (
    books.DOUBLE_BOOKED, books.CLIENTS_TWICE, books.PROSPECTS_TWICE, calls.BLIND, calls.TOO_MANY, LOST,
    NOT_AS_TOLD, NOT_ASKED, NOT_SOLD, books.NO_PORT, NO_PROPERTY, books.HARMED,
    GIVEN_UP, ENDLESS, BROKEN,
)  # fmt: skip


class Reservation(Enum):
    """What a customer may rely on."""

    NONE = "was never promised, or was cancelled"
    OPEN = "no answer said how it ended"
    ACCEPTED = "was taken on, and may become a prospect"
    SURE = "is reserved"


@dataclass(frozen=True)
class Outside:
    """What the store and the calls to OZmap know beside the records. Keys are customers' names."""

    given_up: Mapping[str, set[str]] = field(default_factory=dict)
    """To the actions that are left to a person."""
    refused: Mapping[str, set[str]] = field(default_factory=dict)
    """To the boxes where OZmap definitely refused a property."""
    refusing: frozenset[str] = frozenset()
    """Boxes that refuse everybody for good."""


def audit(before: Books, after: Books, talks: Iterable[Conversation], outside: Outside) -> list[Finding]:
    """Everything that is wrong."""
    by_name = {talk.name: talk for talk in talks}
    ours = Ours(before, after, by_name.values())
    found = list(books.check(before, after, ours))
    found += [Finding(NOT_ASKED, f"{name} is no customer") for name in ours.names() - by_name.keys()]
    found += [
        Finding(NOT_ASKED, f"property {one['id']} has no client of ours")
        for one in ours.properties
        if one["client"] not in ours.name_of
    ]
    for talk in by_name.values():
        found += _customer(talk, ours, outside)
    return found


def _customer(talk: Conversation, ours: Ours, outside: Outside) -> Iterator[Finding]:
    properties, prospects = ours.properties_of[talk.name], ours.prospects_of[talk.name]
    given_up = outside.given_up.get(talk.name, set())
    reservation, told = _promised(talk)
    heard = [heard for step in talk.heard for heard in step]
    story = f"{talk.name} ({talk.site}, {talk.taken.name}) {reservation.value}: {_story(talk)}"
    if given_up and talk.taken is Taken.NO:
        yield Finding(GIVEN_UP, f"{', '.join(sorted(given_up))}: {story}")
    if reservation is Reservation.SURE and not properties:
        yield Finding(LOST, story)
    # Whether somebody else's client may be used is found out after the promise.
    if reservation is Reservation.ACCEPTED and talk.taken is Taken.NO and not (properties or prospects):
        yield Finding(LOST, story)
    # A client that is not ours is never deleted, nor is its property: a person cancels that.
    if reservation is Reservation.NONE and properties and talk.taken is not Taken.ALONE:
        yield Finding(NOT_ASKED, story)
    if any(one.code in PROSPECT_TAKEN for one in heard) and not prospects and PROSPECT not in given_up:
        yield Finding(LOST, f"to be a prospect: {story}")
    if prospects and not {PROSPECT, RESERVE} & {one.action for one in heard}:
        yield Finding(NOT_ASKED, f"a prospect: {story}")
    if reservation is Reservation.SURE and told and properties and not _as_told(told, properties):
        yield Finding(NOT_AS_TOLD, f"{talk.name}: told {dict(told)}, there are {properties}")
    for one in ours.idle_clients_of[talk.name]:
        yield Finding(NO_PROPERTY, f"{one['id']}: {story}")
    # Who heard nothing, or to ask again later, was promised nothing: on a slow machine that may be all.
    answered = any(one.action == RESERVE and one.code not in {"", *LATER} for one in heard)
    no_other_box = outside.refused.get(talk.name, set()) <= outside.refusing
    if talk.certain and answered and no_other_box and not properties:
        yield Finding(NOT_SOLD, story)
    yield from _at_last(talk, reservation, properties, story)
    yield from _defects(talk, heard, outside.refused.get(talk.name, set()))


def _at_last(
    talk: Conversation, reservation: Reservation, properties: list[Record], story: str
) -> Iterator[Finding]:
    """What a `consulta` says at the end must be what is there."""
    if talk.at_last is None:
        return
    code = talk.at_last.code
    if code in PENDING and talk.taken is not Taken.ALONE:
        yield Finding(ENDLESS, f"at last {code}: {story}")
    if code == "reserva_encontrada" and not _as_told(talk.at_last.reply, properties):
        yield Finding(NOT_AS_TOLD, f"at last {dict(talk.at_last.reply)}, there are {properties}: {story}")
    if reservation is Reservation.SURE and code != "reserva_encontrada":
        yield Finding(LOST, f"at last {code}: {story}")
    # OZmap is well in the end: whoever was promised has the port, or there is none left.
    accepted = {"reserva_encontrada", "sem_viabilidade"}
    if reservation is Reservation.ACCEPTED and talk.taken is Taken.NO and code not in accepted:
        yield Finding(NOT_SOLD, f"at last {code}: {story}")


def _defects(talk: Conversation, heard: list[Heard], refused: set[str]) -> Iterator[Finding]:
    wrong = {"erro_interno", "nao_encontrado"}
    if talk.taken is Taken.NO:
        wrong.add("dados_invalidos")
    if not refused:
        wrong.add("ozmap_recusou")
    for one in heard:
        if one.code in wrong:
            yield Finding(BROKEN, f"{talk.name}: {one.action} says {dict(one.reply)}")


def _promised(talk: Conversation) -> tuple[Reservation, Mapping[str, Any] | None]:
    """Where the customer stands after all that was heard, and the last reply that said "reserved"."""
    state, told = Reservation.NONE, None
    for step in talk.heard:
        if {RESERVE, CANCEL} <= {heard.action for heard in step}:
            state, told = Reservation.OPEN, None  # made at the same time: either may have come last
            continue
        codes = {heard.code for heard in step if heard.action == RESERVE}
        if codes & REFUSED and codes - REFUSED:
            state = Reservation.OPEN  # likewise: the refusal may have come last, or before a new attempt
            continue
        for heard in step:
            state = _after(state, heard)
            if heard.code in RESERVED:
                told = heard.reply
    return state, told


def _after(state: Reservation, heard: Heard) -> Reservation:
    if heard.action == RESERVE:
        return _after_reserve(state, heard.code)
    if heard.action == CANCEL:
        if heard.code in {"reserva_cancelada", CANCELLING}:
            return Reservation.NONE
        if heard.code != "reserva_nao_encontrada" and state is not Reservation.NONE:
            return Reservation.OPEN
    return state


def _after_reserve(state: Reservation, code: str) -> Reservation:
    if code in RESERVED:
        return Reservation.SURE
    if state is Reservation.SURE:
        return state
    if code == "reserva_pendente":
        return Reservation.ACCEPTED
    if code in REFUSED:
        return Reservation.NONE
    if code not in {"sem_viabilidade", CANCELLING} and state is Reservation.NONE:
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
