"""Reserving a port in OZmap, which has no idempotency key and no lock.

Look before each create; write down each create before it goes out; never believe that a port is reserved
before reading it back. A create whose fate is unknown is looked for, and repeated only when SETTLE_TIME has
passed without it. Whatever interrupts this, the next to hold the lease can go on from the store alone.
"""

import time
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.fields import Mode
from schemas.ozmap import ViableBox
from schemas.ozmap_customers import Property
from webhook import viability
from webhook.location.place import Place, Precision
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.sales.codes import MARK
from webhook.sales.records import Reservation, State
from webhook.sales.work import MOST_REMOVED, SWEEPS, Later, Undecided, Work, is_there
from webhook.viability.verdict import Verdict

MOST_BOXES = 3
"""Boxes tried at one go."""
CONNECTED_AFTER = (1.0, 3.0, 7.0)
"""Seconds after a property was first seen without its port at which it is read again, before it is removed:
OZmap takes seconds to draw the drop."""
READING = 0.3
"""Seconds of the deadline kept for such a read."""
KEY_REFUSED = {"401", "403", "404"}
"""Refusals that no other box would change: the key, its rights, the address."""
FORGOTTEN: dict[str, Any] = dict.fromkeys(["name", "phone", "lat", "lng", "address", "observation", "tags"])
"""Clears what is personal."""


