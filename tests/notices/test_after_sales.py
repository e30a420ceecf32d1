"""What the worker brings to its end is told to the chat, in the words of its outcome, and nothing else is."""

import pytest

from sandbox.huggy import Told
from tests.notices.conftest import CHATS
from webhook import outcomes
from webhook.sales.retention import Person, forget
from webhook.store.tables import reservations

FLOW = Told("55", flow=7)


def says(outcome):
    return Told("55", text=outcome.message)


def finish(office):
    office.sell()
    office.tell()


def test_a_promised_reservation(office):
    assert office.promise("reserva") == "reserva_pendente"
    finish(office)
    assert office.told == [says(outcomes.RESERVADO), FLOW]
    assert office.ask("reserva/consulta") == "reserva_encontrada"


def test_a_promised_reservation_without_a_port_and_its_prospect(office):
    assert office.promise("reserva", place="no_fibre_street") == "reserva_pendente"
    finish(office)
    assert office.told == [says(outcomes.SEM_VIABILIDADE), FLOW, says(outcomes.PROSPECT_CRIADO)]


def test_a_promised_prospect(office):
    assert office.promise("prospect", place="no_fibre_street") == "prospect_pendente"
    finish(office)
    assert office.told == [says(outcomes.PROSPECT_CRIADO)]


def test_a_promised_cancellation(office):
    assert office.ask("reserva") == "reservado"
    assert office.promise("reserva/cancelamento") == "cancelamento_pendente"
    finish(office)
    assert office.told == [says(outcomes.RESERVA_CANCELADA)]


def test_in_the_words_of_the_tenant(open_office):
    office = open_office(texts={"reservado": "Fechado!"})
    office.promise("reserva")
    finish(office)
    assert office.told == [Told("55", text="Fechado!"), FLOW]


def test_what_the_flow_hears_in_its_reply_is_not_told_again(office):
    office.ask("reserva")
    office.ask("reserva/cancelamento")
    office.ask("prospect", place="no_fibre_street")
    finish(office)
    assert office.told == []


def test_a_reservation_that_expires_is_not_told(open_office):
    office = open_office(expires_h=24)
    office.ask("reserva")
    with office.store.write() as connection:
        connection.execute(reservations.update().values(expires_at=1.0))
    finish(office)
    assert office.ask("reserva/consulta") == "reserva_nao_encontrada"
    assert office.told == []


@pytest.mark.parametrize("wishes", [{"huggy_api_token": None}, {}], ids=["no token", "5Hub"])
def test_nobody_is_told_without_a_token_or_on_another_platform(open_office, wishes):
    office = open_office(**wishes)
    office.promise("reserva", platform="huggy" if wishes else "fivehub")
    office.promise("prospect", place="no_fibre_street", platform="huggy" if wishes else "fivehub")
    finish(office)
    assert office.told == []


@pytest.mark.parametrize("then", ["reserva/cancelamento", "reserva/ativacao"])
def test_what_is_no_longer_true_is_not_told(office, then):
    """Huggy was down; meanwhile the customer did something else, and knows it."""
    office.promise("reserva")
    office.sell()
    office.ask(then)
    finish(office)
    assert office.told == []
    assert office.left() == []


def test_a_sale_does_not_wait_for_its_notice(office):
    office.promise("reserva")
    office.sell()
    office.sandbox.faults.add(CHATS, status=503)
    assert office.tell_once()
    office.sandbox.faults.add("/", status=500)
    assert office.ask("reserva/cancelamento") == "cancelamento_pendente"
    office.sandbox.faults.clear()
    office.sell()
    assert office.ask("reserva/consulta") == "reserva_nao_encontrada"


def test_a_notice_and_the_end_it_tells_are_one_transaction(office, monkeypatch):
    """A worker that dies there leaves neither, so that the next one makes both."""
    office.promise("reserva")
    office.pass_time()
    monkeypatch.setattr("webhook.store.outbox.Lease._change", lambda *_: (_ for _ in ()).throw(KeyError))
    with pytest.raises(KeyError):
        office.worker.deliver_one()
    monkeypatch.undo()
    assert office.left() == []
    finish(office)
    assert office.told == [says(outcomes.RESERVADO), FLOW]


@pytest.mark.parametrize(("action", "place"), [("reserva", "viable"), ("reserva", "no_fibre_street")])
def test_forgetting_a_person_takes_their_notices_along(office, action, place):
    office.promise(action, place=place)
    office.promise(action, chat="56", place=place)
    office.sell()
    assert office.left() != []
    forget(office.store, Person("+5548999887766"))
    assert office.left() == []
    office.tell()
    assert office.told == []
