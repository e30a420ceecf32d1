"""Cancelling, activating, expiring; and what must never be touched."""

import time

import pytest
from sqlalchemy import select, update

from tests.sales.habits import delete_again, delete_nothing
from webhook.ozmap.api import Ozmap
from webhook.store.outbox import Owed, borrow, put
from webhook.store.tables import outbox, reservations

LOST = {"broken": "reset", "when": "after"}


def client_of(shop, reply):
    return shop.sandbox.store["ftth-clients"][reply["cliente_id"]]


def test_cancelling_frees_the_port_and_the_conversation(shop):
    first = shop.reserve()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert not shop.properties()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    reply = shop.ask("reserva/consulta")
    assert (reply["codigo"], reply["caixa_id"], reply["porta"]) == ("reserva_nao_encontrada", None, None)
    again = shop.reserve()
    assert (again["codigo"], again["porta"]) == ("reservado", first["porta"])


def test_a_port_that_stays_after_its_delete_is_not_said_to_be_free(any_shop):
    any_shop.reserve()
    delete_nothing(any_shop)
    assert any_shop.code("reserva/cancelamento") == "cancelamento_pendente"
    any_shop.pass_time()
    any_shop.worker.deliver_one()
    assert any_shop.code("reserva/consulta") == "cancelamento_pendente"
    assert len(any_shop.properties()) == 1
    delete_again(any_shop)
    any_shop.work()
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert not any_shop.properties()


@pytest.mark.parametrize("action", ["consulta", "cancelamento", "ativacao"])
def test_without_a_reservation(shop, action):
    assert shop.code(f"reserva/{action}") == "reserva_nao_encontrada"
    assert not shop.writes()


def test_a_live_customer_stays(shop):
    reply = shop.reserve()
    shop.sandbox.store["ftth-clients"].change(reply["cliente_id"], implanted=True)
    for action in ("cancelamento", "cancelamento"):
        assert shop.code(f"reserva/{action}") == "reserva_ja_ativada"
    assert len(shop.properties()) == 1


def test_somebody_elses_client_is_not_ours_to_sell_cancel_or_delete(shop):
    shop.sell_by_hand("ERP-7")
    reply = shop.reserve(codigo_cliente="ERP-7")
    assert (reply["codigo"], "codigo_cliente" in reply["mensagem"]) == ("dados_invalidos", True)
    assert shop.code("reserva/cancelamento", codigo_cliente="ERP-7") in {
        "reserva_nao_encontrada",
        "reserva_cancelada",
    }
    shop.work()
    assert len(shop.properties("ERP-7")) == 1


def test_activating_twice(shop):
    reply = shop.reserve()
    for _ in range(2):
        assert shop.code("reserva/ativacao") == "reserva_ativada"
        assert client_of(shop, reply)["implanted"] is True
    assert shop.reserve()["codigo"] == "reserva_ja_ativada"


def test_one_reservation_per_conversation_whatever_its_client_code(shop):
    first = shop.reserve(codigo_cliente="ERP|1")
    assert (first["codigo"], first["reserva_codigo"]) == ("reservado", "ERP|1")
    assert shop.reserve()["imovel_id"] == first["imovel_id"]
    assert shop.reserve("another", codigo_cliente="ERP|1")["codigo"] == "ja_reservado"
    assert shop.ask("reserva/consulta")["imovel_id"] == first["imovel_id"]
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert not shop.properties("ERP|1")


def test_what_somebody_deleted_in_ozmap_may_be_reserved_anew(shop):
    first = shop.reserve()
    shop.by_hand("DELETE", f"properties/{first['imovel_id']}")
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"
    again = shop.reserve()
    assert (again["codigo"], again["imovel_id"] != first["imovel_id"]) == ("reservado", True)


def test_a_cancellation_while_ozmap_is_down_is_kept(shop):
    shop.reserve()
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.code("reserva/cancelamento") == "cancelamento_pendente"
    assert shop.code("reserva/consulta") == "cancelamento_pendente"
    shop.sandbox.faults.clear()
    shop.work()
    assert not shop.properties()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"


def test_a_pending_reservation_can_be_cancelled(shop):
    shop.sandbox.faults.add("/properties", method="POST", times=1, **LOST)
    shop.sandbox.faults.add("/properties/client", times=4, broken="reset")
    assert shop.reserve()["codigo"] in {"reserva_pendente", "reservado"}
    shop.sandbox.faults.clear()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    shop.work()
    assert not shop.properties()


def test_what_is_past_its_time_is_cancelled_unless_it_is_implanted(open_shop):
    shop = open_shop(expires_h=24)
    reply = shop.reserve()
    assert reply["expira_em"].endswith("+00:00")
    live = shop.reserve("live")
    shop.expire()
    shop.sandbox.store["ftth-clients"].change(live["cliente_id"], implanted=True)
    shop.work()
    assert not shop.properties()
    assert shop.properties(live["reserva_codigo"])
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"


def test_a_lost_post_that_lands_late_is_taken_back(shop):
    """OZmap took the first POST, and did it long after we looked for it and repeated it."""
    shop.sandbox.faults.add("/properties", method="POST", times=1, broken="reset")
    assert shop.reserve()["codigo"] == "reserva_pendente"
    shop.pass_time()
    assert shop.worker.deliver_one()
    (kept,) = shop.properties()
    other = shop.sell_by_hand("late", observation=kept["observation"])
    client = shop.sandbox.store["ftth-clients"][kept["client"]]
    shop.sandbox.store["ftth-clients"].change(
        other["client"], code=client["code"], observation=client["observation"]
    )
    assert len(shop.properties()) == 2
    shop.work()
    assert [one["id"] for one in shop.properties()] == [kept["id"]]
    assert shop.ask("reserva/consulta")["imovel_id"] == kept["id"]


@pytest.mark.parametrize("ozmap", ["answers", "is down"])
def test_a_cancellation_that_was_killed_half_way_is_no_reservation_any_more(shop, monkeypatch, ozmap):
    shop.reserve()

    class Killed(BaseException):
        pass

    delete = Ozmap.delete_property

    def die(ozmap: Ozmap, id_: str) -> None:
        delete(ozmap, id_)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Ozmap, "delete_property", die)
        with pytest.raises(Killed):
            shop.ask("reserva/cancelamento")
    assert not shop.properties(), "the port is free"
    if ozmap == "is down":
        shop.sandbox.faults.add("/", broken="reset")
    assert shop.reserve()["codigo"] == "cancelamento_pendente", "its lease is still held"
    shop.pass_time()
    assert shop.reserve()["codigo"] == "cancelamento_pendente"
    assert shop.code("reserva/consulta") == "cancelamento_pendente"
    shop.sandbox.faults.clear()
    shop.work()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert shop.reserve()["codigo"] == "reservado"


def test_a_reservation_that_is_gone_and_held_by_another_call_is_not_said_to_stand(shop):
    reply = shop.reserve()
    shop.sandbox.store["properties"].remove(reply["imovel_id"])
    with shop.store.write() as connection:
        connection.execute(update(outbox).values(lease="another", lease_until=time.time() + 60))
        if not connection.execute(select(outbox)).first():
            sale = connection.execute(select(reservations)).one()
            put(connection, Owed("reservation", sale.id, sale.tenant, "c1"))
            assert borrow(shop.store, connection, "reservation", sale.id, lease_for=60)
    assert shop.reserve()["codigo"] == "ocupado"
