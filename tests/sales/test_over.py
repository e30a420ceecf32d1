"""What is over: past its time, or deleted in OZmap by somebody else. The conversation may begin again."""

import pytest

from tests.sales.habits import set_down


@pytest.fixture
def expired(open_any):
    """Reserved for a day, more than a day ago, and no worker took it back."""
    shop = open_any(expires_h=24)
    shop.first = shop.reserve()
    assert shop.first["codigo"] == "reservado"
    shop.expire()
    return shop


def test_what_is_past_its_time_is_no_reservation(expired):
    assert expired.code("reserva/consulta") == "reserva_nao_encontrada"


def test_what_is_past_its_time_is_given_back_before_the_next_is_reserved(expired):
    reply = expired.reserve()
    assert reply["codigo"] == "reservado"
    (record,) = expired.properties()
    assert record["id"] == reply["imovel_id"] != expired.first["imovel_id"]
    assert expired.code("reserva/consulta") == "reserva_encontrada"
    assert reply["expira_em"] >= expired.first["expira_em"]
    while expired.worker.deliver_one():
        pass
    assert expired.properties() == [record]


def test_what_is_past_its_time_is_active_when_the_customer_is_installed(expired):
    assert expired.code("reserva/ativacao") == "reserva_ativada"
    (client,) = expired.clients()
    assert client["implanted"] is True
    expired.work()
    assert len(expired.properties()) == 1


def test_what_is_past_its_time_and_gone_is_not_active(expired):
    expired.work()
    assert expired.properties() == []
    assert expired.code("reserva/ativacao") == "reserva_nao_encontrada"


def test_an_active_reservation_whose_property_somebody_deleted_is_over(any_shop):
    first = any_shop.reserve()
    assert any_shop.code("reserva/ativacao") == "reserva_ativada"
    assert any_shop.reserve()["codigo"] == "reserva_ja_ativada"
    any_shop.by_hand("DELETE", f"properties/{first['imovel_id']}")
    again = any_shop.reserve()
    assert again["codigo"] == "reservado"
    (record,) = any_shop.properties()
    assert record["id"] == again["imovel_id"] != first["imovel_id"]


def test_a_prospect_that_sellers_deleted_may_be_made_again(any_shop):
    first = any_shop.prospect()
    assert first["codigo"] == "prospect_criado"
    assert any_shop.prospect()["codigo"] == "prospect_ja_existe"
    any_shop.by_hand("DELETE", f"prospects/{first['prospect_id']}")
    again = any_shop.prospect()
    assert again["codigo"] == "prospect_criado"
    assert again["prospect_id"] in any_shop.sandbox.store["prospects"]
    assert any_shop.prospect()["codigo"] == "prospect_ja_existe"


def test_a_prospect_stands_while_ozmap_cannot_say_that_it_is_gone(any_shop):
    assert any_shop.prospect()["codigo"] == "prospect_criado"
    set_down(any_shop)
    assert any_shop.prospect()["codigo"] == "prospect_ja_existe"


def test_a_second_conversation_that_was_told_can_ask(any_shop):
    first = any_shop.reserve(codigo_cliente="ERP-9")
    assert first["codigo"] == "reservado"
    assert any_shop.code("reserva/consulta", "c2") == "reserva_nao_encontrada"
    assert any_shop.reserve("c2", codigo_cliente="ERP-9")["codigo"] == "ja_reservado"
    found = any_shop.ask("reserva/consulta", "c2")
    assert (found["codigo"], found["imovel_id"]) == ("reserva_encontrada", first["imovel_id"])
    assert any_shop.code("reserva/consulta", "c3") == "reserva_nao_encontrada"
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
