"""How work on a sale ends: what is written, when it is looked after, and who is told."""

from dataclasses import replace
from enum import Enum

from sqlalchemy import Connection, and_, delete, insert, select, update

from schemas.tenants import Tenant
from webhook import outcomes
from webhook.notices.notify import notify
from webhook.observe import log
from webhook.outcomes import Outcome
from webhook.sales.codes import place_suffix
from webhook.sales.records import NOBODY, OVER, Prospect, Reservation, S, Sale, State, pending, queue_key
from webhook.sales.work import Work
from webhook.store.outbox import Owed, put
from webhook.store.tables import SALES, prospects

_OUTCOMES = {
    Reservation: {
        State.PENDING: outcomes.RESERVA_PENDENTE,
        State.DONE: outcomes.JA_RESERVADO,
        State.ACTIVE: outcomes.RESERVA_JA_ATIVADA,
        State.CANCELLING: outcomes.CANCELAMENTO_PENDENTE,
        State.CANCELLED: outcomes.RESERVA_NAO_ENCONTRADA,
        State.NOT_VIABLE: outcomes.SEM_VIABILIDADE,
    },
    Prospect: {State.PENDING: outcomes.PROSPECT_PENDENTE, State.DONE: outcomes.PROSPECT_JA_EXISTE},
}
_JUST = {
    (Reservation, State.DONE): outcomes.RESERVADO,
    (Reservation, State.CANCELLED): outcomes.RESERVA_CANCELADA,
    (Prospect, State.DONE): outcomes.PROSPECT_CRIADO,
}


def outcome_of(sale: Sale, just: bool = False) -> Outcome:
    """What is said of a sale that is found in its state, or that has `just` come to it."""
    found = _OUTCOMES[type(sale)][sale.state]
    return _JUST.get((type(sale), sale.state), found) if just else found


class Heard(Enum):
    """Who hears in a reply how a sale ended."""

    NOBODY = 0
    CALLER = 1
    """Who began it; others may have found it busy, and were promised it."""
    ALL = 2
    """The conversation asks what became of it."""


def finish(work: Work[S], sale: S, heard: Heard) -> None:
    """Writes the sale as it has ended, and tells those who were promised it and do not hear it in a reply."""
    ended = sale.state != work.sale.state

    def tell_the_promised(connection: Connection) -> None:
        if ended and _waits(work, connection, heard):
            if isinstance(sale, Reservation) and sale.state == State.NOT_VIABLE:
                _turn_into_prospect(connection, sale)
            goes_on = isinstance(sale, Reservation) and sale.state != State.CANCELLED
            _tell(connection, work.tenant, sale, outcome_of(sale, just=True), goes_on)

    written = replace(sale, customer=NOBODY, refusal=None) if sale.state in OVER else sale
    work.finish(written, next_look(work, sale), tell_the_promised)


def give_up(work: Work[S], reason: str, heard: Heard) -> None:
    """Leaves the sale to the operator, who finds it in `pending`; whoever was promised it is told."""

    def tell_the_promised(connection: Connection) -> None:
        if _waits(work, connection, heard):
            _tell(connection, work.tenant, work.sale, outcomes.FALHOU, goes_on=False)

    work.lease.give_up(reason, also=tell_the_promised)
    lease = work.lease
    log.write(event="gave up", tenant=lease.tenant, outbox=lease.id, kind=lease.kind, reason=reason)


def _waits(work: Work[S], connection: Connection, heard: Heard) -> bool:
    promised = work.lease.promises(connection)
    if heard is Heard.NOBODY:
        # A reservation whose caller was killed has a customer too.
        return promised.promised or work.sale.state == State.PENDING
    return promised.others and heard is Heard.CALLER


def next_look(work: Work[S], sale: S) -> float | None:
    """When the worker has to look after a sale that has ended."""
    expires_at = sale.expires_at if isinstance(sale, Reservation) else None
    due = (work.next_sweep(sale.sweeps), expires_at)
    return min((at for at in due if at is not None), default=None)


def _tell(connection: Connection, tenant: Tenant, sale: Sale, outcome: Outcome, goes_on: bool) -> None:
    """In the chat, where its platform can; `pending --untold` lists the others."""
    true_while = (sale.id, sale.state) if isinstance(sale, Reservation) else None
    words = outcome.words(tenant.texts)
    if not notify(connection, tenant, sale.conversation, words, goes_on=goes_on, so_long_as=true_while):
        table = SALES[sale.kind]
        connection.execute(update(table).where(table.c.id == sale.id).values(untold=True))


def _turn_into_prospect(connection: Connection, sale: Reservation) -> None:
    """A promised reservation that finds no port: its customer is told later, so must not be lost."""
    assert sale.customer.point is not None  # noqa: S101
    code = sale.code + place_suffix(sale.customer.point)
    at_code = and_(prospects.c.tenant == sale.tenant, prospects.c.code == code)
    connection.execute(delete(prospects).where(at_code, prospects.c.state.in_(OVER)))
    if connection.execute(select(prospects.c.id).where(at_code)).first():
        return
    row = pending(sale.tenant, sale.conversation, code, sale.customer)
    id_ = connection.execute(insert(prospects).values(**row).returning(prospects.c.id)).scalar_one()
    put(connection, Owed("prospect", id_, sale.tenant, queue_key(sale.conversation, sale.code)))
