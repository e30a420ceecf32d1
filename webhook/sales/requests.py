"""What a flow may ask of a sale, and the answer: done now if OZmap lets us, else stored and promised."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic

from schemas.conversation import Conversation
from schemas.point import Point
from schemas.request import Customer
from schemas.tenants import Tenant
from webhook import outcomes
from webhook.location.place import Place
from webhook.outcomes import Answer
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.sales import cancel, prospect
from webhook.sales.answers import answer_of, look_again
from webhook.sales.claims import Claim, Claims, Who
from webhook.sales.codes import is_of_our_making
from webhook.sales.ending import Heard, finish, outcome_of
from webhook.sales.records import OVER, STANDS, NewReservation, Reservation, S, State
from webhook.sales.reserve import reserve
from webhook.sales.work import Budget, Rules, Work
from webhook.store.lease import Lease, LeaseLost

WAIT = 1.0
"""Seconds for an equal call that is still running."""
LOOK_AGAIN = 0.1
"""Seconds between two looks at it; each is two reads of the store."""
_ACTIVATING = {
    outcomes.RESERVA_JA_ATIVADA: outcomes.RESERVA_ATIVADA,
    outcomes.RESERVA_CANCELADA: outcomes.RESERVA_NAO_ENCONTRADA,  # somebody deleted it in OZmap
}


@dataclass(frozen=True)
class Sales:
    """One request's sales. Every method may raise StoreUnavailable."""

    claims: Claims
    ozmap: Ozmap
    tenant: Tenant
    rules: Rules
    budget: Budget = field(default_factory=Budget)

    def who(self, conversation: Conversation | None, code: str | None) -> Who | None:
        """Whose sale a request means; None where it names a code of our making that is another's."""
        key = conversation.key if conversation else None
        own = self._own_code(conversation) if conversation else ""
        if code is None or code == own:
            return Who(own, key)
        if not is_of_our_making(code, self.tenant.prefix):
            return Who(code, key)
        there = self.claims.find(Who(own, key)) if conversation else None
        return Who(code, key) if there and there.code == code else None

    def reserve(self, who: Who, new: NewReservation, place: Place) -> Answer:
        """The answer to `reserva`."""
        for _ in range(3):
            claim = _until_free(lambda: self.claims.claim(who, new))
            if claim.lease is None:
                answer = self._in_its_way(claim, who, place)
            elif claim.sale.state == State.CANCELLING:  # given up: the cancellation comes first
                answer = self._cancel(claim.lease, claim.sale)
            else:
                return self._reserve(claim.lease, claim.sale, place)
            if answer is not None and answer.outcome is not outcomes.RESERVA_CANCELADA:
                return answer
        return Answer(outcomes.OCUPADO)

    def _in_its_way(self, claim: Claim[Reservation], who: Who, place: Place) -> Answer | None:
        """What is said of a reservation that is there; None where it went, and may be reserved anew."""
        sale = claim.sale
        if sale.state in OVER:
            return Answer(outcomes.OCUPADO, sale)
        if sale.state == State.PENDING:
            return self._go_on(claim, place)
        if sale.state in STANDS:
            if sale.state == State.DONE and cancel.is_expired(sale):
                answer = self.cancel_it(sale)
                waits = answer.outcome is outcomes.CANCELAMENTO_PENDENTE  # nobody asked for that
                return replace(answer, outcome=outcomes.OZMAP_INDISPONIVEL) if waits else answer
            if _is_gone(self.ozmap.property, sale.property_id):
                return self._write_off(sale, cancel.over(sale))
        self._heard(sale, who)
        return Answer(outcome_of(sale), sale)

    def _go_on(self, claim: Claim[Reservation], place: Place) -> Answer | None:
        """With a pending one: what another call or the worker is at is promised to this caller too."""
        sale = claim.sale if claim.busy else self._looked_for(claim.sale)
        if sale.state != State.PENDING:
            return None
        if not (place.is_the_house or sale.posts):
            # Only the customer knows the number: it is asked for before anything is promised.
            return Answer(outcomes.ENDERECO_IMPRECISO, sale, place.missing)
        if self.rules.is_kept:
            return Answer(outcome_of(sale), sale) if self.claims.promise(sale) else None
        mine = claim if claim.busy else self.claims.take(sale)
        return self._reserve(mine.lease, mine.sale, place) if mine.lease else Answer(outcomes.OCUPADO, sale)

    def _heard(self, sale: Reservation, who: Who) -> None:
        """Not by another conversation, which was told of it."""
        if who.conversation == sale.conversation:
            self.claims.heard(sale)

    def _reserve(self, lease: Lease, sale: Reservation, place: Place) -> Answer:
        work = self._work(lease, sale)
        return answer_of(work, reserve, ask_first="" if place.is_the_house else place.missing)

    def consult(self, who: Who) -> Answer:
        """The answer to `reserva/consulta`: what became of it, asked of OZmap where it should have a port."""
        sale = self.claims.find(who)
        if sale is None:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        if sale.state == State.PENDING:
            sale = self._looked_for(sale)
            if sale.state in STANDS:  # just read
                return Answer(outcomes.RESERVA_ENCONTRADA, sale)
        if sale.state == State.PENDING and not self.rules.is_kept and not self.claims.is_given_up(sale):
            return Answer(outcomes.OZMAP_INDISPONIVEL, sale)
        if sale.state not in STANDS:
            self._heard(sale, who)
            return self._without_port(sale)
        if sale.state == State.DONE and cancel.is_expired(sale):
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        try:
            record = self.ozmap.property(sale.property_id or "")
        except OzmapError as error:
            return Answer(error.outcome, sale, failure=error.reason)
        self._heard(sale, who)
        if record is None:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        if not record.connections:
            sale = replace(sale, splitter=None, port=None)
        return Answer(outcomes.RESERVA_ENCONTRADA, sale)

    def _looked_for(self, sale: Reservation) -> Reservation:
        """A pending reservation, which may be in OZmap by now: only reads."""
        claim = _until_free(lambda: self.claims.borrow(sale))
        if claim.lease is None:
            return claim.sale
        work = self._work(claim.lease, claim.sale)
        with suppress(LeaseLost):
            look_again(work)
        return work.sale

    def _without_port(self, sale: Reservation) -> Answer:
        """What is said of a reservation that does not stand; of a cancelled one nothing is left to say."""
        if sale.state == State.CANCELLED:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        gave_up = sale.state not in OVER and self.claims.is_given_up(sale)
        return Answer(outcomes.FALHOU if gave_up else outcome_of(sale), sale)

    def cancel(self, who: Who) -> Answer:
        """The answer to `reserva/cancelamento`: gives the port back, now or as soon as OZmap answers."""
        sale = self.claims.find(who)
        if sale is None or sale.state == State.NOT_VIABLE:
            return Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        if sale.state == State.CANCELLED:
            return Answer(outcomes.RESERVA_CANCELADA, sale)
        return self.cancel_it(sale)

    def cancel_it(self, sale: Reservation) -> Answer:
        """The same for a reservation that was found."""
        claim = _until_free(lambda: self.claims.take(sale))
        if claim.lease:
            return self._cancel(claim.lease, claim.sale)
        if claim.sale.state == State.CANCELLED:
            return Answer(outcomes.RESERVA_CANCELADA, claim.sale)
        return Answer(outcomes.OCUPADO, claim.sale)

    def _cancel(self, lease: Lease, sale: Reservation) -> Answer:
        return answer_of(self._work(lease, sale), cancel.begin)

    def activate(self, who: Who) -> Answer:
        """The answer to `reserva/ativacao`: the client becomes a live customer."""
        sale = self.claims.find(who)
        if sale is None or sale.state not in STANDS:
            return self._without_port(sale) if sale else Answer(outcomes.RESERVA_NAO_ENCONTRADA)
        claim = _until_free(lambda: self.claims.take(sale))
        if claim.lease is None:
            return Answer(outcomes.OCUPADO)
        answer = answer_of(self._work(claim.lease, claim.sale), cancel.activate)
        return replace(answer, outcome=_ACTIVATING.get(answer.outcome, answer.outcome))

    def prospect(self, who: Who, customer: Customer, point: Point) -> Answer:
        """The answer to `prospect`: one per conversation and place."""
        for _ in range(2):
            claim = _until_free(lambda: self.claims.claim_prospect(who, customer, point))
            sale = claim.sale
            if claim.lease:
                return answer_of(self._work(claim.lease, sale), prospect.create)
            if not (sale.state == State.DONE and _is_gone(self.ozmap.prospect, sale.prospect_id)):
                break
            self._write_off(sale, replace(sale, state=State.CANCELLED, prospect_id=None))
        promised = sale.state != State.PENDING or (self.rules.is_kept and self.claims.promise(sale))
        if sale.state in OVER or not promised:
            return Answer(outcomes.OCUPADO, sale)
        return Answer(outcome_of(sale), sale)

    def _write_off(self, sale: S, over: S) -> Answer | None:
        """It may be made anew, unless another call has it now."""
        claim = self.claims.take(sale)
        if claim.lease is None:
            return Answer(outcomes.OCUPADO, sale)
        finish(self._work(claim.lease, claim.sale), over, Heard.CALLER)
        return None

    def _work(self, lease: Lease, sale: S) -> Work[S]:
        return Work(sale, lease, self.ozmap, self.tenant, self.rules, self.budget)

    def _own_code(self, conversation: Conversation) -> str:
        return conversation.client_code(self.tenant.prefix, self.claims.store.installation, self.tenant.slug)


def _is_gone(read: Callable[[str], object | None], id_: str | None) -> bool:
    """Whether somebody deleted a record in OZmap. Without an answer what was proven stands."""
    try:
        return id_ is not None and read(id_) is None
    except OzmapError:
        return False


def _until_free(claim: Callable[[], Claim[S]]) -> Claim[S]:
    """The claim, waiting a moment for whoever is at the sale now."""
    deadline = monotonic() + WAIT
    while True:
        found = claim()
        if not found.busy or monotonic() > deadline:
            return found
        time.sleep(LOOK_AGAIN)
