"""Ours is what stands in our row, or carries this installation's mark and exactly our code."""

import re

import pytest
from sqlalchemy import select, update

from webhook.store.tables import installation, reservations

OLD_CODE, OLD_MARK = "BOT-fivehub-c1", "[ozmap-chatbot-webhook]"
"""Of version 1.0, the same in every installation."""
CODE = re.compile(r"BOT-fivehub-c1-[0-9A-Za-z]{6}")


def observations(shop) -> list[str]:
    """Of a property, its client and a prospect, all new."""
    before = shop.everything()
    assert shop.reserve()["codigo"] == "reservado"
    assert shop.prospect()["codigo"] == "prospect_criado"
    after = shop.everything()
    new = [record for name in after for id_, record in after[name].items() if id_ not in before[name]]
    assert len(new) == 3
    return [record["observation"] for record in new]


def mark_of(texts: list[str]) -> str:
    """The note in brackets that all of them carry."""
    (mark,) = set.intersection(*(set(re.findall(r"\[[^]]+\]", text)) for text in texts))
    return mark


def move_in_elsewhere(shop) -> str:
    """Another installation on a store of its own, at the same OZmap. Returns the id before."""
    with shop.store.write() as connection:
        before: str = connection.execute(select(installation.c.id)).scalar_one()
        connection.execute(update(installation).values(id=before[::-1]))
    shop.restart()
    return before


def test_every_record_of_ours_carries_the_same_mark(any_shop):
    assert mark_of(observations(any_shop))


def test_a_new_code_cannot_be_spelled_by_another_conversation_tenant_or_installation(open_any):
    shop, tenant = open_any(), open_any(slug="another")
    codes = [shop.reserve()["reserva_codigo"], tenant.reserve()["reserva_codigo"]]
    move_in_elsewhere(shop)
    shop.forget_sales()
    codes.append(shop.reserve()["reserva_codigo"])
    assert all(CODE.fullmatch(code) for code in codes)
    assert len(set(codes)) == 3
    ends = [code[-6:] for code in codes]
    assert len({end.casefold() for end in ends}) == 3


def test_the_code_of_a_conversation_stays_the_same(any_shop):
    code = any_shop.reserve()["reserva_codigo"]
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    any_shop.restart()
    assert any_shop.reserve()["reserva_codigo"] == code


def test_another_installations_mark_is_not_ours(any_shop):
    """Two installations on one OZmap: exactly our code, their mark."""
    theirs = mark_of(observations(any_shop))
    first = any_shop.properties()[0]
    move_in_elsewhere(any_shop)
    any_shop.forget_sales()
    reply = any_shop.reserve()
    assert reply["codigo"] == "reservado"
    assert reply["imovel_id"] != first["id"]
    any_shop.work()
    assert first["id"] in any_shop.sandbox.store["properties"]
    ours = any_shop.sandbox.store["properties"][reply["imovel_id"]]["observation"]
    assert theirs not in ours
    copied = first["observation"]
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"
    taken = any_shop.sell_by_hand(reply["reserva_codigo"], observation=copied)
    again = any_shop.reserve()
    assert again["codigo"] == "dados_invalidos"
    any_shop.work()
    assert taken["id"] in any_shop.sandbox.store["properties"]


def test_our_mark_and_another_code_is_not_ours(any_shop):
    before = observations(any_shop)
    other = any_shop.sell_by_hand(f"{any_shop.codes['c1']}0", observation=before[0])
    lower = any_shop.sell_by_hand(any_shop.codes["c1"].swapcase(), observation=before[0])
    for action in ("reserva/cancelamento", "reserva/consulta"):
        any_shop.code(action)
    any_shop.work()
    assert {other["id"], lower["id"]} <= set(any_shop.sandbox.store["properties"])


