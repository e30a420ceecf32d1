"""Looking for what a POST made: our property, its port, and what must be taken back."""

import time
from collections.abc import Sequence
from dataclasses import replace

from schemas.ozmap_customers import Property
from schemas.point import distance_m
from webhook.sales import ours
from webhook.sales.records import Reservation
from webhook.sales.results import End, Later, Refused, Stuck
from webhook.sales.work import Work

CONNECTED_AFTER = (1.0, 3.0, 7.0)
"""Seconds after a property was first seen without its port at which it is read again, before it is removed:
OZmap takes seconds to draw the drop."""
READING = 0.3
"""Seconds of the deadline kept for such a read."""
SAME_PLACE_M = 1.0


def look(work: Work[Reservation]) -> Property | End | None:
    """Our property that holds a port, if there is one; any surplus of ours is removed.

    One without a port is surplus only when the port had time to be connected.
    """
    sale, ozmap = work.sale, work.ozmap
    records = ours.properties(work)
    if isinstance(records, Refused):
        return records
    live = [one for one in records if ours.is_implanted(ozmap, one)]
    held = [one for one in records if one not in live]
    there = [one for one in held if _is_there(one, sale)]
    there.sort(key=lambda one: (not one.connections, one.id != sale.property_id))
    kept = live[0] if live else connected(work, there[0]) if there else None
    if isinstance(kept, Later):
        return kept
    surplus = [one for one in held if kept is None or one.id != kept.id]
    if surplus and (left := take_back(work, surplus)):
        return left
    return kept


def standing(work: Work[Reservation]) -> Property | None:
    """Our property that shows its port by now: only reads. Raises OzmapError."""
    records = ours.properties(work)
    if isinstance(records, Refused):
        return None
    shown = (one for one in records if one.connections or ours.is_implanted(work.ozmap, one))
    return next((one for one in shown if _is_there(one, work.sale)), None)


def connected(work: Work[Reservation], record: Property) -> Property | Later | None:
    """The property once it shows its port; None where it does not in time. Raises OzmapError."""
    if record.connections:
        return record
    since = work.sale.unconnected_since
    if work.sale.property_id != record.id or since is None:
        since = time.time()
        work.save(replace(work.sale, property_id=record.id, posted_at=None, unconnected_since=since))
    since = min(since, time.time())  # the clock may have been set back
    for seconds in CONNECTED_AFTER:
        due_at = since + seconds
        pause = due_at - time.time()
        if pause <= 0:
            continue
        if pause + READING > work.ozmap.deadline.remaining():
            return Later("the port is not connected yet", due_at)
        time.sleep(pause)
        again = work.ozmap.property(record.id)
        if again is None or again.connections or ours.is_implanted(work.ozmap, again):
            return again
    return None


def take_back(work: Work[Reservation], records: Sequence[Property]) -> Stuck | Later | None:
    """Deletes properties of ours, whose boxes are not asked again in this round."""
    if left := ours.remove_properties(work, records):
        return left
    sale = work.sale
    boxes = [sale.refused_boxes, *(one.box for one in records if not one.connections)]
    refused = ",".join(box for box in boxes if box) or None
    if sale.property_id in {one.id for one in records}:
        # The POST that made it has come to its end.
        sale = replace(sale, property_id=None, client_id=None, posted_at=None, unconnected_since=None)
    work.save(replace(sale, refused_boxes=refused))
    return None


def _is_there(record: Property, sale: Reservation) -> bool:
    """Whether a property is at the sale's place, as far as both are on record."""
    here = sale.customer.point
    return not (here and record.point) or distance_m(here, record.point) <= SAME_PLACE_M
