"""What becomes of a reservation: cancelling, expiring, activating, and looking for what a lost POST left."""

import time
from dataclasses import dataclass, replace
from typing import Any

from schemas.ozmap_customers import Property
from webhook.sales.records import OVER, Reservation, State
from webhook.sales.work import Taken, Work


@dataclass
class Keeping(Work):
    """One reservation that was reserved once. Raises OzmapError, Taken, TooMany, LeaseLost."""

    sale: Reservation

    def cancel(self) -> State:
        """CANCELLED, and the port free; ACTIVE where the client is implanted: that one stays."""
        records = self.own_properties(self.sale.code, self.sale.property_id)
        for record in records:
            self._check_client(record)
        if any(self.is_implanted(record) for record in records):
            active = replace(self.sale, state=State.ACTIVE)
            self.finish(active, None, state=State.ACTIVE, expires_at=None, posted_at=None)
            return State.ACTIVE
        self.refuse_many(len(records))
        # Written first: after a crash half a cancellation must not pass for a reservation.
        self.lease.save(state=State.CANCELLING)
        self.remove(*records)
        self._over()
        return State.CANCELLED

    def gone(self) -> None:
        """Somebody deleted the property in OZmap: the conversation may reserve anew."""
        self._over()

    def present(self) -> Property | None:
        """The property as OZmap has it now."""
        return self.ozmap.property(self.sale.property_id) if self.sale.property_id else None

    def activate(self, record: Property) -> None:
        """The client becomes a live customer."""
        if record.client is None:
            raise Taken
        self._check_client(record)
        self.lease.hold()
        self.ozmap.change_client(record.client.id, implanted=True)
        self.lease.done(state=State.ACTIVE, expires_at=None)

    def _check_client(self, record: Property) -> None:
        """Raises Taken where somebody put another client into our property: that one is not ours."""
        client = record.client
        if client and client.id != self.sale.client_id and self.code_of(record) != self.sale.code:
            raise Taken

    def sweep(self) -> None:
        """One look for a property of ours that nobody holds any more, and when to look again."""
        kept = None if self.sale.state in OVER else self.sale.property_id
        records = [record for record in self.own_properties(self.sale.code) if record.id != kept]
        self.remove(*(record for record in records if not self.is_implanted(record)))
        left = max(self.sale.sweeps - 1, 0)
        due = (self.next_sweep(left), self.sale.expires_at)
        self.lease.done(min((at for at in due if at is not None), default=None), sweeps=left)

    def _over(self) -> None:
        sweeps = self.sweeps_left()
        cleared: dict[str, Any] = dict.fromkeys(["posted_at", "expires_at", "property_id", "client_id"])
        cancelled = replace(self.sale, state=State.CANCELLED)
        self.finish(cancelled, self.next_sweep(sweeps), state=State.CANCELLED, sweeps=sweeps, **cleared)


def expired(sale: Reservation) -> bool:
    """Whether its time is over."""
    return sale.expires_at is not None and sale.expires_at <= time.time()