@pytest.mark.parametrize("spelled", ["{}", "BOT-x", "bot-fivehub-c2", "Bot-huggy-1-abc123", "BOT-"])
def test_a_code_that_begins_like_ours_belongs_to_its_conversation(any_shop, spelled):
    first = any_shop.reserve()
    before, asked = any_shop.everything(), len(any_shop.sandbox.requests)
    for action in (any_shop.reserve, any_shop.prospect):
        reply = action("c2", codigo_cliente=spelled.format(first["reserva_codigo"]))
        assert (reply["codigo"], "codigo_cliente" in reply["mensagem"]) == ("dados_invalidos", True)
    assert len(any_shop.sandbox.requests) == asked, "said before OZmap is asked"
    assert any_shop.everything() == before


@pytest.mark.parametrize("action", ["reserva/cancelamento", "reserva/ativacao"])
def test_another_conversations_code_cancels_and_activates_nothing(any_shop, action):
    first = any_shop.reserve()
    before = any_shop.everything()
    assert any_shop.code(action, "c2", codigo_cliente=first["reserva_codigo"]) == "dados_invalidos"
    assert any_shop.everything() == before


def test_a_conversation_may_send_its_own_code(any_shop):
    first = any_shop.reserve()
    own = {"codigo_cliente": first["reserva_codigo"]}
    assert any_shop.reserve(**own)["codigo"] == "ja_reservado"
    assert any_shop.ask("reserva/consulta", **own)["imovel_id"] == first["imovel_id"]
    assert any_shop.code("reserva/cancelamento", **own) == "reserva_cancelada"
    assert any_shop.reserve(**own)["codigo"] == "reservado"


def test_a_code_with_another_prefix_is_the_isps_own(any_shop):
    for code in ("ERP-1", "BOTA-7", "bota-8", "B", "BOT"):
        reply = any_shop.reserve(code, codigo_cliente=code)
        assert (reply["codigo"], reply["reserva_codigo"]) == ("reservado", code)


@pytest.fixture
def old(any_shop):
    """A reservation that version 1.0 made."""
    reply = any_shop.reserve()
    observation = f"Reserva do chatbot · +5548999887766 · {OLD_MARK}"
    any_shop.by_hand("PATCH", f"properties/{reply['imovel_id']}", observation=observation)
    any_shop.by_hand("PATCH", f"ftth-clients/{reply['cliente_id']}", code=OLD_CODE, observation=observation)
    with any_shop.store.write() as connection:
        connection.execute(update(reservations).values(code=OLD_CODE))
    any_shop.restart()
    return any_shop


def test_a_reservation_of_an_older_version_keeps_its_code(old):
    reply = old.ask("reserva/consulta")
    assert (reply["codigo"], reply["reserva_codigo"]) == ("reserva_encontrada", OLD_CODE)
    assert old.reserve()["codigo"] == "ja_reservado"
    assert old.ask("reserva/consulta", codigo_cliente=OLD_CODE)["imovel_id"] == reply["imovel_id"]
    old.work()
    assert old.code("reserva/consulta") == "reserva_encontrada"


@pytest.mark.parametrize("action", ["reserva/cancelamento", "reserva/ativacao"])
def test_a_reservation_of_an_older_version_is_still_ours(old, action):
    assert old.code(action) in {"reserva_cancelada", "reserva_ativada"}
    old.work()
    assert len(old.properties(OLD_CODE)) == (action == "reserva/ativacao")


def test_the_mark_of_an_older_version_counts_only_with_an_id_in_the_row(any_shop):
    first = any_shop.reserve()
    taken = any_shop.sell_by_hand("late", observation=f"Reserva do chatbot · {OLD_MARK}")
    any_shop.by_hand("DELETE", f"properties/{first['imovel_id']}")
    any_shop.by_hand("PATCH", f"ftth-clients/{taken['client']}", code=first["reserva_codigo"])
    assert any_shop.code("reserva/cancelamento") in {"dados_invalidos", "reserva_cancelada"}
    assert any_shop.reserve()["codigo"] == "dados_invalidos"
    any_shop.work()
    assert taken["id"] in any_shop.sandbox.store["properties"]
