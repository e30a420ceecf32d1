"""What OZmap's refusal of a property means: the key, the client code, or this box."""

from dataclasses import replace

from schemas.ozmap_customers import Client, Property
from webhook import outcomes
from webhook.observe import log
from webhook.ozmap.errors import OzmapRefused
from webhook.sales import ours
from webhook.sales.codes import is_of_our_making
from webhook.sales.looking import look
from webhook.sales.records import Reservation, S
from webhook.sales.results import TAKEN, End, Refused
from webhook.sales.work import Work

KEY_REFUSED = {"401", "403", "404"}
"""Refusals that no other box would change: the key, its rights, the address."""


def after_refusal(work: Work[Reservation], box: str, error: OzmapRefused) -> Property | End | None:
    """None: go on, with the next box, or with this one and the client that has the code already."""
    note(work, error)
    sale = work.sale
    read = replace(sale, posted_at=None, refusal=error.message or error.reason)
    if error.reason in KEY_REFUSED:
        work.save(read)
        return Refused(outcomes.OZMAP_RECUSOU, error.reason)
    names_code = sale.code.casefold() in error.message.casefold()
    if names_code and sale.client_id is not None and not sale.foreign_client:
        # Our own client is in the way, in some form that cannot be used.
        work.save(replace(read, client_id=None))
        return ours.remove(work, work.ozmap.delete_client, [sale.client_id])
    if sale.client_id is None and (names_code or not sale.refused_boxes):
        # Where this read fails the POST stays one of unknown fate: it may have left a client.
        holders = work.ozmap.clients_with(sale.code)
        if names_code or holders:
            work.save(read)
            return _with_holder(work, holders)
    work.save(replace(read, refused_boxes=f"{sale.refused_boxes or ''},{box}".strip(",")))
    return None


def _with_holder(work: Work[Reservation], holders: list[Client]) -> Property | End | None:
    """The property that is there already, or the client to use: ours, or one without a property.

    OZmap makes the client first and the property seconds later, and ERPs make clients alone.
    """
    found = look(work)
    if found is not None:
        return found
    sale = work.sale
    if mine := [one for one in holders if ours.is_our_client(work, one)]:
        work.save(replace(sale, client_id=mine[0].id, foreign_client=False))
        return None
    named = not is_of_our_making(sale.code, work.tenant.prefix)
    if not named or len(holders) != 1 or holders[0].implanted:
        return TAKEN
    work.save(replace(sale, client_id=holders[0].id, foreign_client=True))
    return None


def note(work: Work[S], error: OzmapRefused) -> None:
    """Logs OZmap's words without what they quote of the customer."""
    words = error.message
    for value in (work.sale.code, *vars(work.sale.customer).values()):
        if isinstance(value, str) and value:
            words = words.replace(value, "***")
    log.write(
        event="ozmap refused",
        tenant=work.lease.tenant,
        outbox=work.lease.id,
        reason=error.reason,
        words=words,
    )
