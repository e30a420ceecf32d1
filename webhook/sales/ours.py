"""Whose record of OZmap is it? Only what is ours is used, changed or deleted.

Ours is a record whose id stands in our own row, or one that carries this installation's mark and exactly our
code: read in the record itself, never believed because a search of OZmap's let it through.
"""

import time
from collections.abc import Callable, Sequence

from schemas.ozmap_customers import Client, Property
from webhook.ozmap.api import Ozmap
from webhook.ozmap.calls import FILTER_IGNORED
from webhook.ozmap.errors import OzmapRefused, OzmapUnreadable
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
    return [one for one in holders(work) if is_our_client(work, one) and not one.implanted]


def holders(work: Work[Reservation]) -> list[Client]:
    """All clients with the sale's code; none where the key, or a filter that OZmap ignores, hides them."""
    try:
        return work.ozmap.clients_with(work.sale.code)
    except OzmapRefused:
        return []
    except OzmapUnreadable as error:
        if error.reason.endswith(FILTER_IGNORED):
            return []
        raise


def is_our_client(work: Work[Reservation], client: Client) -> bool:
    """Whether we made it: our own row says so, or its own observation."""
    if client.id == work.sale.client_id:
        return not work.sale.foreign_client
    shown = client if client.observation and client.code is not None else work.ozmap.client(client.id)
    return shown is not None and shown.code == work.sale.code and work.mark in shown.observation


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
    """Whether somebody put another client into our property, or made ours their own by another code."""
    return record.client is not None and code_of(work.ozmap, record) != work.sale.code


def remove_properties(work: Work[Reservation], records: Sequence[Property]) -> Stuck | Later | None:
    """As `remove`; none where a DELETE may take a client along that is not ours, or that is needed."""
    for record in records:
        if record.client is None:
            continue
        if not is_our_client(work, record.client):
            return FOREIGN
        if record.client.id == work.sale.client_id and work.sale.property_id not in {None, record.id}:
            return Stuck("two properties of one client: delete the surplus one in OZmap")
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
