"""What a flow may ask of a sale, and the answer: done now if OZmap lets us, else stored and promised."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from schemas.tenants import Tenant
from webhook import outcomes
from webhook.outcomes import Answer, Outcome
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.sales.book import Book, Claim
from webhook.sales.delivery import reservation_ended
from webhook.sales.keeping import Keeping
from webhook.sales.prospecting import Prospecting
from webhook.sales.records import Reservation, State
from webhook.sales.reserving import FORGOTTEN, Reserving
from webhook.sales.work import Later, Taken, TooMany, Undecided
from webhook.store import Store
from webhook.store.outbox import Lease, LeaseLost

WAIT = 1.0
"""Seconds for an equal call that is still running."""
LOOK_AGAIN = 0.05
WRITING = 0.3
"""Seconds of the deadline kept for the store after the last answer of OZmap."""
STANDS = {State.DONE, State.ACTIVE}

CODE_TAKEN = Answer(outcomes.DADOS_INVALIDOS, detail="codigo_cliente já é de outro cliente no OZmap")
_IN_STATE = {
    State.PENDING: outcomes.RESERVA_PENDENTE,
    State.DONE: outcomes.JA_RESERVADO,
    State.ACTIVE: outcomes.RESERVA_JA_ATIVADA,
    State.CANCELLING: outcomes.CANCELAMENTO_PENDENTE,
    State.CANCELLED: outcomes.RESERVA_NAO_ENCONTRADA,
    State.NOT_VIABLE: outcomes.SEM_VIABILIDADE,
}


@dataclass(frozen=True)
class Who:
    """Whose sale: the client code, and the conversation where the flow names one."""

    code: str
    conversation: str | None


@dataclass
class Desk:
    """One request's. Every method may raise StoreUnavailable."""

    book: Book
    ozmap: Ozmap
    tenant: Tenant
    settle_time: float

    def __init__(
        self, store: Store, ozmap: Ozmap, tenant: Tenant, settle_time: float, lease_for: float
    ) -> None:
        self.book = Book(store, tenant.slug, lease_for)
        self.ozmap, self.tenant, self.settle_time = ozmap, tenant, settle_time
        ozmap.deadline = ozmap.deadline.at_most(ozmap.deadline.remaining() - WRITING)

    def reserve(self, who: Who, values: dict[str, Any], missing: str = "") -> Answer:
        """`values` are the row's; `missing` is what to ask for where the place is only a street."""
        claim = _until_free(lambda: self.book.claim(who.code, who.conversation, values))
        if claim.lease is None and claim.sale.state == State.DONE and self._is_gone(claim.sale):
            if not self._write_off(claim.sale):
                return Answer(outcomes.OCUPADO, claim.sale)
            claim = self.book.claim(who.code, who.conversation, values)
        while claim.lease is None and claim.sale.state == State.PENDING and not self.book.promise(claim.sale):
            claim = self.book.claim(who.code, who.conversation, values)
        if claim.lease and claim.sale.state == State.CANCELLING:  # given up: the cancellation comes first
            cancelled = self._cancel(claim.lease, claim.sale)
            if cancelled.outcome is not outcomes.RESERVA_CANCELADA:
                return cancelled
            claim = self.book.claim(who.code, who.conversation, values)
        if claim.lease is None:
            over = claim.sale.state in {State.CANCELLED, State.NOT_VIABLE}
            return Answer(outcomes.OCUPADO if over else _IN_STATE[claim.sale.state], claim.sale)
        return self._reserve(claim.lease, claim.sale, missing)

    def _reserve(self, lease: Lease, pending: Reservation, missing: str) -> Answer:
        work = Reserving(lease, self.ozmap, self.tenant, self.settle_time, pending)
        work.at_end = partial(_keep_promise, work)
        try:
            sale = work.run()
        except Undecided as error:
            if error.outcome is outcomes.OZMAP_INDISPONIVEL:
                promised = self._promise(work, Later(error.outcome.code), outcomes.RESERVA_PENDENTE)
                return replace(promised, failure=error.failure)
            return self._drop(work, Answer(error.outcome, work.sale, missing, error.failure))
        except Taken:
            return self._drop(work, CODE_TAKEN)
        except TooMany as error:
            return self._give_up(work, error)
        except (OzmapError, Later) as error:
            if isinstance(error, OzmapRefused) and work.sale.posted_at is None:
                return self._drop(work, Answer(error.outcome, work.sale))
            return self._promise(work, error, outcomes.RESERVA_PENDENTE)
        except LeaseLost:
            return Answer(outcomes.RESERVA_PENDENTE, pending)
        outcome = outcomes.RESERVADO if sale.state == State.DONE else _IN_STATE[State(sale.state)]
        return Answer(outcome, sale)

    def consult(self, who: Who) -> Answer:
        """What became of it, asked of OZmap where it should have a port."""
        sale = self.book.find(who.code, who.conversation)
        if sale is None or sale.state not in STANDS:
            return _without_port(sale)
        try:
            record = self.ozmap.property(sale.property_id or "")
        except OzmapError as error:
            return Answer(error.outcome, sale)
        if record is None:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        if not record.connections:
            sale = replace(sale, splitter=None, port=None)
        return Answer(outcomes.RESERVA_ENCONTRADA, sale)

    def cancel(self, who: Who) -> Answer:
        """Gives the port back; with OZmap down, as soon as it answers."""
        sale = self.book.find(who.code, who.conversation)
        if sale is None or sale.state == State.NOT_VIABLE:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        if sale.state == State.CANCELLED:
            return Answer(outcomes.RESERVA_CANCELADA, sale)
        claim = self._take(sale)
        if claim.lease is None:
            return Answer(outcomes.OCUPADO)
        return self._cancel(claim.lease, claim.sale)

    def _cancel(self, lease: Lease, sale: Reservation) -> Answer:
        work = Keeping(lease, self.ozmap, self.tenant, self.settle_time, sale)
        try:
            state = work.cancel()
        except Taken:
            return self._let_be(work, CODE_TAKEN)
        except TooMany as error:
            return self._give_up(work, error)
        except (OzmapError, Later) as error:
            lease.save(state=State.CANCELLING)
            return self._promise(work, error, outcomes.CANCELAMENTO_PENDENTE)
        except LeaseLost:
            return Answer(outcomes.CANCELAMENTO_PENDENTE, sale)
        cancelled = state == State.CANCELLED
        return Answer(outcomes.RESERVA_CANCELADA if cancelled else outcomes.RESERVA_JA_ATIVADA, sale)

    def activate(self, who: Who) -> Answer:
        """The client becomes a live customer. Repeating it changes nothing."""
        sale = self.book.find(who.code, who.conversation)
        if sale is None or sale.state not in STANDS:
            return _without_port(sale)
        claim = self._take(sale)
        if claim.lease is None or claim.sale.state not in STANDS:
            return Answer(outcomes.OCUPADO)
        work = Keeping(claim.lease, self.ozmap, self.tenant, self.settle_time, claim.sale)
        try:
            return self._activate(work)
        except LeaseLost:
            return Answer(outcomes.OCUPADO)
        except Taken:
            return self._let_be(work, CODE_TAKEN)
        except OzmapError as error:
            return self._let_be(work, Answer(error.outcome, work.sale))

    def prospect(self, code: str, line: str, values: dict[str, Any]) -> Answer:
        """Once per conversation and place."""
        claim = _until_free(lambda: self.book.claim_prospect(code, line, values))
        if claim.lease is None:
            done = claim.sale.state == State.DONE
            return Answer(outcomes.PROSPECT_JA_EXISTE if done else outcomes.PROSPECT_PENDENTE, claim.sale)
        work = Prospecting(claim.lease, self.ozmap, self.tenant, self.settle_time, claim.sale)
        try:
            return Answer(outcomes.PROSPECT_CRIADO, work.run())
        except TooMany as error:
            return self._give_up(work, error)
        except LeaseLost:
            return Answer(outcomes.PROSPECT_PENDENTE, claim.sale)
        except (OzmapError, Later) as error:
            return self._promise(work, error, outcomes.PROSPECT_PENDENTE)

    def _activate(self, work: Keeping) -> Answer:
        record = work.present()
        if record is None:
            work.gone()
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        work.activate(record)
        return Answer(outcomes.RESERVA_ATIVADA, work.sale)

    def _is_gone(self, sale: Reservation) -> bool:
        """Whether somebody deleted it in OZmap. Without an answer what was proven stands."""
        try:
            return sale.property_id is not None and self.ozmap.property(sale.property_id) is None
        except OzmapError:
            return False

    def _write_off(self, sale: Reservation) -> bool:
        """The conversation may reserve anew; False where another call has the reservation now."""
        claim = self.book.take(sale)
        if claim.lease is None:
            return False
        Keeping(claim.lease, self.ozmap, self.tenant, self.settle_time, claim.sale).gone()
        return True

    def _take(self, sale: Reservation) -> Claim:
        return _until_free(lambda: self.book.take(sale))

    def _promise(self, work: Any, error: OzmapError | Later, outcome: Outcome) -> Answer:
        """Leaves it to the worker. If that has it already, so much the better."""
        with suppress(LeaseLost):
            due_at = error.due_at if isinstance(error, Later) else None
            work.lease.later(error.reason, due_at, promised=True)
        return Answer(outcome, work.sale)

    def _give_up(self, work: Any, error: TooMany) -> Answer:
        """Leaves it to the operator, who finds it in `pending`. Nothing is promised."""
        with suppress(LeaseLost):
            work.lease.give_up(str(error))
        return Answer(outcomes.OZMAP_INDISPONIVEL, work.sale)

    def _drop(self, work: Any, answer: Answer) -> Answer:
        """Nothing was accepted: nothing stays but what a lost POST may have left in OZmap.

        Unless an equal call was promised it meanwhile: then it is the worker's.
        """
        sweeps = work.sweeps_left()
        cleared = dict.fromkeys(FORGOTTEN)
        over = {"state": State.CANCELLED, "sweeps": sweeps, "posted_at": None}
        try:
            work.lease.done(work.next_sweep(sweeps), partial(_stop_if_promised, work), **over, **cleared)
        except _Promised:
            work.lease.later(answer.outcome.code)
        return answer

    def _let_be(self, work: Keeping, answer: Answer) -> Answer:
        """All stays as it was."""
        due = (work.next_sweep(work.sale.sweeps), work.sale.expires_at)
        work.lease.done(min((at for at in due if at is not None), default=None))
        return answer


def _without_port(sale: Reservation | None) -> Answer:
    """What is said of a reservation that does not stand; of a cancelled one nothing is left to say."""
    if sale is None or sale.state == State.CANCELLED:
        return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
    return Answer(_IN_STATE[State(sale.state)], sale)


class _Promised(Exception):
    """An equal call was told meanwhile that the reservation will be done."""


def _stop_if_promised(work: Reserving, connection: Connection) -> None:
    if work.lease.is_promised(connection):
        raise _Promised


def _keep_promise(work: Reserving, connection: Connection, sale: Reservation) -> None:
    """The equal call's customer hears nothing of this call's reply, so is told as the worker tells."""
    if work.lease.is_promised(connection):
        reservation_ended(work.tenant, connection, sale)


def _until_free(claim: Callable[[], Claim]) -> Claim:
    """The claim, waiting a moment for whoever is at the sale now."""
    deadline = monotonic() + WAIT
    while True:
        found = claim()
        if not found.busy or monotonic() > deadline:
            return found
        time.sleep(LOOK_AGAIN)
