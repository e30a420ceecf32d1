"""What becomes of a reservation: cancelling, expiring, activating, and what a lost POST left."""

import time
from dataclasses import replace

from webhook import outcomes
from webhook.sales import ours
from webhook.sales.records import OVER, Reservation, State
from webhook.sales.results import TAKEN, Done, End, Later, Refused, Stuck
from webhook.sales.work import Work, attempt, sweeps_left


def begin(work: Work[Reservation]) -> Done[Reservation] | End:
    """The customer asks for it: what cannot be cancelled now will be."""
    result = attempt(cancel, work)
    refused = isinstance(result, Refused) and result.outcome is outcomes.OZMAP_RECUSOU
    if not (refused or isinstance(result, Later)):
        return result
    if work.sale.state != State.CANCELLING:
        work.save(replace(work.sale, state=State.CANCELLING))
    return Later(result.reason) if isinstance(result, Refused) else result


def cancel(work: Work[Reservation]) -> Done[Reservation] | End:
    """CANCELLED, and the port free; ACTIVE where the client is implanted: that one stays."""
    ozmap = work.ozmap
    records = ours.properties(work)
    if isinstance(records, Refused):
        return records
    if any(ours.holds_another(work, record) for record in records):
        return TAKEN
    if any(ours.is_implanted(ozmap, record) for record in records):
        return Done(replace(work.sale, state=State.ACTIVE, expires_at=None, posted_at=None))
    if any(one.client and not ours.is_our_client(work, one.client) for one in records):
        return ours.FOREIGN
    # Written first: after a crash half a cancellation must not pass for a reservation.
    work.save(replace(work.sale, state=State.CANCELLING))
    if left := ours.remove_properties(work, records):
        return left
    if any(ozmap.property(record.id) for record in records):
        return Later("OZmap still shows the property that it deleted")
    # A POST that may still land needs its client: the last sweep takes that one.
    if work.sale.posts and work.sale.posted_at is None and (left := _remove_clients(work)):
        return left
    return Done(over(work.sale))


def over(sale: Reservation) -> Reservation:
    """Nothing of it is in OZmap any more, and the conversation may reserve anew."""
    return replace(
        sale,
        state=State.CANCELLED,
        sweeps=sweeps_left(sale),
        posted_at=None,
        expires_at=None,
        property_id=None,
        client_id=None,
        unconnected_since=None,
        refused_boxes=None,
    )


def _remove_clients(work: Work[Reservation]) -> Stuck | Later | None:
    """Those of ours that a property left, or that never had one."""
    return ours.remove(work, work.ozmap.delete_client, [one.id for one in ours.clients(work)])


def sweep(work: Work[Reservation]) -> Done[Reservation] | End:
    """One look for what nobody holds any more: a property of a lost POST, a client that a refusal left."""
    sale = work.sale
    records = ours.properties(work)
    if isinstance(records, Refused):
        return records
    kept = None if sale.state in OVER else sale.property_id
    surplus = [one for one in records if one.id != kept and not ours.is_implanted(work.ozmap, one)]
    if left := ours.remove_properties(work, surplus):
        return left
    if sale.state in OVER and sale.sweeps <= 1 and (left := _remove_clients(work)):
        return left
    return Done(replace(work.sale, sweeps=max(sale.sweeps - 1, 0)))


def activate(work: Work[Reservation]) -> Done[Reservation] | End:
    """The client becomes a live customer. Repeating it changes nothing."""
    record = work.ozmap.property(work.sale.property_id) if work.sale.property_id else None
    if record is None:
        return Done(over(work.sale))
    if not record.connections:
        return Refused(outcomes.RESERVA_NAO_ENCONTRADA, "the property has no port any more")
    client = record.client
    if client is None or (client.id != work.sale.client_id and ours.holds_another(work, record)):
        return TAKEN
    work.lease.hold()
    work.ozmap.change_client(client.id, implanted=True)
    return Done(replace(work.sale, state=State.ACTIVE, expires_at=None))


def is_expired(sale: Reservation) -> bool:
    """Whether its time is over."""
    return sale.expires_at is not None and sale.expires_at <= time.time()
