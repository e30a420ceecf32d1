"""What the store and OZmap hold at the end, beside what the customers said.

On any machine no answer is lost and nothing is used or sold twice. That a conversation ends as if it had been
alone holds for whom OZmap answered in time: the others are told so, and may be handed over to a person.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from sqlalchemy import select

from bench.conversations.customers import Customer, Kind, flow_of
from sandbox import Sandbox
from webhook.conversation.state import State
from webhook.outcomes import LATER
from webhook.store import Store
from webhook.store.tables import conversations

LOST = "acknowledged answers that are not in the final variables"
TWICE = "answers used twice, or for another question"
SALES = "reservations or prospects twice, or missing"
OTHER_END = "conversations that end otherwise than alone"
ODD = "replies that no customer should get"
KINDS = (LOST, TWICE, SALES, OTHER_END, ODD)
CODES = {"reserva_codigo"}
"""Variables that differ between customers and that no customer says."""
ALIKE = (
    {"reservado", "ja_reservado", "reserva_encontrada"},
    {"prospect_criado", "prospect_ja_existe", "prospect_pendente"},
)
"""Last values of `codigo` that mean the same: after a kill the step that writes is played again."""

SAME_STEP = {"ja_tinha": "confirmado"}
"""Ends that mean the same, for the same reason."""
PENDING = "reserva_pendente"
"""Last `codigo` of a customer whose port was still being reserved: that it is, SALES says."""
OUT_OF_TIME, IN_TIME = "rede_fora", {"oferta", "sem_fibra"}
"""The question to a customer whose lookup got no answer in time, and those that it is asked instead of."""
TO_PERSON = "fora_do_ar"
"""The end of a customer for whom a later step got none."""


class Finding(NamedTuple):
    """Something that must not be."""

    kind: str
    what: str


@dataclass(frozen=True)
class Kept:
    """Where a conversation ended, and its variables then."""

    step: str
    ended: bool
    variables: Mapping[str, object]
    unusable: int

    @property
    def code(self) -> object:
        """What the last call of an action said."""
        return self.variables.get("codigo")

    def origin(self, kind: Kind) -> str:
        """The step of the conversation."""
        return flow_of(kind.flow).by_id[self.step].origin if self.step else ""

    def was_handed_over(self, kind: Kind) -> bool:
        """Whether a person goes on, since OZmap did not answer in time."""
        return self.origin(kind) == TO_PERSON and self.code in LATER


@dataclass(frozen=True)
class Sold:
    """How many records OZmap has by the customer's name."""

    clients: Counter[str]
    properties: Counter[str]
    prospects: Counter[str]

    @classmethod
    def of(cls, sandbox: Sandbox) -> "Sold":
        store = sandbox.store
        with store.lock:
            names = {one["id"]: str(one.get("name")) for one in store["ftth-clients"].values()}
            return cls(
                Counter(names.values()),
                Counter(names.get(str(one["client"]), "") for one in store["properties"].values()),
                Counter(str(one.get("name")) for one in store["prospects"].values()),
            )


def kept_in(store: Store) -> dict[str, Kept]:
    """All conversations of the store, by key."""
    with store.read() as connection:
        begun = select(conversations.c.conversation, conversations.c.state).where(conversations.c.state != "")
        rows = connection.execute(begun).all()
    found = {}
    for key, text in rows:
        state = State.of_json(text)
        found[key] = Kept(state.step, state.ended, state.variables, state.unusable)
    return found


def audit(
    alone: Mapping[Kind, Customer], customers: Sequence[Customer], kept: Mapping[str, Kept], sold: Sold
) -> Iterator[Finding]:
    """Everything that is wrong."""
    for customer in customers:
        model = alone[customer.kind]
        ours, models = kept.get(customer.conversation.key), kept[model.conversation.key]
        yield from _sales(customer, ours, sold)
        if customer.odd:
            yield Finding(ODD, f"{customer.name}: {', '.join(customer.odd)}; {customer.story}")
        if ours is None or not ours.ended or customer.ended is None:
            yield Finding(OTHER_END, f"{customer.name} has no end: {ours}; {customer.story}")
            continue
        if not ours.was_handed_over(customer.kind):
            yield from _end(customer, ours, models)
        yield from _answers(customer, model, ours, models)


def was_out_of_time(customer: Customer, ours: Kept) -> bool:
    """Whether OZmap did not answer this customer in time, and the customer was told so."""
    return OUT_OF_TIME in customer.asked or ours.was_handed_over(customer.kind)


def _sales(customer: Customer, ours: Kept | None, sold: Sold) -> Iterator[Finding]:
    name, kind = customer.name, customer.kind
    has = (sold.clients[name], sold.properties[name], sold.prospects[name])
    due = (kind.clients, kind.clients, kind.prospects)
    # Who was handed over was promised nothing; what was asked of OZmap before may be there all the same.
    open_ended = ours is not None and ours.was_handed_over(kind)
    if has != due and not (open_ended and all(there <= most for there, most in zip(has, due, strict=True))):
        records = f"clients, properties, prospects: {has}"
        yield Finding(SALES, f"{name} ({kind.name}) has {records}; {customer.story}")


def _answers(customer: Customer, model: Customer, ours: Kept, models: Kept) -> Iterator[Finding]:
    for variable, value in customer.used.items():
        if ours.variables.get(variable) != value:
            yield Finding(LOST, f"{customer.name}: {variable} is {ours.variables.get(variable)!r}")
    # An answer that is used twice skips the question after it, or cannot be used there.
    asked = [*zip_longest(customer.asked, model.asked)]
    if ours.was_handed_over(customer.kind):
        asked = asked[: len(customer.asked)]
    as_alone = all(one == other or (one == OUT_OF_TIME and other in IN_TIME) for one, other in asked)
    if not as_alone or ours.unusable != models.unusable:
        yield Finding(TWICE, f"{customer.name}: {customer.asked}, {ours.unusable} unusable; {customer.story}")


def _end(customer: Customer, ours: Kept, models: Kept) -> Iterator[Finding]:
    ends = [SAME_STEP.get(step, step) for step in (one.origin(customer.kind) for one in (ours, models))]
    pending = ours.code == PENDING
    if ends[0] != ends[1] and not pending:
        yield Finding(OTHER_END, f"{customer.name} ends at {ends[0]}, alone at {ends[1]}: {customer.story}")
    if was_out_of_time(customer, ours):
        return  # another question, another answer
    expected = _for(customer, models.variables)
    if pending or any({ours.code, models.code} <= codes for codes in ALIKE):
        expected |= {name: ours.variables[name] for name in ("codigo", "mensagem")}
    differ = {
        name: (ours.variables.get(name), expected.get(name))
        for name in ours.variables.keys() | expected.keys()
        if name not in CODES and ours.variables.get(name) != expected.get(name)
    }
    if differ or CODES & ours.variables.keys() != CODES & models.variables.keys():
        yield Finding(OTHER_END, f"{customer.name} ends with others than alone: {differ}; {customer.story}")


def _for(customer: Customer, variables: Mapping[str, object]) -> dict[str, object]:
    """The variables of the customer who was alone, as they would be of this one."""
    own = {**customer.own, "latitude": str(customer.place.lat), "longitude": str(customer.place.lng)}
    return {name: own.get(name, value) for name, value in variables.items()}
