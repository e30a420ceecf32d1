"""Answers of OZmap that look different from those of the documentation."""

import pytest

from sandbox import PLACES
from tests.sales.habits import ignore_filters
from tests.sales.shop import Shop

NONES = {
    "404": (404, ""),
    "404 with words": (404, '"Cliente não encontrado."'),
    "an empty list": (200, "[]"),
    "null": (200, "null"),
    "an empty body": (200, ""),
    "204": (204, ""),
    "an empty object": (200, "{}"),
    "no rows": (200, '{"rows": []}'),
    "a whole empty list": (200, '{"total": 0, "count": 0, "rows": [], "start": 0, "limit": 100}'),
}


@pytest.mark.parametrize("none", NONES.values(), ids=NONES)
def test_a_code_that_nobody_has_however_it_is_said(other, none):
    other.sandbox.none = none
    assert other.reserve()["codigo"] == "reservado"
    assert other.code("reserva/cancelamento") == "reserva_cancelada"
    other.work()
    assert other.reserve()["codigo"] == "reservado"
    assert len(other.properties()) == 1


@pytest.mark.parametrize(
    "answer",
    [(200, '[{"nome": "x"}]'), (200, '"erro"'), (200, "<html>"), (200, '{"message": "erro"}'), (500, "null")],
    ids=str,
)
def test_what_says_neither_none_nor_whose_is_no_none(other, answer):
    """Taken for a none it would cost somebody a second port."""
    other.sandbox.none = answer
    assert other.reserve()["codigo"] in {"reserva_pendente", "ozmap_indisponivel"}
    assert other.posts() == []


@pytest.fixture
def on_both(stand_in, database_url):
    """A shop at the stand-in, on each kind of database."""
    return Shop(stand_in, database_url)


@pytest.mark.parametrize("name", ["CTO \ud83d", "\udca9", "CTO \x00 1"], ids=["half", "other half", "NUL"])
def test_a_name_that_no_store_can_keep(on_both, name):
    on_both.sandbox.boxes[0]["name"] = name
    reply = on_both.reserve()
    assert reply["codigo"] == "reservado"
    assert not set("\ud83d\udca9\x00") & set(reply["caixa_nome"] or "")
    assert on_both.code("reserva/consulta") == "reserva_encontrada"
    assert on_both.code("reserva/cancelamento") == "reserva_cancelada"


def test_a_splitter_name_that_no_store_can_keep_does_not_stop_the_worker(on_both):
    on_both.sandbox.show = connected(name="Splitter \ud83d")
    on_both.sandbox.down = True
    assert on_both.reserve()["codigo"] == "reserva_pendente"
    on_both.sandbox.down = False
    on_both.work()
    on_both.restart()
    assert on_both.code("reserva/consulta") == "reserva_encontrada"
    assert len(on_both.posts()) == 1


def connected(**fields):
    """Properties whose connections have these fields."""

    def show(name, record):
        if name != "properties":
            return record
        return {**record, "connections": [{**one, **fields} for one in record["connections"]]}

    return show


@pytest.mark.parametrize(("port", "said"), [("3", 3), (3.0, 3), (2**40, None), (2**70, None)])
def test_a_port_that_is_no_small_number(on_both, port, said):
    on_both.sandbox.show = connected(port=port)
    reply = on_both.reserve()
    assert (reply["codigo"], reply["porta"]) == ("reservado", said)
    assert on_both.code("reserva/consulta") == "reserva_encontrada"


@pytest.mark.parametrize("field", ["implanted", "observation", "name"])
def test_a_client_without_an_optional_field(other, field):
    def show(name, record):
        client = record["client"] if name == "properties" else record if name == "ftth-clients" else None
        if client is None:
            return record
        client = {**client, field: None}
        return {**record, "client": client} if name == "properties" else client

    other.sandbox.show = show
    assert other.reserve()["codigo"] == "reservado"
    assert other.code("reserva/consulta") == "reserva_encontrada"


def test_a_property_whose_connections_are_null_has_no_port_yet(other):
    other.sandbox.show = lambda name, record: record | ({"connections": None} if name == "properties" else {})
    assert other.reserve()["codigo"] in {"reserva_pendente", "ozmap_recusou", "sem_viabilidade"}
    other.sandbox.show = lambda name, record: record
    other.work()
    assert len(other.sandbox.store["properties"]) <= 1


@pytest.mark.parametrize("none", ["[]", "null", "empty", "204", "{}", '{"rows": []}', "404"])
def test_a_code_that_nobody_has_in_the_sandbox(shop, none):
    shop.sandbox.behaviour.change(none_spelled=none)
    assert shop.reserve()["codigo"] == "reservado"
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    shop.work()
    assert shop.reserve()["codigo"] == "reservado"


@pytest.mark.parametrize(
    "habit",
    [
        {"box_name_end": " \ud83d"},
        {"box_name_end": "\x00"},
        {"ports_as_text": True},
        {"null_connections": True},
        {"null_implanted": True},
        {"connections_in_client_rows": True},
    ],
    ids=str,
)
def test_odd_values_of_the_sandbox(shop, habit):
    shop.sandbox.behaviour.change(**habit)
    reply = shop.reserve()
    assert (reply["codigo"], type(reply["porta"])) == ("reservado", int)
    assert not set("\ud83d\x00") & set(reply["caixa_nome"])
    assert shop.code("reserva/consulta") == "reserva_encontrada"
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert shop.properties() == []


def test_viable_without_a_box_in_the_sandbox(shop):
    shop.sandbox.behaviour.change(viable_without_boxes=True)
    assert shop.reserve()["codigo"] == "viavel_sem_caixa"
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"
    shop.work()
    assert shop.writes() == []


def test_viable_without_a_box_is_an_outcome_of_its_own(other):
    other.sandbox.viable_without_boxes = True
    point = PLACES["viable"].point
    reply = other.ask("viabilidade", latitude=point.lat, longitude=point.lng)
    assert reply["codigo"] == "viavel_sem_caixa"
    assert "atendente" in reply["mensagem"]
    assert other.reserve()["codigo"] == "viavel_sem_caixa"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    other.work()
    assert other.writes() == []


@pytest.fixture
def unfiltered(any_shop):
    """Lists ignore a filter by code, and 500 prospects are the ISP's own."""
    point = PLACES["no_fibre_street"].point
    for number in range(500):
        fields = {"code": f"P-{number}", "name": "Alguém", "coords": [point.lng, point.lat]}
        any_shop.add("prospects", fields | {"observation": "do ERP"})
    any_shop.add("prospects", {"name": "sem código"})
    ignore_filters(any_shop)
    return any_shop


def test_a_filter_that_is_ignored_does_not_stop_prospects(unfiltered):
    before = unfiltered.everything()
    first = unfiltered.prospect()
    assert first["codigo"] == "prospect_criado"
    again = unfiltered.prospect()
    assert (again["codigo"], again["prospect_id"]) == ("prospect_ja_existe", first["prospect_id"])
    unfiltered.work()
    after = unfiltered.everything()
    assert after["prospects"].keys() - before["prospects"].keys() == {first["prospect_id"]}
    assert all(after["prospects"][id_] == record for id_, record in before["prospects"].items())
    assert unfiltered.writes() == [("POST", "prospects")]


def test_a_filter_that_is_ignored_does_not_stop_sales(unfiltered):
    for number in range(50):
        unfiltered.add_client(f"ERP-{number}")
    before = unfiltered.everything()
    assert unfiltered.reserve()["codigo"] == "reservado"
    assert unfiltered.code("reserva/cancelamento") == "reserva_cancelada"
    unfiltered.work()
    assert unfiltered.everything() == before
