"""Creating a prospect in OZmap, once per conversation and place."""

import time
from dataclasses import replace

from schemas.ozmap_fields import coordinates
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.sales import ours
from webhook.sales.records import Prospect, State
from webhook.sales.refusals import note
from webhook.sales.reserve import MOST_POSTS
from webhook.sales.results import Done, End, Later, Refused, Stuck
from webhook.sales.work import SWEEPS, Work


def create(work: Work[Prospect]) -> Done[Prospect] | End:
    """Carries a pending prospect on from wherever it was left. Raises OzmapError, LeaseLost."""
    found = _found(work)
    if found is None:
        if waiting := work.lost_post():
            return waiting
        if work.sale.posted_at is not None:
            work.save(replace(work.sale, posted_at=None, sweeps=SWEEPS))
    made = found or _post(work)
    if not isinstance(made, str):
        return made
    return Done(replace(work.sale, prospect_id=made, state=State.DONE, posted_at=None, refusal=None))


def sweep(work: Work[Prospect]) -> Done[Prospect] | End:
    """One look for a second one that a lost POST left."""
    surplus = [id_ for id_ in ours.prospect_ids(work) if id_ != work.sale.prospect_id]
    if left := ours.remove(work, work.ozmap.delete_prospect, surplus):
        return left
    return Done(replace(work.sale, sweeps=max(work.sale.sweeps - 1, 0)))


def _found(work: Work[Prospect]) -> str | Stuck | Later | None:
    """The oldest of ours; the others are surplus."""
    ids = ours.prospect_ids(work)
    return ours.remove(work, work.ozmap.delete_prospect, ids[1:]) or next(iter(ids), None)


def _post(work: Work[Prospect]) -> str | End:
    if work.sale.posts >= MOST_POSTS:
        return Stuck(f"OZmap was asked {MOST_POSTS} times and made no prospect")
    form = _form(work)
    work.save(replace(work.sale, posted_at=time.time(), posts=work.sale.posts + 1), promise=True)
    try:
        return work.ozmap.create_prospect(form)
    except OzmapRefused as error:
        note(work, error)
        work.save(replace(work.sale, posted_at=None, refusal=error.message or error.reason))
        return Refused(error.outcome, error.reason)
    except OzmapError as error:
        if error.may_be_done:
            return _found(work) or work.lost_post() or Later(error.reason)
        work.save(replace(work.sale, posted_at=None))
        return Later(error.reason)


def _form(work: Work[Prospect]) -> dict[str, object]:
    """Body of `POST prospects`; what became of the tags is noted in the sale."""
    customer = work.sale.customer
    assert customer.point is not None  # noqa: S101  purge leaves the place of what is pending
    ids, applied, ignored = _tags(work)
    work.save(replace(work.sale, tags_applied=applied, tags_ignored=ignored))
    notes = ["Prospect do chatbot", work.mark, customer.observation]
    return {
        "name": customer.name,
        "phone": customer.phone,
        "address": customer.address or "",
        "coords": coordinates(customer.point),
        "viable": False,
        "observation": " · ".join(note for note in notes if note),
        "code": work.sale.code,
        "external_id": work.sale.code,
        "tags": ids,
    }


def _tags(work: Work[Prospect]) -> tuple[list[str], str, str]:
    """Ids, the names applied, and those that OZmap does not have or does not allow on prospects."""
    words = [word.strip() for word in (work.sale.customer.tags or "").split(",")]
    asked = list(dict.fromkeys([*filter(None, words), *work.tenant.tags]))
    if not asked:
        return [], "", ""
    known = [tag for tag in work.ozmap.tags() if "prospect" in tag.allowed]
    by_word = {tag.name.casefold(): tag for tag in known} | {tag.id: tag for tag in known}
    found = {word: by_word.get(word) or by_word.get(word.casefold()) for word in asked}
    applied = {tag.id: tag.name for tag in found.values() if tag}
    ignored = [word for word, tag in found.items() if tag is None]
    return list(applied), ", ".join(applied.values()), ", ".join(ignored)
