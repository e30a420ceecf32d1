"""What the worker does with an outbox row: whatever the sale's state says is left to do.

Doing it twice does nothing twice: each step looks at OZmap and at the store before it writes.
"""

import time
from functools import partial
from typing import assert_never

from sqlalchemy import select

from schemas.tenants import Tenant
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.sales.keeping import Keeping, expired
from webhook.sales.moving import Moving
from webhook.sales.prospecting import Prospecting, turn_into_prospect
from webhook.sales.records import Prospect, Reservation, State
from webhook.sales.reserving import Reserving
from webhook.sales.work import Later, Taken, Undecided
from webhook.store.outbox import Lease
from webhook.store.tables import prospects, reservations


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
    keeping = Keeping(*context)
    match State(sale.state):
        case State.PENDING:
            return Reserving(*context).run(partial(turn_into_prospect, sale=sale)).state
        case State.MOVING:
            return Moving(*context).resume().state
        case State.CANCELLING:
            return keeping.cancel()
        case State.DONE | State.ACTIVE | State.CANCELLED | State.NOT_VIABLE:
            if expired(sale):
                return keeping.cancel()
            keeping.sweep()
            return "looked after"
        case unknown:
            assert_never(unknown)


def _prospect(lease: Lease, ozmap: Ozmap, tenant: Tenant, settle_time: float) -> str:
    with lease.store.read() as connection:
        row = connection.execute(select(prospects).where(prospects.c.id == lease.sale)).first()
    if row is None:
        lease.done()
        return "forgotten"
    prospecting = Prospecting(lease, ozmap, tenant, settle_time, Prospect.of(row))
    if row.state == State.PENDING:
        return prospecting.run().state
    prospecting.sweep()
    return "looked after"
