"""What a flow hears of the work that its call did on a sale, when that is written."""

import time
from collections.abc import Callable
from contextlib import suppress

from schemas.ozmap_customers import Property
from webhook import outcomes
from webhook.outcomes import Answer, Outcome
from webhook.ozmap.errors import OzmapError
from webhook.sales.ending import Heard, finish, give_up, outcome_of
from webhook.sales.looking import READING, standing
from webhook.sales.records import STANDS, WAITS, Reservation, S, State
from webhook.sales.reserve import reserved
from webhook.sales.results import Done, End, Later, Refused, Stuck
from webhook.sales.work import Work, attempt, drop
from webhook.store import StoreUnavailable
from webhook.store.lease import DEFECT, LeaseLost
from webhook.store.outbox import promise

WRITING = 0.1
"""Seconds kept for the store after the last answer of OZmap, beside the MARGIN of every reply."""
LOOKS = (0.0, 0.3, 0.4, 0.8)
"""Seconds before each look for a POST that is still missing, when the flow asks what became of it."""


def answer_of(work: Work[S], step: Callable[[Work[S]], Done[S] | End], ask_first: str = "") -> Answer:
    """Takes the step. `ask_first`: what only the customer can say, asked for before anything is promised."""
    try:
        return _answer(work, attempt(step, work), ask_first)
    except LeaseLost:
        return Answer(_of_another(work), work.sale)
    except StoreUnavailable:
        if not (work.promised and work.sale.state in WAITS):
            raise
        return Answer(outcome_of(work.sale), work.sale, failure="store unavailable")
    except Exception:
        # A defect of ours: whoever is next goes on without waiting for the lease.
        with suppress(LeaseLost, StoreUnavailable):
            work.lease.later(f"{DEFECT} in a request", refused=True)
        raise


def _answer(work: Work[S], result: Done[S] | End, ask_first: str) -> Answer:
    match result:
        case Done(sale):
            just = sale.state != work.sale.state
            finish(work, sale, Heard.CALLER)
            return Answer(outcome_of(sale, just), sale)
        case Later():
            return _promise(work, result, ask_first)
        case Stuck(reason):
            give_up(work, reason, Heard.CALLER)
            return Answer(outcomes.FALHOU, work.sale, failure=reason)
        case Refused(outcome, reason, detail):
            return _let_be(work, Answer(outcome, work.sale, detail or ask_first, reason))


def _promise(work: Work[S], result: Later, ask_first: str) -> Answer:
    """Leaves it to the worker, where there is one; else nothing is promised, and kept only what went out."""
    sale = work.sale
    unavailable = Answer(outcomes.OZMAP_INDISPONIVEL, sale, failure=result.reason)
    if sale.state in STANDS:
        return _let_be(work, unavailable)
    if sale.state == State.PENDING and not sale.posts:
        if ask_first:
            return _let_be(work, Answer(outcomes.ENDERECO_IMPRECISO, sale, ask_first))
        if not work.rules.is_kept:
            return _let_be(work, unavailable)
    if not work.rules.is_kept:
        work.lease.later(result.reason, result.due_at)
        return unavailable
    work.lease.later(result.reason, result.due_at, promised=True)
    return Answer(outcome_of(sale), sale, failure=result.reason)


def _let_be(work: Work[S], answer: Answer) -> Answer:
    """What was pending is dropped; what stands, or is half cancelled, stays as it was."""
    match work.sale.state:
        case State.PENDING:
            drop(work, answer.failure or answer.outcome.code)
        case State.CANCELLING:
            work.lease.later(answer.failure, refused=True)
        case _:
            finish(work, work.sale, Heard.CALLER)
    return answer


def _of_another(work: Work[S]) -> Outcome:
    """Somebody else has the lease by now: what is still to be done is promised to this caller too."""
    sale = work.sale
    if not work.rules.is_kept or sale.state not in WAITS:
        return outcomes.OCUPADO
    with work.lease.store.write() as connection:
        return outcome_of(sale) if promise(connection, sale.kind, sale.id, sale.state) else outcomes.OCUPADO


def look_again(work: Work[Reservation]) -> None:
    """Ends a pending reservation that OZmap has by now; else all stays as it was. Raises LeaseLost.

    Its POST may be about to end: OZmap takes seconds for one.
    """
    found: Property | None = None
    if work.sale.state == State.PENDING and work.sale.posts:
        with suppress(OzmapError):
            for pause in LOOKS:
                if pause + READING > work.ozmap.deadline.remaining():
                    break
                time.sleep(pause)
                found = standing(work)
                if found or not work.lost_post():
                    break
            if found:
                finish(work, reserved(work, found).sale, Heard.ALL)
                return
    work.lease.give_back()
