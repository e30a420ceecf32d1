"""A client without a property: ours is used or removed, a foreign one used only where the flow named it."""

import pytest

from tests.sales.stand_in import refuse_boxes, take_everybody

MOST_POSTS = 24
"""For one sale, whatever OZmap answers."""


def test_our_client_is_used_when_another_box_takes_it(other):
    other.sandbox.client_first = True
    refuse_boxes(other, "CTO 1")
    reply = other.reserve()
    assert (reply["codigo"], reply["caixa_nome"]) == ("reservado", "CTO 2")
    (client,) = other.clients()
    (record,) = other.properties()
    assert (record["client"], reply["cliente_id"]) == (client["id"], client["id"])
    other.work()
    assert (len(other.clients()), len(other.properties())) == (1, 1)


def test_our_client_goes_when_no_box_takes_it(other):
    other.sandbox.client_first = True
    refuse_boxes(other)
    reply = other.reserve()
    assert reply["codigo"] == "ozmap_recusou"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    other.work()
    assert not other.sandbox.store["ftth-clients"], "an orphan of ours"
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_our_client_goes_when_the_customer_cancels(other):
    """The first POST made the client and died; the sale is pending, and then unwanted."""
    other.sandbox.client_first = True

    def die(form):
        other.sandbox.down = True
        raise ConnectionResetError

    other.sandbox.refuse = die
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    take_everybody(other)
    assert other.code("reserva/cancelamento") in {"reserva_cancelada", "cancelamento_pendente"}
    other.restart()
    other.work()
    assert other.code("reserva/cancelamento") == "reserva_cancelada"
    assert not other.sandbox.store["ftth-clients"], "an orphan of ours"
    assert other.reserve()["codigo"] == "reservado"


def test_our_client_is_used_by_the_worker_after_a_post_that_died(other):
    other.sandbox.client_first = True

    def die(form):
        other.sandbox.down = True
        raise ConnectionResetError

    other.sandbox.refuse = die
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    take_everybody(other)
    other.work()
    other.restart()
    assert other.code("reserva/consulta") == "reserva_encontrada"
    assert (len(other.clients()), len(other.properties()), len(other.posts())) == (1, 1, 2)


def test_our_client_that_a_deleted_property_left_is_used_again_or_removed(other):
    other.sandbox.client_outlives_property = True
    assert other.reserve()["codigo"] == "reservado"
    assert other.code("reserva/cancelamento") == "reserva_cancelada"
    other.work()
    assert not other.sandbox.store["ftth-clients"], "an orphan of ours"
    assert other.reserve()["codigo"] == "reservado"
    other.by_hand("DELETE", f"properties/{other.properties()[0]['id']}")
    again = other.reserve()
    assert (again["codigo"], len(other.clients()), len(other.properties())) == ("reservado", 1, 1)


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
