"""Whose record of OZmap is it? Only what is ours is used, changed or deleted.

Ours is a record whose id stands in our own row, or one that carries this installation's mark and exactly our
code: read in the record itself, never believed because a search of OZmap's let it through.
"""

import time
from collections.abc import Callable, Sequence

from schemas.ozmap_customers import Client, Property
from webhook.ozmap.api import Ozmap
from webhook.sales.records import Prospect, Reservation, S
from webhook.sales.results import TAKEN, Later, Refused, Stuck
from webhook.sales.work import MOST_REMOVED, Work

FOREIGN = Stuck("the client is not of our making: cancel it in OZmap")


def properties(work: Work[Reservation]) -> list[Property] | Refused:
    """Our properties of a reservation; TAKEN where somebody else has one under exactly our code."""
    sale, ozmap = work.sale, work.ozmap
    ids = ozmap.properties_of(sale.code)
    if sale.property_id is not None and sale.property_id not in ids:
        ids.append(sale.property_id)
    found = [record for id_ in ids if (record := ozmap.property(id_))]
    ours = []
    for record in found:
        if record.id == sale.property_id or (
            work.mark in record.observation and code_of(ozmap, record) == sale.code
        ):
            ours.append(record)
        elif code_of(ozmap, record) == sale.code:
            return TAKEN
    return ours


def clients(work: Work[Reservation]) -> list[Client]:
    """Those of ours, all of them not implanted. What others made under our code is not among them."""
    return [one for one in work.ozmap.clients_with(work.sale.code) if is_our_client(work, one)]


def is_our_client(work: Work[Reservation], client: Client) -> bool:
    """Whether we made it, and nobody has implanted it."""
    sale = work.sale
    marked = client.code == sale.code and work.mark in client.observation
    known = client.id == sale.client_id and not sale.foreign_client
    return (marked or known) and not client.implanted


def prospect_ids(work: Work[Prospect]) -> list[str]:
    """Our prospects under the sale's code, oldest first."""
    found = work.ozmap.prospects_with(work.sale.code)
    return [one.id for one in found if one.id == work.sale.prospect_id or work.mark in one.observation]


def code_of(ozmap: Ozmap, record: Property) -> str | None:
    """The code of its client, read in the client itself where the property does not show it."""
    client = record.client
    if client is not None and client.code is None:
        client = ozmap.client(client.id)
    return client.code if client else None


def is_implanted(ozmap: Ozmap, record: Property) -> bool:
    """Whether a live customer is in it, who is not ours to touch. Raises OzmapError."""
    client = record.client
    if client is not None and client.implanted is None:
        client = ozmap.client(client.id)
    return client is not None and bool(client.implanted)


def holds_another(work: Work[Reservation], record: Property) -> bool:
    """Whether somebody put another client into our property."""
    client = record.client
    if client is None or client.id == work.sale.client_id:
        return False
    return code_of(work.ozmap, record) != work.sale.code


def remove_properties(work: Work[Reservation], records: Sequence[Property]) -> Stuck | Later | None:
    """As `remove`; none where a client of somebody else's is in them, whom a DELETE may take along."""
    if records and work.sale.foreign_client:
        return FOREIGN
    return remove(work, work.ozmap.delete_property, [one.id for one in records])


def remove(work: Work[S], delete: Callable[[str], None], ids: Sequence[str]) -> Stuck | Later | None:
    """Deletes records of ours: all of them, or none where they are too many for one call."""
    if len(ids) > MOST_REMOVED:
        return Stuck(f"{len(ids)} records to delete at once: look at them in OZmap")
    if len(ids) > work.budget.records:
        return Later("more records to delete than one call may", time.time())
    for id_ in ids:
        work.lease.hold()
        delete(id_)
        work.budget.records -= 1
    return None
