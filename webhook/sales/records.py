"""Reservations and prospects as the store keeps them, and the states that they go through."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

from sqlalchemy import RowMapping

from schemas.request import Customer

NOBODY = Customer()
"""In the place of a customer whose data have no purpose any more."""


class State(StrEnum):
    """Of a reservation or a prospect."""

    PENDING = "pending"
    """Accepted, not proven yet."""
    DONE = "done"
    """A reservation whose port was seen connected; a prospect that OZmap has."""
    ACTIVE = "active"
    """Implanted: a live customer, out of our hands."""
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    NOT_VIABLE = "not_viable"


OVER = {State.CANCELLED, State.NOT_VIABLE}
"""After these the conversation may reserve anew."""
STANDS = {State.DONE, State.ACTIVE}
"""In these OZmap holds a port, or a prospect."""
WAITS = {State.PENDING, State.CANCELLING}
"""In these somebody has work to do, unless it was given up."""
NEXT: Mapping[State, set[State]] = {
    State.PENDING: {State.DONE, State.ACTIVE, State.NOT_VIABLE, State.CANCELLING, State.CANCELLED},
    State.DONE: {State.ACTIVE, State.CANCELLING, State.CANCELLED},
    State.ACTIVE: {State.CANCELLING, State.CANCELLED},
    State.CANCELLING: {State.CANCELLED, State.ACTIVE},
    State.CANCELLED: {State.PENDING},
    State.NOT_VIABLE: {State.PENDING},
}
"""Where each state may lead: drawn in docs/architecture.md."""


@dataclass(frozen=True)
class NewReservation:
    """What a flow asks for."""

    customer: Customer
    platform: str
    precision: str
    mode: str
    radius_m: float | None
    wanted_box: str | None


@dataclass(frozen=True)
class Reservation:
    """A row of `reservations`; `customer` are its personal columns. Times are seconds since 1970."""

    kind: ClassVar = "reservation"
    """The outbox's word for its table."""
    id: int
    tenant: str
    conversation: str | None
    """A store key."""
    code: str
    """Of the client or the prospect in OZmap."""
    state: State
    customer: Customer
    changed_at: float
    posted_at: float | None
    """When a POST went out whose fate nobody knows yet."""
    posts: int
    sweeps: int
    """Looks still to take for a lost POST that lands late."""
    refusal: str | None
    """OZmap's own words, for the operator."""
    untold: bool
    """It was promised and has ended, and the customer has not heard how."""
    platform: str
    precision: str
    mode: str
    radius_m: float | None
    wanted_box: str | None
    client_id: str | None
    property_id: str | None
    box_id: str | None
    box_name: str | None
    splitter: str | None
    port: int | None
    reason: str | None
    expires_at: float | None
    refused_boxes: str | None
    """Comma text: boxes that took no customer in this round."""
    unconnected_since: float | None
    """When OZmap's property was first seen without its port."""
    foreign_client: bool
    """Somebody else made the client, which we never delete."""

    @property
    def expires(self) -> str | None:
        """ISO 8601 with offset."""
        if self.expires_at is None:
            return None
        return datetime.fromtimestamp(self.expires_at, UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Prospect:
    """A row of `prospects`; its columns are those of Reservation, as far as both have them."""

    kind: ClassVar = "prospect"
    id: int
    tenant: str
    conversation: str | None
    code: str
    state: State
    customer: Customer
    changed_at: float
    posted_at: float | None
    posts: int
    sweeps: int
    refusal: str | None
    untold: bool
    prospect_id: str | None
    tags_applied: str | None
    tags_ignored: str | None


S = TypeVar("S", Reservation, Prospect)
Sale = Reservation | Prospect


def queue_key(conversation: str | None, code: str) -> str:
    """What is worked on one at a time."""
    return conversation or code


def pending(tenant: str, conversation: str | None, code: str, customer: Customer) -> dict[str, object]:
    """A row that begins; the other columns have their defaults."""
    row = {"tenant": tenant, "conversation": conversation, "code": code, "state": State.PENDING}
    return row | {"changed_at": time.time()} | vars(customer)


def read(record: type[S], row: RowMapping) -> S:
    """The record of a row of its table."""
    names = [one.name for one in fields(record) if one.name not in {"customer", "state"}]
    customer = Customer(**{one.name: row[one.name] for one in fields(Customer)})
    return record(state=State(row["state"]), customer=customer, **{name: row[name] for name in names})


def columns(sale: Sale) -> dict[str, object]:
    """The row that the record stands for."""
    own = {one.name: getattr(sale, one.name) for one in fields(sale) if one.name != "customer"}
    return own | vars(sale.customer)


def changes(before: Sale, after: Sale) -> dict[str, object]:
    """The columns that differ."""
    old = columns(before)
    return {name: value for name, value in columns(after).items() if value != old[name]}
