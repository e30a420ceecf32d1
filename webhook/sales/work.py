"""One sale being worked on, by a request or by the worker: its lease, its OZmap, and how work can end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection

from schemas.ozmap_customers import Property
from schemas.point import distance_m
from schemas.tenants import Tenant
from webhook.observe import log
from webhook.outcomes import Outcome
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapUnreadable
from webhook.sales.codes import MARK
from webhook.sales.records import Sale
from webhook.store.outbox import Lease

SWEEPS = 3
"""Looks for a lost POST that may still land: after one, two and four times SETTLE_TIME."""
SAME_PLACE_M = 1.0
MOST_REMOVED = 2
"""Records of OZmap that one call or one sweep may delete. A sale leaves one behind, two at worst."""
AtEnd: TypeAlias = Callable[[Connection, Any], None]


class Later(Exception):
    """Not now; `due_at` says when, or leaves it to the back-off."""

    def __init__(self, reason: str, due_at: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.due_at = due_at


class Undecided(Exception):
    """Feasibility came to no verdict; `outcome` says why, and `failure` what OZmap did, for the log."""

    def __init__(self, outcome: Outcome, failure: str) -> None:
        super().__init__(outcome.code)
        self.outcome, self.failure = outcome, failure


class Taken(Exception):
    """Somebody else's client has this code in OZmap."""


class TooMany(Exception):
    """More records to delete than one sale can have left: none is deleted, and a person has to look."""


def nothing_more(connection: Connection, sale: Any) -> None:
    """Writes nothing: the flow hears the end in its reply."""


@dataclass
class Work:
    """`sale` is as the lease's holder found it; what is written goes through the lease."""

    lease: Lease
    ozmap: Ozmap
    tenant: Tenant
    settle_time: float
    sale: Any
    """A Sale, of the kind that the work is on."""
    at_end: AtEnd = nothing_more
    """Writes in the transaction that ends what was asked for, about the sale as it then is."""
    removed: int = 0
    """Records deleted so far."""

    def finish(self, sale: Any, next_at: float | None, **changes: Any) -> None:
        """What was asked for has come to its end, with this sale. Raises LeaseLost."""
        self.lease.done(next_at, lambda connection: self.at_end(connection, sale), **changes)

    def next_sweep(self, sweeps: int) -> float | None:
        """When the next look for a lost POST is due, with so many still to take."""
        return time.time() + self.settle_time * 2 ** (SWEEPS - sweeps) if sweeps else None

    def settled_at(self) -> float | None:
        """Until when the fate of a POST stays open; None where none is."""
        posted_at: float | None = self.sale.posted_at
        return posted_at + self.settle_time if posted_at is not None else None

    def sweeps_left(self) -> int:
        """Looks to take from now on, when work on the sale ends."""
        return SWEEPS if self.sale.posted_at is not None else self.sale.sweeps

    def wait_for_lost_post(self) -> bool:
        """Whether a POST is lost, once that can be said. Raises Later while it may still land."""
        settled_at = self.settled_at()
        if settled_at is not None and time.time() < settled_at:
            raise Later("fate of a write unknown", settled_at)
        return settled_at is not None

    def own_properties(self, code: str, known_id: str | None = None) -> list[Property]:
        """What this service made under a client code. Raises Taken, OzmapError.

        That is the record whose id stands in our row, and those that carry our mark and exactly this code.
        """
        ids = self.ozmap.properties_of(code)
        if known_id is not None and known_id not in ids:
            ids.append(known_id)
        found = [record for id_ in ids if (record := self.ozmap.property(id_))]
        others = [record for record in found if record.id != known_id]
        if any(self.code_of(record) != code for record in others):
            raise OzmapUnreadable("properties/client/{code}: another client's property")
        if any(MARK not in record.observation for record in others):
            raise Taken
        return found

    def code_of(self, record: Property) -> str | None:
        """Of its client, read in the client itself where the property does not show it."""
        client = record.client
        if client is not None and client.code is None:
            client = self.ozmap.client(client.id)
        return client.code if client else None

    def is_implanted(self, record: Property) -> bool:
        """Whether a live customer is in it, who is not ours to touch. Raises OzmapError."""
        client = record.client
        if client is not None and client.implanted is None:
            client = self.ozmap.client(client.id)
        return client is not None and bool(client.implanted)

    def remove(self, *records: Property) -> None:
        """Deletes properties of ours that hold no live customer. Raises TooMany, LeaseLost, OzmapError."""
        self.delete(self.ozmap.delete_property, [record.id for record in records])

    def delete(self, delete: Callable[[str], None], ids: Sequence[str]) -> None:
        """All of them, or none where they are too many. Raises TooMany, LeaseLost, OzmapError."""
        self.refuse_many(len(ids))
        for id_ in ids:
            self.lease.hold()
            delete(id_)
            self.removed += 1

    def refuse_many(self, records: int) -> None:
        """Raises TooMany where so many may not be deleted, and says so in the log."""
        if self.removed + records <= MOST_REMOVED:
            return
        lease = self.lease
        event = "too many records to delete"
        log.write(event=event, tenant=lease.tenant, outbox=lease.id, kind=lease.kind, records=records)
        raise TooMany(f"{records} records to delete, after {self.removed}: look at them in OZmap")


def is_there(record: Property, sale: Sale) -> bool:
    """Whether a property is at the sale's place, as far as both are on record."""
    return not (sale.point and record.point) or distance_m(sale.point, record.point) <= SAME_PLACE_M
