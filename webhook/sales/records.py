"""Reservations and prospects as the store keeps them and as replies show them."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Row

from schemas.point import Point


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


@dataclass(frozen=True)
class Sale:
    """What both have in common. Personal values are None once their purpose is over."""

    id: int
    tenant: str
    code: str
    state: str
    changed_at: float
    name: str | None
    phone: str | None
    lat: float | None
    lng: float | None
    address: str | None
    observation: str | None
    tags: str | None
    """Comma text."""
    posted_at: float | None
    """When a POST went out whose fate nobody knows yet."""
    sweeps: int
    """Looks still to take for a lost POST that lands late."""

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From a row of its table."""
        return cls(**{field.name: row._mapping[field.name] for field in fields(cls)})

    @property
    def point(self) -> Point | None:
        """None once the place was purged."""
        return Point(self.lat, self.lng) if self.lat is not None and self.lng is not None else None


@dataclass(frozen=True)
class Reservation(Sale):
    conversation: str | None
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

    @property
    def expires(self) -> str | None:
        """ISO 8601 with offset."""
        if self.expires_at is None:
            return None
        return datetime.fromtimestamp(self.expires_at, UTC).isoformat(timespec="seconds")

    @property
    def line(self) -> str:
        """What is worked on one at a time."""
        return self.conversation or self.code


@dataclass(frozen=True)
class Prospect(Sale):
    conversation: str | None
    prospect_id: str | None
    tags_applied: str | None
    tags_ignored: str | None
