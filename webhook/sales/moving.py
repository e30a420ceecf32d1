"""Moving a reservation to another box: the old port is given up only when the new one is proven.

OZmap documents a change of box in place, but not what becomes of the old port when the new box turns out
full. So a second property is made, under a code of its own, read back, and only then takes the place of the
first. What is interrupted is undone while the first still stands, and finished when it does not.
"""

from dataclasses import dataclass, replace
from typing import Any

from schemas.ozmap import ViableBox
from schemas.ozmap_customers import Property
from webhook.sales.codes import moving_code
from webhook.sales.records import Reservation, State
from webhook.sales.reserving import Reserving
from webhook.sales.work import Later


@dataclass
class Moving(Reserving):
    """A reservation that is DONE or MOVING. Raises what Reserving raises."""

    old: Property | None = None

    @property
    def code(self) -> str:
        """The second property's, until it is the only one."""
        return moving_code(self.sale.code)

    def move(self, old: Property, wanted: str | None) -> Reservation | None:
        """The reservation in the wanted box, or the nearest other; None where it has no port: all stays."""
        self.old = old
        self.sale = replace(self.sale, wanted_box=wanted)
        boxes = self._verdict().boxes
        others = tuple(box for box in boxes if (box.id == wanted if wanted else box.id != old.box))
        if others:
            self._note(state=State.MOVING)
        if new := self._first_that_takes(others):
            self.remove(old)
            return self._in_place(new)
        self._stay()
        return None

    def resume(self) -> Reservation:
        """What somebody began and could not end."""
        old = self.ozmap.property(self.sale.property_id) if self.sale.property_id else None
        new = self.found()
        if old is not None:
            if new is not None:
                self.remove(new)
            self._stay()
            return self.sale
        if new is None:
            new = next(iter(self.own_properties(self.sale.code)), None)
        if new is None:
            self._note(state=State.PENDING, property_id=None)
            raise Later("both properties of a move are gone")
        return self._in_place(new)

    def found(self) -> Property | None:
        """The second property, if it holds a port; any surplus of ours is removed."""
        keep = None
        for record in self.own_properties(self.code):
            if keep is None and record.connections:
                keep = record
            elif not self.is_implanted(record):
                self.remove(record)
        return keep

    def _form(self, box: ViableBox) -> dict[str, Any]:
        """With the name and the notes that the first one has by now: the store's may be purged."""
        form = super()._form(box)
        if self.old and self.old.client:
            form["observation"] = self.old.observation
            form["client"] |= {"name": self.old.client.name, "observation": self.old.observation}
        return form

    def _in_place(self, new: Property) -> Reservation:
        if new.client is not None:
            self.lease.hold()
            self.ozmap.change_client(new.client.id, code=self.sale.code)
        return self._reserved(new)

    def _stay(self) -> None:
        """The old property remains the reservation."""
        sweeps = self.sweeps_left()
        self.sale = replace(self.sale, state=State.DONE, posted_at=None, sweeps=sweeps)
        self.lease.done(self.housekeeping_at(), state=State.DONE, posted_at=None, sweeps=sweeps)
