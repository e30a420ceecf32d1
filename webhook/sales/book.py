"""Finding and claiming sales in the store."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Table, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from webhook.sales.records import OVER, Prospect, Reservation, Sale, State
from webhook.store import Store
from webhook.store.outbox import Lease, Owed, is_busy, is_given_up, leased, promise, put
from webhook.store.tables import prospects, reservations

RESULT = [
    "client_id", "property_id", "box_id", "box_name", "splitter", "port", "reason", "expires_at",
]  # fmt: skip
"""Of an earlier reservation of the conversation."""


@dataclass(frozen=True)
class Claim:
    """What a claim found: without a lease somebody was there before, who may be at it now.

    A lease on a sale that was given up comes with the sale as it is: its first data stand.
    """

    sale: Any
    lease: Lease | None = None
    busy: bool = False


@dataclass(frozen=True)
class Book:
    """One tenant's sales. Every method may raise StoreUnavailable."""

    store: Store
    tenant: str
    lease_for: float
    """Seconds that a request may work on a sale before the worker thinks it dead."""

    def find(self, code: str, conversation: str | None) -> Reservation | None:
        """The conversation's reservation; of several the one that is not over."""
        found = self._matching(code, conversation)
        with self.store.read() as connection:
            known = [Reservation.of(row) for row in connection.execute(found)]
        return _foremost(known)

    def claim(self, code: str, conversation: str | None, values: dict[str, Any]) -> Claim:
        """A pending reservation with these values and its lease, unless the conversation has one already."""
        try:
            with self.store.write() as connection:
                rows = connection.execute(self._matching(code, conversation).with_for_update())
                known = [Reservation.of(row) for row in rows]
                first = _foremost(known)
                if first and (busy := is_busy(connection, "reservation", first.id)) | (
                    first.state not in OVER
                ):
                    return Claim(first, self._given_up(connection, "reservation", first, first.line), busy)
                same = next((sale for sale in known if sale.code == code), None)
                connection.execute(
                    update(reservations)
                    .where(reservations.c.id.in_([sale.id for sale in known if sale is not same]))
                    .values(conversation=None)
                )
                row = _fresh(code, dict.fromkeys(RESULT) | values)
                row |= {"tenant": self.tenant, "conversation": conversation}
                if same:
                    id_ = same.id
                    connection.execute(update(reservations).where(reservations.c.id == id_).values(**row))
                else:
                    id_ = _inserted(connection, insert(reservations).values(**row))
                line = conversation or code
                owed = Owed("reservation", id_, self.tenant, line, promised=False)  # nobody was told yet
                token = put(connection, owed, self.lease_for)
                return Claim(
                    Reservation.of(self._row(connection, reservations, id_)),
                    leased(self.store, connection, token),
                )
        except IntegrityError:  # another call was faster; now its row is there
            return Claim(self.find(code, conversation), busy=True)

    def promise(self, sale: Reservation) -> bool:
        """Whether it still is pending: then its caller is told so, and whoever is at it must keep that."""
        with self.store.write() as connection:
            return promise(connection, "reservation", sale.id, State.PENDING)

    def claim_prospect(self, code: str, line: str, values: dict[str, Any]) -> Claim:
        """A pending prospect with these values and its lease, unless it is there already."""
        at_code = select(prospects).where(prospects.c.tenant == self.tenant, prospects.c.code == code)
        try:
            with self.store.write() as connection:
                row = connection.execute(at_code.with_for_update()).first()
                if row:
                    there, busy = Prospect.of(row), is_busy(connection, "prospect", row.id)
                    return Claim(there, self._given_up(connection, "prospect", there, line), busy)
                fresh = _fresh(code, values) | {"tenant": self.tenant}
                id_ = _inserted(connection, insert(prospects).values(**fresh))
                token = put(connection, Owed("prospect", id_, self.tenant, line), self.lease_for)
                return Claim(
                    Prospect.of(self._row(connection, prospects, id_)), leased(self.store, connection, token)
                )
        except IntegrityError:
            with self.store.read() as connection:
                return Claim(Prospect.of(connection.execute(at_code).one()), busy=True)

    def take(self, sale: Reservation) -> Claim:
        """The lease of a reservation that is there, and the reservation as it is then."""
        with self.store.write() as connection:
            wanted = select(reservations).where(reservations.c.id == sale.id).with_for_update()
            row = connection.execute(wanted).first()
            if row is None or is_busy(connection, "reservation", sale.id):
                return Claim(sale, busy=True)
            token = put(connection, Owed("reservation", sale.id, self.tenant, sale.line), self.lease_for)
            return Claim(Reservation.of(row), leased(self.store, connection, token))

    def _given_up(self, connection: Connection, kind: str, sale: Sale, line: str) -> Lease | None:
        """The lease of a sale that the worker gave up on: nobody else will take it up again."""
        if sale.state not in {State.PENDING, State.CANCELLING} or not is_given_up(connection, kind, sale.id):
            return None
        owed = Owed(kind, sale.id, self.tenant, line, promised=False)  # the answer to this call counts now
        return leased(self.store, connection, put(connection, owed, self.lease_for))

    def _matching(self, code: str, conversation: str | None) -> Any:
        same = reservations.c.code == code
        if conversation is not None:
            same = or_(same, reservations.c.conversation == conversation)
        return select(reservations).where(and_(reservations.c.tenant == self.tenant, same))

    @staticmethod
    def _row(connection: Any, table: Table, id_: int) -> Any:
        return connection.execute(select(table).where(table.c.id == id_)).one()


def _inserted(connection: Connection, statement: Insert) -> int:
    id_: int = connection.execute(statement.returning(statement.table.c.id)).scalar_one()
    return id_


def _foremost(known: list[Reservation]) -> Reservation | None:
    ordered = sorted(known, key=lambda sale: (sale.state in OVER, -sale.changed_at))
    return ordered[0] if ordered else None


def _fresh(code: str, values: dict[str, Any]) -> dict[str, Any]:
    """A pending row. `sweeps` stays: what an earlier reservation of the code lost may still turn up."""
    return {"code": code, "state": State.PENDING, "changed_at": time.time(), "posted_at": None} | values
