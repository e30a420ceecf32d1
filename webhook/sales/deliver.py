"""What the worker does with an outbox row: whatever the sale's state says is left to do.

Doing it twice does nothing twice: each step looks at OZmap and at the store before it writes.
"""

import time
from collections.abc import Callable

from sqlalchemy import select

from schemas.tenants import Tenant
from webhook import outcomes
from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.ozmap.api import Ozmap
from webhook.sales import cancel, prospect
from webhook.sales.ending import Heard, finish, give_up
from webhook.sales.records import Prospect, Reservation, S, State, read
from webhook.sales.reserve import reserve
from webhook.sales.results import Done, End, Later, Refused, Stuck
from webhook.sales.work import Rules, Work, attempt, drop
from webhook.store import StoreUnavailable
from webhook.store.lease import DEFECT, Lease, LeaseLost
from webhook.store.tables import SALES

MOST_TRIES = 10_000
"""Of one sale while OZmap does not answer: a week, at one a minute."""
MOST_REFUSALS = 12
"""Lasting ones, and defects of ours: seven hours, with pauses of a minute to an hour."""


def deliver(lease: Lease, ozmap: Ozmap, tenant: Tenant, rules: Rules) -> str:
    """Works on a sale and lets go of its lease; says in a word for the log how it went.

    Raises LeaseLost, StoreUnavailable.
    """
    table = SALES[lease.kind]
    with lease.store.read() as connection:
        row = connection.execute(select(table).where(table.c.id == lease.sale)).mappings().first()
    if row is None:
        lease.done()
        return "forgotten"
    if lease.kind == Prospect.kind:
        return _step(Work(read(Prospect, row), lease, ozmap, tenant, rules), _prospect_step)
    return _step(Work(read(Reservation, row), lease, ozmap, tenant, rules), _reservation_step)


def _step(work: Work[S], step: Callable[[Work[S]], Done[S] | End]) -> str:
    if work.sale.state == State.PENDING and not (work.lease.promised or work.sale.posts):
        # The caller's process died, or lost its store, before anything was promised or went out.
        drop(work, "nobody works on it")
        return "dropped"
    try:
        return _end(work, attempt(step, work))
    except (LeaseLost, StoreUnavailable):
        raise
    except Exception as error:
        # A defect of ours counts as a try, and the customer may cancel meanwhile.
        site = defect_site(error)
        log.write(event="defect", tenant=work.tenant.slug, outbox=work.lease.id, defect=site)
        _another_round(work, f"{DEFECT} at {site}")
        return "defect"


def _reservation_step(work: Work[Reservation]) -> Done[Reservation] | End:
    match work.sale.state:
        case State.PENDING:
            return reserve(work)
        case State.CANCELLING:
            return cancel.cancel(work)
        case State.DONE if cancel.is_expired(work.sale):
            return cancel.cancel(work)
        case _:
            return cancel.sweep(work)


def _prospect_step(work: Work[Prospect]) -> Done[Prospect] | End:
    return prospect.create(work) if work.sale.state == State.PENDING else prospect.sweep(work)


def _end(work: Work[S], result: Done[S] | End) -> str:
    match result:
        case Done(sale):
            looked_after = sale.state == work.sale.state
            finish(work, sale, Heard.NOBODY)
            return "looked after" if looked_after else sale.state
        case Later(reason, due_at):
            return _later(work, reason, due_at)
        case Refused(_, reason) if work.sale.state == State.PENDING and not work.lease.promised:
            drop(work, reason)
            return reason
        case Refused(outcomes.OZMAP_RECUSOU, reason):
            return _another_round(work, reason)
        case Refused(_, reason) | Stuck(reason):
            give_up(work, reason, Heard.NOBODY)
            return "gave up"


def _later(work: Work[S], reason: str, due_at: float | None) -> str:
    lease = work.lease
    too_long = time.time() - lease.since > work.tenant.give_up_d * 86400
    if too_long or lease.attempts >= MOST_TRIES:
        give_up(work, reason, Heard.NOBODY)
        return "gave up"
    lease.later(reason, due_at)
    return "later"


def _another_round(work: Work[S], reason: str) -> str:
    """A lasting refusal of what was promised: minutes later a port may be free, or a right be given."""
    if work.lease.refusals >= MOST_REFUSALS:
        give_up(work, reason, Heard.NOBODY)
        return "gave up"
    forgotten = {"refused_boxes": None} if isinstance(work.sale, Reservation) else {}
    work.lease.later(reason, refused=True, changes=forgotten)
    return "refused"
