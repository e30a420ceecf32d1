"""A port is reserved once, whatever goes wrong on the way."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import PLACES
from sandbox import sales as ozmap_sales

LATE = 1.0
"""Seconds: past the reply deadline of the shops here."""
FAULTS = {
    "reset before": {"broken": "reset"},
    "reply lost": {"broken": "reset", "when": "after"},
    "500 before": {"status": 500},
    "500 after": {"status": 500, "when": "after"},
    "garbage before": {"status": 200, "body": "<html>"},
    "garbage after": {"status": 200, "body": "null", "when": "after"},
    "half": {"broken": "half"},
    "late before": {"delay": LATE},
    "late after": {"delay": LATE, "when": "after"},
}
CALLS = {
    "look up": ("GET", "/properties/client"),
    "feasibility": ("GET", "/ftth-viability"),
    "create": ("POST", "/properties"),
    "read back": ("GET", "/properties/"),
}


def test_a_whole_reply_and_what_it_left_in_ozmap(shop):
    reply = shop.reserve(observacao="casa azul")
    (record,) = shop.properties()
    assert reply.pop("protocolo")
    code = reply.pop("reserva_codigo")
    assert code.startswith("BOT-fivehub-c1-")
    assert reply == {
        "ok": True,
        "codigo": "reservado",
        "mensagem": "Pronto! A sua instalação está reservada.",
        "cliente_id": record["client"],
        "imovel_id": record["id"],
        "caixa_id": record["box"],
        "caixa_nome": "CTO 04-04",
        "splitter_nome": "Splitter 1",
        "porta": record["connections"][0]["port"],
        "motivo": None,
        "expira_em": None,
        "latitude": PLACES["viable"].point.lat,
        "longitude": PLACES["viable"].point.lng,
        "endereco": None,
    }
    client = shop.sandbox.store["ftth-clients"][record["client"]]
    assert (client["code"], client["name"], client["implanted"]) == (code, "Fulana Beltrana", False)
    said = f"Reserva do chatbot · {shop.mark} · +5548999887766 · casa azul"
    assert record["observation"] == client["observation"] == said
    assert record["coords"] == [PLACES["viable"].point.lng, PLACES["viable"].point.lat]


def test_at_most_four_calls_beyond_the_feasibility(shop):
    shop.reserve()
    calls = [(one.method, one.path.rpartition("/")[0] or one.path) for one in shop.sandbox.requests]
    reads = [("GET", "/properties/client"), ("GET", "/ftth-viability")]
    assert sorted(calls[:2]) == sorted(reads), "side by side"
    assert calls[2:] == [("POST", "/properties"), ("GET", "/properties")]


def test_a_repeat_does_no_second_thing(shop):
    first = shop.reserve()
    again = shop.reserve(nome="Outra Pessoa", place="not_implanted")
    assert again["codigo"] == "ja_reservado"
    same = set(first) - {"codigo", "mensagem", "protocolo"}
    assert {key: again[key] for key in same} == {key: first[key] for key in same}
    assert shop.writes() == [("POST", "properties")]


def test_twenty_equal_calls_at_once_make_one_property(shop):
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: shop.reserve(), range(20)))
    codes = [reply["codigo"] for reply in replies]
    assert codes.count("reservado") == 1
    assert set(codes) <= {"reservado", "ja_reservado", "reserva_pendente"}
    assert len(shop.properties()) == 1
    assert shop.writes() == [("POST", "properties")]


@pytest.mark.parametrize(
    ("place", "fault", "codes"),
    [
        ("no_fibre_street", {}, ("sem_viabilidade", "sem_viabilidade")),
        ("viable", {"status": 401}, ("ozmap_recusou", "reserva_encontrada")),
    ],
)
def test_what_an_equal_call_was_promised_is_kept(shop, place, fault, codes):
    first_hears, at_last = codes
    shop.sandbox.faults.add("/ftth-viability", times=1, delay=2.5, **fault)
    before = len(shop.sandbox.store["prospects"])
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shop.reserve, place=place)
        while len(shop.sandbox.requests) < 2:  # the look-up, and the feasibility that takes its time
            time.sleep(0.01)
        assert shop.reserve(place=place)["codigo"] == "reserva_pendente"
    assert first.result()["codigo"] == first_hears
    shop.work()
    assert shop.code("reserva/consulta") == at_last
    prospects = len(shop.sandbox.store["prospects"]) - before
    assert (len(shop.properties()), prospects) == ((0, 1) if at_last == "sem_viabilidade" else (1, 0))


@pytest.mark.parametrize(
    ("database_url", "radius_m"), [("sqlite", 60), ("postgresql", 300)], indirect=["database_url"]
)
def test_fifty_conversations_and_the_last_port_of_a_box(shop, radius_m):
    first = shop.reserve("first", raio_m=radius_m)
    for number in range(first_free(shop, first["caixa_id"]) - 1):
        assert shop.reserve(f"filler-{number}")["caixa_id"] == first["caixa_id"]
    assert first_free(shop, first["caixa_id"]) == 1

    def race(number: int) -> dict[str, object]:
        while (reply := shop.reserve(f"racer-{number}", raio_m=radius_m))["codigo"] == "ocupado":
            pass
        return reply

    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(race, range(50)))
    assert {reply["codigo"] for reply in replies} <= {"reservado", "sem_viabilidade", "reserva_pendente"}
    shop.work(rounds=300)
    final = [shop.ask("reserva/consulta", f"racer-{number}") for number in range(50)]
    assert {reply["codigo"] for reply in final} <= {"reserva_encontrada", "sem_viabilidade"}
    assert [reply["caixa_id"] for reply in final].count(first["caixa_id"]) == 1
    assert not shop.booked_twice()
    for reply, after in zip(replies, final, strict=True):
        if reply["codigo"] == "reservado":
            assert (after["codigo"], after["porta"]) == ("reserva_encontrada", reply["porta"])
    if radius_m == 300:
        assert [reply["codigo"] for reply in final].count("reserva_encontrada") > 20


def first_free(shop, box: str) -> int:
    splitters = shop.sandbox.store["splitters"].with_value("parent", [box])
    return sum(
        output is None for one in splitters if one["isDrop"] for output in one["connectables"]["output"]
    )


@pytest.mark.parametrize(
    ("database_url", "call"),
    [*(("sqlite", call) for call in CALLS), ("postgresql", "create")],
    indirect=["database_url"],
)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_port_whatever_call_fails_and_how(open_shop, call, fault):
    shop = open_shop(deadline=0.9)
    method, path = CALLS[call]
    times = 1 if fault.startswith("late") else 2
    shop.sandbox.faults.add(path, method=method, times=times, **FAULTS[fault])
    said = shop.reserve()["codigo"]
    assert said in {"reservado", "reserva_pendente"}
    if said == "reservado":
        assert len(shop.properties()) == 1
    shop.sandbox.faults.clear()
    shop.work()
    shop.restart(deadline=4.5)  # only what was sold is asked now, not how fast
    reply = shop.ask("reserva/consulta")
    assert reply["codigo"] == "reserva_encontrada"
    (record,) = shop.properties()
    assert (reply["imovel_id"], reply["porta"]) == (record["id"], record["connections"][0]["port"])
    assert shop.reserve()["codigo"] == "ja_reservado"
    assert not shop.booked_twice()


def test_a_property_without_a_port_is_taken_back_and_the_next_box_tried(shop, monkeypatch):
    connect = ozmap_sales.connect

    def connect_elsewhere(store, record, port):
        if store["boxes"][record["box"]]["name"] != "CTO 04-04":
            connect(store, record, port)

    monkeypatch.setattr(ozmap_sales, "connect", connect_elsewhere)
    reply = shop.reserve()
    assert (reply["codigo"], reply["caixa_nome"]) == ("reservado", "CTO 03-14")
    assert shop.writes() == [("POST", "properties"), ("DELETE", "properties"), ("POST", "properties")]
    assert [record["id"] for record in shop.properties()] == [reply["imovel_id"]]


def test_boxes_that_ozmap_calls_viable_and_refuses_are_no_proof_of_a_no(shop):
    shop.sandbox.faults.add("/properties", method="POST", status=422, body="field missing")
    assert shop.reserve()["codigo"] == "ozmap_recusou"
    assert len(set(shop.posts())) == len(shop.posts()) >= 4, "each box once"
    shop.work()
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"
    shop.sandbox.faults.clear()
    assert shop.reserve()["codigo"] == "reservado"


def test_a_key_that_may_not_sell_is_the_operators_and_nothing_is_kept(shop):
    shop.sandbox.faults.add("/properties", method="POST", status=403)
    assert shop.reserve()["codigo"] == "ozmap_recusou"
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"
    shop.sandbox.faults.clear()
    assert shop.reserve()["codigo"] == "reservado"


def test_the_asked_for_box_first_while_it_is_viable(shop):
    other = next(one for one in shop.sandbox.store["boxes"].values() if one["name"] == "CTO 03-14")
    assert shop.reserve(caixa_id=other["id"])["caixa_nome"] == "CTO 03-14"
    assert shop.reserve("c2", caixa_id="0" * 24)["caixa_nome"] == "CTO 04-04"
