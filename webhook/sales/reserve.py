"""Reserving a port in OZmap, which has no idempotency key and no lock.

Look before each POST; write down each POST before it goes out; never believe that a port is reserved before
reading it back. A POST whose fate is unknown is looked for, and repeated only when SETTLE_TIME has passed
without it. Whatever interrupts this, the next to hold the lease can go on from the store alone.
"""

import time
from dataclasses import replace

from schemas.fields import Mode
from schemas.ozmap import ViableBox
from schemas.ozmap_customers import Property
from webhook import outcomes, viability
from webhook.location.place import Place, Precision
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.sales import ours
from webhook.sales.looking import connected, look, take_back
from webhook.sales.records import Reservation, State
from webhook.sales.refusals import after_refusal
from webhook.sales.results import Done, End, Later, Refused, Stuck
from webhook.sales.work import SWEEPS, Work, looks_left
from webhook.viability import recent
from webhook.viability.verdict import Verdict

MOST_BOXES = 8
"""Boxes tried in one round, of those that feasibility names."""
MOST_POSTS = 24
"""Of one sale, over all of its rounds."""
LEAST_FOR_A_POST = 1.0
"""Seconds of the deadline: a refusal that nobody hears costs SETTLE_TIME."""


def reserve(work: Work[Reservation]) -> Done[Reservation] | End:
    """Carries a pending reservation on from wherever it was left. Raises OzmapError, LeaseLost."""
    if work.sale.posts:
        found = look(work)
        if found is None:
            if waiting := work.lost_post():
                return waiting
            if work.sale.posted_at is not None:
                _take_for_lost(work)
        verdict = None
    else:
        # Nothing of ours can be there yet, so that both can be asked at once.
        found, verdict = work.ozmap.at_once(
            lambda: look(work), lambda: _just_found(work) or feasibility(work)
        )
    if isinstance(found, Property):
        return reserved(work, found)
    return found or _offer(work, verdict or feasibility(work))


def _take_for_lost(work: Work[Reservation]) -> None:
    """A POST that nothing came of but, maybe, its client: OZmap makes that first."""
    left = next(iter(ours.clients(work)), None)
    work.save(replace(work.sale, posted_at=None, sweeps=SWEEPS, client_id=left.id if left else None))


def _just_found(work: Work[Reservation]) -> Verdict | None:
    """What the conversation's lookup found, with the free ports of now; None where it takes a new lookup."""
    sale, point = work.sale, work.sale.customer.point
    if sale.mode != Mode.POLE or sale.conversation is None or point is None:
        return None
    boxes = recent.recall(work.lease.store, work.tenant.slug, sale.conversation, point)
    if not boxes or sale.wanted_box not in {None, *(box.id for box in boxes)}:
        return None
    return recent.still_free(work.ozmap, boxes)


def feasibility(work: Work[Reservation]) -> Verdict:
    """As OZmap has it now."""
    sale, tenant = work.sale, work.tenant
    assert sale.customer.point is not None  # noqa: S101  purge leaves the place of what is pending
    place = Place(sale.customer.point, Precision(sale.precision), sale.customer.address)
    if sale.mode == Mode.POLE:
        return viability.look_up_by_pole(work.ozmap, place, tenant, work.rules.tiles)
    return viability.look_up(work.ozmap, place, Mode(sale.mode), sale.radius_m, tenant)


def reserved(work: Work[Reservation], record: Property) -> Done[Reservation]:
    """The reservation with the port that OZmap shows."""
    connection = record.connections[0] if record.connections else None
    client = record.client
    active = ours.is_implanted(work.ozmap, record)
    hours = work.tenant.expires_h
    sale = replace(
        work.sale,
        state=State.ACTIVE if active else State.DONE,
        posted_at=None,
        property_id=record.id,
        client_id=client.id if client else None,
        foreign_client=client is not None and not ours.is_our_client(work, client),
        box_id=record.box,
        box_name=_name_of(work, record.box),
        unconnected_since=None,
        splitter=connection.name if connection else None,
        port=connection.port if connection else None,
        reason=None,
        refusal=None,
        expires_at=time.time() + hours * 3600 if hours and not active else None,
    )
    return Done(sale)


