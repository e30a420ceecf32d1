"""What OZmap's refusal of a property means: the key, the client code, or this box."""

import re
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

_ABOUT_CODES = re.compile(r"c[óo]digo|code|utilizad|em uso|in use|exist|duplica", re.IGNORECASE)
KEY_REFUSED = {"401", "403"}
"""Refusals that no other box would change: the key, or its rights."""


def after_refusal(work: Work[Reservation], box: str, error: OzmapRefused) -> Property | End | None:
    """None: go on, with the next box, or with this one and the client that has the code already."""
    note(work, error)
    sale = work.sale
    read = replace(sale, posted_at=None, refusal=error.message or error.reason)
    named = bool(re.search(rf"(?<!\w){re.escape(sale.code)}(?!\w)", error.message, re.IGNORECASE))
    asks = named or not (sale.client_id or error.reason in KEY_REFUSED)
    # Where this read fails the POST stays one of unknown fate: it may have left a client.
    holders = ours.holders(work) if asks and not sale.foreign_client else []
    # An ISP's code may be a short number, which a sentence about a box has too.
    if holders or (named and _ABOUT_CODES.search(error.message)):
        work.save(read)
        return _with_holder(work, holders)
    work.save(replace(read, refused_boxes=f"{sale.refused_boxes or ''},{box}".strip(",")))
    return Refused(outcomes.OZMAP_RECUSOU, error.reason) if error.reason in KEY_REFUSED else None


def _with_holder(work: Work[Reservation], holders: list[Client]) -> Property | End | None:
    """The property that is there already, or the client to use: ours, or one without a property.

    OZmap makes the client first and the property seconds later, and ERPs make clients alone.
    """
    found = look(work)
    if found is not None:
        return found
    sale = work.sale
    mine = [one.id for one in holders if ours.is_our_client(work, one)]
    if sale.client_id is not None and sale.client_id in mine:
        # Our own client is in the way, in some form that cannot be used.
        work.save(replace(sale, client_id=None))
        return ours.remove(work, work.ozmap.delete_client, [sale.client_id])
    if mine:
        work.save(replace(sale, client_id=mine[0], foreign_client=False))
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
