"""Finding sales in the store, and taking the lease of one."""

from dataclasses import dataclass, fields
from typing import Generic

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from schemas.point import Point
from schemas.request import Customer
from webhook.sales.codes import place_suffix
from webhook.sales.records import (
    OVER,
    WAITS,
    NewReservation,
    Prospect,
    Reservation,
    S,
    Sale,
    State,
    pending,
    queue_key,
    read,
)
from webhook.store import Store
from webhook.store.lease import Lease
from webhook.store.outbox import Owed, borrow, is_busy, is_given_up, promise, put, remove
from webhook.store.tables import SALES, also_asked, prospects, reservations


@dataclass(frozen=True)
class Who:
    """Whose sale: the client code, and the store key of the conversation where the flow names one."""

    code: str
    conversation: str | None


@dataclass(frozen=True)
class Claim(Generic[S]):
    """What a claim found: without a lease somebody was there before, who may be at it now.

    A lease on a sale that was given up comes with the sale as it is: its first data stand.
    """

    sale: S
    lease: Lease | None = None
    busy: bool = False


@dataclass(frozen=True)
class Claims:
    """One tenant's sales. Every method may raise StoreUnavailable."""

    store: Store
    tenant: str
    lease_for: float
    """Seconds that a request may work on a sale before the worker thinks it dead."""

    def find(self, who: Who) -> Reservation | None:
        """The conversation's reservation; of several the one that is not over."""
        with self.store.read() as connection:
            return _foremost(self._known(connection, who), who)

    def is_busy(self, sale: Sale) -> bool:
        """Whether somebody is at it now: a look that waits for no writer."""
        with self.store.read() as connection:
            return is_busy(connection, sale.kind, sale.id)

    def is_given_up(self, sale: Sale) -> bool:
        """Whether it was left to the operator."""
        with self.store.read() as connection:
            return is_given_up(connection, sale.kind, sale.id)

    def claim(self, who: Who, new: NewReservation) -> Claim[Reservation]:
        """A pending reservation with these values and its lease, unless the conversation has one already."""
        there = self.find(who)
        # Another conversation's call goes on: it is to be remembered.
        if there and there.conversation == who.conversation and self.is_busy(there):
            return Claim(there, busy=True)
        try:
            with self.store.write() as connection:
                known = self._known(connection, who, lock=True)
                first = _foremost(known, who)
                if first and first.state not in OVER:
                    self._remember(connection, who, first)
                    return self._there(connection, first)
                if first and is_busy(connection, first.kind, first.id):
                    return Claim(first, busy=True)
                made = self._write(connection, who, new, known)
                return Claim(made, self._leased(connection, made))
        except IntegrityError:  # another call was faster; now its row is there
            found = self.find(who)
            if found is None:
                raise
            return Claim(found, busy=True)

    def promise(self, sale: Sale) -> bool:
        """Whether it still is pending: then its caller is told so, and whoever is at it must keep that."""
        with self.store.write() as connection:
            return promise(connection, sale.kind, sale.id, State.PENDING)

    def claim_prospect(self, who: Who, customer: Customer, place: Point) -> Claim[Prospect]:
        """A pending prospect with these values and its lease, unless it is there already."""
        here = self._prospect_at(who, place)
        try:
            with self.store.write() as connection:
                row = connection.execute(here.with_for_update()).mappings().first()
                there = read(Prospect, row) if row else None
                if there and (there.state not in OVER or is_busy(connection, there.kind, there.id)):
                    return self._there(connection, there)
                fresh = pending(self.tenant, who.conversation, who.code + place_suffix(place), customer)
                sale = _written(connection, Prospect, there, fresh)
                return Claim(sale, self._leased(connection, sale))
        except IntegrityError:
            with self.store.read() as connection:
                return Claim(read(Prospect, connection.execute(here).mappings().one()), busy=True)

    def take(self, sale: S) -> Claim[S]:
        """The lease of a sale that is still in the state that it was found in; else the sale as it is now."""
        if self.is_busy(sale):
            return Claim(sale, busy=True)
        with self.store.write() as connection:
            # The row's lock: of several calls one finds it free.
            there = _by_id(connection, sale, lock=True)
            if there is None or there.state != sale.state:
                return Claim(there or sale)
            if is_busy(connection, sale.kind, sale.id):
                return Claim(there, busy=True)
            return Claim(there, self._leased(connection, there))

    def borrow(self, sale: S) -> Claim[S]:
        """The same for a look: what is still to be done for it, and when, stays as it is."""
        if self.is_busy(sale):
            return Claim(sale, busy=True)
        with self.store.write() as connection:
            lease = self._borrowed(connection, sale)
            busy = lease is None and is_busy(connection, sale.kind, sale.id)
            return Claim(_by_id(connection, sale) or sale, lease, busy)

    def heard(self, sale: S) -> None:
        """Notes that the customer now hears how it ended."""
        if sale.untold:
            table = SALES[sale.kind]
            with self.store.write() as connection:
                connection.execute(update(table).where(table.c.id == sale.id).values(untold=False))

    def _leased(self, connection: Connection, sale: S) -> Lease:
        """Of a new row, or of the one that is there, with what was promised."""
        lease = self._borrowed(connection, sale, anew=True)
        if lease is None:
            whose = queue_key(sale.conversation, sale.code)
            put(connection, Owed(sale.kind, sale.id, self.tenant, whose, promised=False))
            lease = self._borrowed(connection, sale)
        assert lease  # noqa: S101  nobody else sees the row before this transaction ends
        return lease

    def _borrowed(self, connection: Connection, sale: Sale, anew: bool = False) -> Lease | None:
        return borrow(self.store, connection, sale.kind, sale.id, lease_for=self.lease_for, anew=anew)

    def _there(self, connection: Connection, sale: S) -> Claim[S]:
        """A sale that is there; with its lease where it was given up, so that nobody else will take it up."""
        if is_busy(connection, sale.kind, sale.id):
            return Claim(sale, busy=True)
        if sale.state in WAITS and is_given_up(connection, sale.kind, sale.id):
            return Claim(sale, self._leased(connection, sale))
        return Claim(sale)

    def _known(self, connection: Connection, who: Who, lock: bool = False) -> list[Reservation]:
        wanted = select(reservations).where(reservations.c.tenant == self.tenant, self._matching(who))
        rows = connection.execute(wanted.with_for_update() if lock else wanted).mappings()
        return [read(Reservation, row) for row in rows]

    def _matching(self, who: Who) -> ColumnElement[bool]:
        same_code = reservations.c.code == who.code
        if who.conversation is None:
            return same_code
        asked = select(also_asked.c.reservation).where(self._asked_by(who))
        return or_(same_code, reservations.c.conversation == who.conversation, reservations.c.id.in_(asked))

    def _asked_by(self, who: Who) -> ColumnElement[bool]:
        return and_(also_asked.c.tenant == self.tenant, also_asked.c.conversation == who.conversation)

    def _remember(self, connection: Connection, who: Who, sale: Reservation) -> None:
        """That another conversation was told of this reservation too: it may consult it."""
        if who.conversation in {None, sale.conversation}:
            return
        connection.execute(delete(also_asked).where(self._asked_by(who)))
        row = {"tenant": self.tenant, "conversation": who.conversation, "reservation": sale.id}
        connection.execute(insert(also_asked).values(**row))

    def _write(
        self, connection: Connection, who: Who, new: NewReservation, known: list[Reservation]
    ) -> Reservation:
        """A fresh row: the one that the code has, or a new one."""
        same = next((sale for sale in known if sale.code == who.code), None)
        others = [sale.id for sale in known if sale is not same]
        connection.execute(
            update(reservations).where(reservations.c.id.in_(others)).values(conversation=None)
        )
        connection.execute(delete(also_asked).where(self._asked_by(who)))
        own = {one.name: getattr(new, one.name) for one in fields(new) if one.name != "customer"}
        row = pending(self.tenant, who.conversation, who.code, new.customer) | own
        return _written(connection, Reservation, same, row)

    def _prospect_at(self, who: Who, place: Point) -> Select[tuple[object, ...]]:
        """By its code, or by the conversation and the place: codes of older versions were other ones."""
        suffix = place_suffix(place)
        same = prospects.c.code == who.code + suffix
        if who.conversation is not None:
            same = or_(
                same, and_(prospects.c.conversation == who.conversation, prospects.c.code.endswith(suffix))
            )
        return (
            select(prospects).where(prospects.c.tenant == self.tenant, same).order_by(prospects.c.id).limit(1)
        )


def _written(connection: Connection, record: type[S], same: S | None, row: dict[str, object]) -> S:
    """A new row, in place of that of the `same` code's earlier sale."""
    table = SALES[record.kind]
    if same:
        remove(connection, same.kind, same.id)
        connection.execute(delete(table).where(table.c.id == same.id))
        row |= {"sweeps": same.sweeps}  # what that one lost may still turn up
    return read(record, connection.execute(insert(table).values(**row).returning(*table.c)).mappings().one())


def _foremost(known: list[Reservation], who: Who) -> Reservation | None:
    """One that is not over before one that is; the conversation's own before one that it was told of."""
    ordered = sorted(
        known, key=lambda sale: (sale.state in OVER, sale.conversation != who.conversation, -sale.changed_at)
    )
    return ordered[0] if ordered else None


def _by_id(connection: Connection, sale: S, lock: bool = False) -> S | None:
    table = SALES[sale.kind]
    wanted = select(table).where(table.c.id == sale.id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    return read(type(sale), row) if row else None