def _offer(work: Work[Reservation], verdict: Verdict) -> Done[Reservation] | End:
    """Takes the nearest box that takes the customer; none twice in a round."""
    for _ in range(MOST_BOXES):
        if verdict.viable is not True:
            return _no_box(work.sale, verdict)
        box = _next_box(work.sale, verdict)
        if box is None:
            break
        tried = _try(work, box)
        if isinstance(tried, Property):
            return reserved(work, tried)
        if tried is not None:
            return tried
        if _next_box(work.sale, verdict) is None:
            # Only OZmap's own word makes a "no": others may have taken the ports meanwhile.
            verdict = feasibility(work)
    return _after_the_last_box(work.sale, feasibility(work))


def _after_the_last_box(sale: Reservation, verdict: Verdict) -> Done[Reservation] | End:
    """A box that refused and still is viable refuses again. Where those are full now, others may be free."""
    if verdict.viable is not True:
        return _no_box(sale, verdict)
    if any(box.id in _refused(sale) for box in verdict.boxes):
        return Refused(outcomes.OZMAP_RECUSOU, "OZmap calls boxes viable and refuses them")
    return Later("other customers were faster at all boxes", time.time())


def _no_box(sale: Reservation, verdict: Verdict) -> Done[Reservation] | End:
    if verdict.viable is None:
        failure = verdict.failure or verdict.outcome.code
        return Later(failure) if verdict.outcome.later else Refused(verdict.outcome, failure)
    nowhere = replace(sale, box_id=None, box_name=None, posted_at=None, sweeps=looks_left(sale))
    return Done(replace(nowhere, state=State.NOT_VIABLE, reason=verdict.reason))


def _next_box(sale: Reservation, verdict: Verdict) -> ViableBox | None:
    """The asked-for box first, then the nearest."""
    left = [box for box in verdict.boxes if box.id not in _refused(sale)]
    return min(left, key=lambda box: box.id != sale.wanted_box, default=None)


def _refused(sale: Reservation) -> list[str]:
    return (sale.refused_boxes or "").split(",")


def _try(work: Work[Reservation], box: ViableBox) -> Property | End | None:
    """The property with its port; None where this box does not take the customer."""
    if work.sale.posts >= MOST_POSTS:
        return Stuck(f"OZmap was asked {MOST_POSTS} times and connected no port")
    if work.ozmap.deadline.remaining() < LEAST_FOR_A_POST:
        return Later("no time left for another box", time.time())
    # Promised before it goes out: whatever happens after it, the customer is told how it ended.
    posts = work.sale.posts + 1
    work.save(
        replace(work.sale, posted_at=time.time(), posts=posts, box_id=box.id, box_name=box.name),
        promise=True,
    )
    try:
        made = work.ozmap.create_property(_form(work, box))
    except OzmapRefused as error:
        return after_refusal(work, box.id, error)
    except OzmapError as error:
        if error.may_be_done:
            return look(work) or work.lost_post() or Later(error.reason)
        work.save(replace(work.sale, posted_at=None))
        return Later(error.reason)
    return _proven(work, made)


def _proven(work: Work[Reservation], id_: str) -> Property | End | None:
    """What a POST's answer names, read back: it is ours by the mark and the code in its record."""
    record = work.ozmap.property(id_)
    unproven = work.lost_post() or Later("the property cannot be read back")
    if record is None or work.mark not in record.observation:
        return unproven
    if ours.code_of(work.ozmap, record) != work.sale.code:
        return unproven
    return connected(work, record) or take_back(work, [record])


def _form(work: Work[Reservation], box: ViableBox) -> dict[str, object]:
    """Body of `POST properties`: a client that is not implanted, on the first free port of a box."""
    customer = work.sale.customer
    assert customer.point is not None  # noqa: S101
    # The mark stands where no OZmap that shortens the text cuts it off.
    notes = ["Reserva do chatbot", work.mark, customer.phone, customer.observation]
    observation = " · ".join(note for note in notes if note)
    client = {"code": work.sale.code, "name": customer.name, "observation": observation, "implanted": False}
    return {
        "project": box.project,
        "box": box.id,
        "address": customer.address or "",
        "lat": customer.lat,
        "lng": customer.lng,
        "auto_connect": True,
        "force": False,
        "observation": observation,
        "client": work.sale.client_id or client,
    }


def _name_of(work: Work[Reservation], box: str | None) -> str | None:
    if box is None or box == work.sale.box_id:
        return box and work.sale.box_name
    try:
        return work.ozmap.box_name(box)
    except OzmapError:
        return None  # the port is what counts