@dataclass
class Reserving(Work):
    """Carries a pending reservation through.

    Raises OzmapError, Later, Undecided, Taken, TooMany, LeaseLost.
    """

    sale: Reservation
    names: dict[str, str] = field(default_factory=dict)
    """Of boxes, as far as a verdict named them."""

    @property
    def code(self) -> str:
        """Of the client that is made."""
        return self.sale.code

    def run(self) -> Reservation:
        """The reservation as it now is: DONE, ACTIVE or NOT_VIABLE."""
        found = self.found()
        if found is None:
            if self.wait_for_lost_post():
                self._note(posted_at=None, sweeps=SWEEPS)
            verdict = self._verdict()
            if verdict.viable:
                found = self._first_that_takes(verdict.boxes)
            if found is None:
                return self._not_viable(verdict if verdict.viable is False else self._proof())
        return self._reserved(found)

    def found(self) -> Property | None:
        """Our property that holds a port, if there is one; any surplus of ours is removed.

        One without a port is surplus only when the port had time to be connected. Raises Later until then.
        """
        records = self.own_properties(self.code, self.sale.property_id)
        live = [one for one in records if self.is_implanted(one)]
        ours = [one for one in records if one not in live]
        there = [one for one in ours if is_there(one, self.sale)]
        there.sort(key=lambda one: (not one.connections, one.id != self.sale.property_id))
        keep = live[0] if live else self._connected(there[0]) if there else None
        surplus = [one for one in ours if keep is None or one.id != keep.id]
        self.remove(*surplus)
        if keep is None and self.sale.property_id in {one.id for one in surplus}:
            # The POST that made it has come to its end.
            self._note(property_id=None, posted_at=None)
        return keep

    def _connected(self, record: Property) -> Property | None:
        """The property once it shows its port; None where it does not in time. Raises Later, OzmapError."""
        if record.connections:
            return record
        if self.sale.property_id != record.id or self.sale.posted_at is None:
            self._note(property_id=record.id, posted_at=time.time())
        assert self.sale.posted_at is not None  # noqa: S101  just noted
        for seconds in CONNECTED_AFTER:
            due_at = self.sale.posted_at + seconds
            pause = due_at - time.time()
            if pause <= 0:
                continue
            if pause + READING > self.ozmap.deadline.remaining():
                raise Later("the port is not connected yet", due_at)
            time.sleep(pause)
            again = self.ozmap.property(record.id)
            if again is None or again.connections or self.is_implanted(again):
                return again
        return None

    def _verdict(self) -> Verdict:
        sale = self.sale
        assert sale.point is not None  # noqa: S101  purge leaves the place of what is pending
        place = Place(sale.point, Precision(sale.precision), sale.address)
        verdict = viability.look_up(self.ozmap, place, Mode(sale.mode), sale.radius_m, self.tenant)
        if verdict.viable is None:
            raise Undecided(verdict.outcome, verdict.failure)
        self.names |= {box.id: box.name for box in verdict.boxes}
        return verdict

    def _proof(self) -> Verdict:
        """After refusals only OZmap's own word makes a no: others may have taken the ports meanwhile."""
        verdict = self._verdict()
        if verdict.viable:
            raise Later("OZmap refused boxes that it calls viable")
        return verdict

    def _first_that_takes(self, boxes: tuple[ViableBox, ...]) -> Property | None:
        """The asked-for box first, then the nearest."""
        ordered = sorted(boxes, key=lambda box: box.id != self.sale.wanted_box)
        for box in ordered[:MOST_BOXES]:
            if self.removed >= MOST_REMOVED:
                # What this would make could not be removed any more.
                raise Later("boxes took properties and connected no port")
            if found := self._try(box):
                return found
        return None

    def _try(self, box: ViableBox) -> Property | None:
        self._note(posted_at=time.time())
        try:
            made = self.ozmap.create_property(self._form(box))
        except OzmapRefused as error:
            self._note(posted_at=None)
            if error.reason in KEY_REFUSED:
                raise
            return self.found()  # a refusal may mean that the code is there: from a POST that was lost
        except OzmapError as error:
            if not error.may_be_done:
                self._note(posted_at=None)
                raise
            if found := self.found():
                return found
            raise Later(error.reason, self.settled_at()) from None
        record = self.ozmap.property(made)
        if found := record and self._connected(record):
            return found
        if record:
            self.remove(record)
        self._note(posted_at=None, property_id=None)
        return None

    def _form(self, box: ViableBox) -> dict[str, Any]:
        """Body of `POST properties`: a client that is not implanted, on the first free port of a box."""
        point = self.sale.point
        assert point is not None  # noqa: S101
        notes = ["Reserva do chatbot", self.sale.phone, self.sale.observation, MARK]
        observation = " · ".join(note for note in notes if note)
        client = {"code": self.code, "name": self.sale.name, "observation": observation, "implanted": False}
        return {
            "project": box.project,
            "box": box.id,
            "address": self.sale.address or "",
            "lat": point.lat,
            "lng": point.lng,
            "auto_connect": True,
            "force": False,
            "observation": observation,
            "client": client,
        }

    def _note(self, **changes: Any) -> None:
        self.lease.save(**changes)
        self.sale = replace(self.sale, **changes)

    def _reserved(self, record: Property) -> Reservation:
        connection = record.connections[0] if record.connections else None
        active = self.is_implanted(record)
        hours = self.tenant.expires_h
        changes: dict[str, Any] = {
            "state": State.ACTIVE if active else State.DONE,
            "posted_at": None,
            "property_id": record.id,
            "client_id": record.client and record.client.id,
            "box_id": record.box,
            "box_name": self._name_of(record.box),
            "splitter": connection and connection.name,
            "port": connection and connection.port,
            "reason": None,
            "expires_at": time.time() + hours * 3600 if hours and not active else None,
        }
        self.sale = replace(self.sale, **changes)
        self.finish(self.sale, self.housekeeping_at(), **changes)
        return self.sale

    def _name_of(self, box: str | None) -> str | None:
        return self.names.get(box) or self.ozmap.box_name(box) if box else None

    def _not_viable(self, verdict: Verdict) -> Reservation:
        changes: dict[str, Any] = {"state": State.NOT_VIABLE, "reason": verdict.reason, "posted_at": None}
        self.sale = replace(self.sale, **changes)
        self.finish(self.sale, self.housekeeping_at(), **changes, **FORGOTTEN)
        return self.sale

    def housekeeping_at(self) -> float | None:
        """When the worker has to look at it again."""
        due = (self.next_sweep(self.sale.sweeps), self.sale.expires_at)
        return min((at for at in due if at is not None), default=None)
