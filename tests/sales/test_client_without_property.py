"""A client without a property: ours is used or removed, a foreign one used only where the flow named it."""

import pytest

from tests.sales.habits import (
    die_after_client,
    fail_after_client,
    keep_clients,
    refuse_all,
    set_down,
    take_everybody,
)

MOST_POSTS = 24
"""For one sale, whatever OZmap answers."""


def test_our_client_is_used_by_the_next_box(any_shop):
    fail_after_client(any_shop)
    nearest = any_shop.nearest()
    reply = any_shop.reserve()
    assert reply["codigo"] == "reservado"
    assert reply["caixa_id"] in nearest[:2]
    any_shop.work()
    (client,) = any_shop.clients()
    (record,) = any_shop.properties()
    assert (record["client"], reply["cliente_id"]) == (client["id"], client["id"])
    assert any_shop.everything()["ftth-clients"][client["id"]]["implanted"] is False


def test_our_client_goes_when_no_box_takes_it(other):
    """Each box refuses, the first after it made the client."""
    other.sandbox.client_first = True
    refuse_all(other)
    reply = other.reserve()
    assert reply["codigo"] == "ozmap_recusou"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    other.work()
    assert other.everything()["ftth-clients"] == {}
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_our_client_goes_when_the_customer_cancels(any_shop):
    """The first POST made the client and died; the sale is pending, and then unwanted."""
    before = any_shop.everything()
    die_after_client(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    assert len(any_shop.everything()["ftth-clients"]) == len(before["ftth-clients"]) + 1
    assert any_shop.code("reserva/cancelamento") in {"reserva_cancelada", "cancelamento_pendente"}
    any_shop.work()
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert any_shop.everything() == before
    assert any_shop.reserve()["codigo"] == "reservado"


def test_our_client_is_used_by_the_worker_after_a_post_that_died(any_shop):
    die_after_client(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    any_shop.work()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    assert (len(any_shop.clients()), len(any_shop.properties()), len(any_shop.posts())) == (1, 1, 2)


def test_our_client_that_its_property_left_behind_goes_when_the_customer_cancels(any_shop):
    before = any_shop.everything()
    keep_clients(any_shop)
    assert any_shop.reserve()["codigo"] == "reservado"
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    any_shop.work()
    assert any_shop.everything() == before
    assert any_shop.reserve()["codigo"] == "reservado"


def test_our_client_whose_property_somebody_deleted_is_used_or_removed(any_shop):
    keep_clients(any_shop)
    first = any_shop.reserve()
    any_shop.by_hand("DELETE", f"properties/{first['imovel_id']}")
    assert any_shop.code("reserva/consulta") == "reserva_nao_encontrada"
    assert any_shop.reserve()["codigo"] == "reservado"
    any_shop.work()
    assert (len(any_shop.clients()), len(any_shop.properties())) == (1, 1)


def test_a_foreign_client_that_the_flow_named_is_used_and_never_deleted(any_shop, pending):
    theirs = any_shop.add_client("ERP-7")
    before = dict(theirs)
    reply = any_shop.reserve(codigo_cliente="ERP-7")
    assert (reply["codigo"], reply["cliente_id"]) == ("reservado", theirs["id"])
    assert any_shop.sandbox.store["ftth-clients"][theirs["id"]] == before
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    sold = any_shop.everything()
    assert any_shop.code("reserva/cancelamento") == "falhou"
    any_shop.work()
    assert any_shop.everything() == sold
    assert "ERP-7" in pending(any_shop)


def test_a_foreign_client_that_the_flow_named_does_not_expire(open_any, pending):
    shop = open_any(expires_h=24)
    shop.add_client("ERP-7")
    assert shop.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    sold = shop.everything()
    shop.expire()
    shop.work()
    assert shop.everything() == sold
    assert "ERP-7" in pending(shop)


@pytest.mark.parametrize("lives", ["implanted", "in a property"])
def test_a_foreign_client_that_is_somebodys_home_is_refused(any_shop, lives):
    if lives == "implanted":
        any_shop.add_client("ERP-7", implanted=True)
    else:
        any_shop.sell_by_hand("ERP-7")
    before, posts = any_shop.everything(), len(any_shop.posts())
    reply = any_shop.reserve(codigo_cliente="ERP-7")
    assert (reply["codigo"], "codigo_cliente" in reply["mensagem"]) == ("dados_invalidos", True)
    any_shop.work()
    assert len(any_shop.posts()) <= posts + 1
    assert any_shop.everything() == before
    assert any_shop.code("reserva/consulta") == "reserva_nao_encontrada"


def test_a_foreign_client_with_a_code_of_ours_that_the_flow_did_not_name_is_refused(any_shop):
    code = any_shop.reserve()["reserva_codigo"]
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    any_shop.work()
    any_shop.add_client(code)
    before, posts = any_shop.everything(), len(any_shop.posts())
    assert any_shop.reserve()["codigo"] == "dados_invalidos"
    any_shop.work()
    assert len(any_shop.posts()) <= posts + 1
    assert any_shop.everything() == before


@pytest.mark.parametrize("status", [400, 409, 422, 500])
def test_whatever_the_status_that_says_that_the_code_is_in_use(other, status):
    other.sandbox.refusal_status = status
    other.add_client("ERP-7", implanted=True)
    unknown = {"reserva_pendente"} if status == 500 else set()
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] in {"dados_invalidos"} | unknown
    other.work()
    assert not other.sandbox.store["properties"]
    assert len(other.posts()) <= MOST_POSTS


@pytest.fixture
def theirs(any_shop):
    """A client that the flow names, and that nobody may lose: a DELETE of its property takes it along."""
    return dict(any_shop.add_client("ERP-7"))


def is_untouched(shop, theirs) -> bool:
    return shop.sandbox.store["ftth-clients"].get(theirs["id"]) == theirs


def test_a_foreign_client_outlives_boxes_that_refuse(any_shop, theirs):
    refuse_all(any_shop)
    assert any_shop.reserve(codigo_cliente="ERP-7")["codigo"] == "ozmap_recusou"
    any_shop.work()
    assert is_untouched(any_shop, theirs)


def test_a_foreign_client_outlives_a_property_that_never_gets_a_port(other):
    theirs = dict(other.add_client("ERP-7"))
    other.sandbox.show = lambda name, record: record | {"connections": []} if name == "properties" else record
    reply = other.reserve(codigo_cliente="ERP-7")
    assert reply["codigo"] != "reservado"
    other.work(rounds=60)
    assert is_untouched(other, theirs)
    assert other.code("reserva/cancelamento") == "falhou"
    assert is_untouched(other, theirs)


def test_a_foreign_client_outlives_a_cancellation_of_what_is_pending(other, pending):
    """Our mark is on the property, so it looks like ours; the client in it is not."""
    theirs = dict(other.add_client("ERP-7"))
    sell = other.sandbox.sell

    def sell_and_die(form):
        sell(form)
        other.sandbox.down = True
        raise ConnectionResetError

    other.sandbox.sell = sell_and_die
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reserva_pendente"
    assert len(other.sandbox.store["properties"]) == 1
    other.sandbox.down = False
    other.restart()
    assert other.code("reserva/cancelamento") == "falhou"
    other.work()
    assert is_untouched(other, theirs)
    assert other.code("reserva/cancelamento") == "falhou"
    assert "ERP-7" in pending(other)


def test_a_foreign_client_that_the_worker_used_is_never_deleted(any_shop, theirs, pending):
    set_down(any_shop)
    assert any_shop.reserve(codigo_cliente="ERP-7")["codigo"] == "reserva_pendente"
    set_down(any_shop, down=False)
    any_shop.restart()
    any_shop.work()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    assert any_shop.code("reserva/cancelamento") == "falhou"
    any_shop.work()
    assert is_untouched(any_shop, theirs)
    assert "ERP-7" in pending(any_shop)


def test_a_foreign_client_whose_property_somebody_deleted_is_used_again(any_shop, theirs):
    keep_clients(any_shop)
    first = any_shop.reserve(codigo_cliente="ERP-7")
    any_shop.by_hand("DELETE", f"properties/{first['imovel_id']}")
    again = any_shop.reserve(codigo_cliente="ERP-7")
    assert (again["codigo"], again["cliente_id"]) == ("reservado", theirs["id"])
    assert any_shop.code("reserva/cancelamento") == "falhou"
    assert is_untouched(any_shop, theirs)


def test_a_foreign_client_can_become_a_live_customer(any_shop, theirs):
    assert any_shop.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    assert any_shop.code("reserva/ativacao") == "reserva_ativada"
    assert any_shop.sandbox.store["ftth-clients"][theirs["id"]]["implanted"] is True
