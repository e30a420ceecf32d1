"""What the worker does with an outbox row: whatever the sale's state says is left to do.

Doing it twice does nothing twice: each step looks at OZmap and at the store before it writes.
"""

import time
from functools import partial
from typing import assert_never

from sqlalchemy import Connection, select

from schemas.tenants import Tenant
from webhook import outcomes
from webhook.notices.notify import SoLongAs, notify
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.sales.keeping import Keeping, expired
from webhook.sales.prospecting import Prospecting, turn_into_prospect
from webhook.sales.records import Prospect, Reservation, State
from webhook.sales.reserving import Reserving
from webhook.sales.work import Later, Taken, TooMany, Undecided
from webhook.store.outbox import Lease
from webhook.store.tables import prospects, reservations

_ENDS = {
    State.DONE: outcomes.RESERVADO,
    State.ACTIVE: outcomes.RESERVA_JA_ATIVADA,
    State.CANCELLED: outcomes.RESERVA_CANCELADA,
    State.NOT_VIABLE: outcomes.SEM_VIABILIDADE,
}
"""What a customer is told of a reservation that the worker brought to its end."""


def deliver(lease: Lease, ozmap: Ozmap, tenant: Tenant, settle_time: float) -> str:
    """Works on a sale and lets go of its lease; says in a word for the log how it went.

    Raises LeaseLost, StoreUnavailable.
    """
    try:
        if lease.kind == "prospect":
            return _prospect(lease, ozmap, tenant, settle_time)
        return _reservation(lease, ozmap, tenant, settle_time)
    except Taken:
        reason, due_at = "code taken by another client", None
        lease.give_up(reason)
        return "gave up"
    except TooMany as error:
        lease.give_up(str(error))
        return "gave up"
    except Undecided as error:
        reason, due_at = error.outcome.code, None
    except OzmapError as error:
        reason, due_at = error.reason, None
    except Later as error:
        reason, due_at = error.reason, error.due_at
    if time.time() - lease.since > tenant.give_up_d * 86400:
        lease.give_up(reason)
        return "gave up"
    lease.later(reason, due_at)
    return "later"


def _reservation(lease: Lease, ozmap: Ozmap, tenant: Tenant, settle_time: float) -> str:
    with lease.store.read() as connection:
        row = connection.execute(select(reservations).where(reservations.c.id == lease.sale)).first()
    if row is None:
        lease.done()
        return "forgotten"
    sale = Reservation.of(row)
    context = (lease, ozmap, tenant, settle_time, sale)
    tell = partial(reservation_ended, tenant)
    match State(sale.state):
        case State.PENDING:
            return Reserving(*context, at_end=tell).run().state
        case State.CANCELLING:
            return Keeping(*context, at_end=tell).cancel()
        case State.DONE | State.ACTIVE | State.CANCELLED | State.NOT_VIABLE:
            if expired(sale):
                return Keeping(*context).cancel()
            Keeping(*context).sweep()
            return "looked after"
        case unknown:
            assert_never(unknown)


def _prospect(lease: Lease, ozmap: Ozmap, tenant: Tenant, settle_time: float) -> str:
    with lease.store.read() as connection:
        row = connection.execute(select(prospects).where(prospects.c.id == lease.sale)).first()
    if row is None:
        lease.done()
        return "forgotten"
    tell = partial(_prospect_ended, tenant)
    prospecting = Prospecting(lease, ozmap, tenant, settle_time, Prospect.of(row), at_end=tell)
    if row.state == State.PENDING:
        return prospecting.run().state
    prospecting.sweep()
    return "looked after"


def reservation_ended(tenant: Tenant, connection: Connection, sale: Reservation) -> None:
    """Tells the customer, who was promised an answer. After a cancellation there is nothing to go on with."""
    outcome = _ENDS[State(sale.state)]
    if sale.state == State.NOT_VIABLE:
        turn_into_prospect(connection, sale)
    notify(
        connection,
        tenant,
        sale.conversation,
        outcome.words(tenant.texts),
        goes_on=sale.state != State.CANCELLED,
        so_long_as=SoLongAs(sale.id, sale.state),
    )


def _prospect_ended(tenant: Tenant, connection: Connection, sale: Prospect) -> None:
    text = outcomes.PROSPECT_CRIADO.words(tenant.texts)
    notify(connection, tenant, sale.conversation, text, goes_on=False)
