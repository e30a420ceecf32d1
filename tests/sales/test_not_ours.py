"""What is somebody else's in OZmap stays as it is, however OZmap searches."""

import json
import time
from copy import deepcopy
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from sandbox import PLACES
from sandbox.sales import sell
from sandbox.writes import add
from webhook.process.worker import Worker
from webhook.store.tables import outbox

KINDS = ("properties", "ftth-clients", "prospects")


def rehearse(shop, conversation: str = "c1") -> tuple[str, str, str]:
    """The codes that a conversation's sale and prospect will have, and what is noted in them."""
    before = everything(shop)
    ours = shop.reserve(conversation)["reserva_codigo"]
    (record,) = shop.properties(ours)
    prospect = shop.sandbox.store["prospects"][shop.prospect(conversation)["prospect_id"]]
    assert shop.code("reserva/cancelamento", conversation) == "reserva_cancelada"
    shop.by_hand("DELETE", f"prospects/{prospect['id']}")
    shop.forget_sales()
    shop.sandbox.requests.clear()
    assert everything(shop) == before
    return ours, prospect["code"], record["observation"]


def look_alikes(code: str) -> list[str]:
    return [code.lower(), code.upper(), f"{code}0", code[:-1], f" {code}", "BOT", ""]


def fill(shop, count: int = 500) -> None:
    """Records of the ISP's own; the first have codes that look like ours, and all our mark."""
    store, point = shop.sandbox.store, PLACES["viable"].point
    project = next(iter(store["projects"]))
    ours, here, mark = rehearse(shop)
    clients = [*look_alikes(ours), *(f"ERP-{number}" for number in range(count))]
    found = [*look_alikes(here), here.swapcase(), *(f"P-{number}" for number in range(count))]
    with store.lock:
        for code in clients[:count]:
            client = {"code": code, "name": "Own", "observation": mark, "implanted": False}
            form = {"project": project, "lat": point.lat, "lng": point.lng, "observation": mark}
            sell(store, form | {"client": client}, shop.sandbox.behaviour)
        for code in found[:count]:
            form = {"code": code, "name": "Own", "observation": mark, "coords": [point.lng, point.lat]}
            add(store, "prospects", form)
        add(store, "prospects", {"name": "without a code"})


def everything(shop) -> dict[str, dict[str, object]]:
    """Whole records, `updatedAt` too."""
    with shop.sandbox.store.lock:
        return {name: deepcopy(dict(shop.sandbox.store[name])) for name in KINDS}


def others_are_as_before(shop, before) -> bool:
    after = everything(shop)
    return all(after[name].get(key) == record for name in KINDS for key, record in before[name].items())


@pytest.mark.parametrize(
    "habit",
    [{}, {"code_filter_ignored": True}, {"codes_without_case": True}],
    ids=["as usual", "ignored filter", "no case"],
)
def test_no_record_of_the_isp_is_touched_however_ozmap_searches(shop, habit):
    fill(shop)
    before = everything(shop)
    shop.sandbox.behaviour.change(**habit)
    for conversation in ("c1", "C1"):
        assert shop.prospect(conversation)["codigo"] == "prospect_criado"
        # Somebody's client has our code for an OZmap that knows no case: nobody we could use.
        taken = "codes_without_case" in habit and conversation == "c1"
        assert shop.reserve(conversation)["codigo"] == ("dados_invalidos" if taken else "reservado")
    for _ in range(5):
        shop.pass_time()
        while shop.worker.deliver_one():
            pass
    for conversation in ("c1", "C1"):
        shop.ask("reserva/cancelamento", conversation)
    assert others_are_as_before(shop, before)


def test_a_filter_that_is_ignored_is_no_list_of_ours(shop):
    fill(shop)
    before = everything(shop)
    shop.sandbox.behaviour.change(code_filter_ignored=True)
    assert shop.prospect()["codigo"] == "prospect_criado"
    assert shop.prospect()["codigo"] == "prospect_ja_existe"
    shop.work()
    assert shop.writes() == [("POST", "prospects")]
    assert others_are_as_before(shop, before)


def test_a_conversation_does_not_cancel_what_another_of_its_spelling_reserved(shop):
    shop.reserve("AbC")
    shop.sandbox.behaviour.change(codes_without_case=True)
    before = everything(shop)
    shop.reserve("abc")
    shop.ask("reserva/cancelamento", "abc")
    shop.pass_time()
    shop.worker.deliver_one()
    assert others_are_as_before(shop, before)
    assert shop.code("reserva/consulta", "AbC") == "reserva_encontrada"


@pytest.mark.parametrize("action", ["reserva", "reserva/cancelamento"])
def test_more_than_two_records_are_left_to_a_person(shop, action):
    ours, _, mark = rehearse(shop)
    if action == "reserva/cancelamento":
        shop.reserve()
    make_surplus(shop, ours, mark)
    before = everything(shop)
    reply = shop.reserve() if action == "reserva" else shop.ask(action)
    assert reply["codigo"] == "falhou"
    assert others_are_as_before(shop, before)
    with shop.store.read() as connection:
        row = connection.execute(select(outbox)).one()
    assert row.gave_up_at is not None
    assert "records to delete" in row.reason
    shop.pass_time()
    assert not shop.worker.deliver_one(), "nobody tries it again by himself"


def make_surplus(shop, code: str, mark: str) -> None:
    """Three properties that are ours by code and mark, one more than a call may delete."""
    shop.sandbox.behaviour.change(duplicate_codes=True)
    store, point = shop.sandbox.store, PLACES["viable"].point
    form = {"project": next(iter(store["projects"])), "lat": point.lat, "lng": point.lng}
    for _ in range(3):
        client = {"code": code, "name": "x", "observation": mark, "implanted": False}
        sell(store, form | {"observation": mark, "client": client}, shop.sandbox.behaviour)


def test_a_sweep_deletes_no_more_than_two(shop):
    shop.sandbox.faults.add("/properties", method="POST", times=1, broken="reset")
    assert shop.reserve()["codigo"] == "reserva_pendente"
    shop.pass_time()
    assert shop.worker.deliver_one()
    (record,) = shop.properties()
    make_surplus(shop, shop.codes["c1"], record["observation"])
    before = everything(shop)
    shop.work()
    assert others_are_as_before(shop, before)
    assert shop.code("reserva/consulta") == "reserva_encontrada"


def test_the_log_names_no_customer_when_there_are_too_many_records(shop, capsys):
    test_a_sweep_deletes_no_more_than_two(shop)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (alarm,) = (line for line in lines if line.get("event") == "gave up")
    assert alarm.keys() == {"time", "event", "tenant", "outbox", "kind", "reason"}
    assert alarm["reason"].startswith("3 records to delete at once")


def test_a_port_that_is_connected_late_costs_one_post(shop, monkeypatch):
    monkeypatch.setattr("webhook.sales.looking.CONNECTED_AFTER", (1.0, 3.0, 7.0))
    shop.sandbox.behaviour.change(connects_after=1.2)
    assert shop.reserve()["codigo"] in {"reservado", "reserva_pendente"}
    shop.work()
    assert shop.writes() == [("POST", "properties")]
    assert shop.code("reserva/consulta") == "reserva_encontrada"


def test_a_port_that_is_connected_after_the_reply_is_waited_for_by_the_worker(open_shop, monkeypatch):
    monkeypatch.setattr("webhook.sales.looking.CONNECTED_AFTER", (1.0, 3.0, 7.0))
    shop = open_shop(deadline=1.5)
    shop.sandbox.behaviour.change(connects_after=2.5)
    assert shop.reserve()["codigo"] == "reserva_pendente"
    with shop.store.write() as connection:
        connection.execute(update(outbox).values(due_at=0, lease_until=None))
    assert shop.worker.deliver_one()
    assert shop.code("reserva/consulta") == "reserva_encontrada"
    assert shop.writes() == [("POST", "properties")]


def test_a_worker_that_does_not_know_the_isp_leaves_its_sales_for_later(shop):
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.reserve()["codigo"] == "reserva_pendente"
    shop.sandbox.faults.clear()
    strange = Worker(replace(shop.settings, tenants=()))
    for _ in range(3):
        shop.pass_time()
        assert strange.deliver_one()
    with shop.store.read() as connection:
        row = connection.execute(select(outbox)).one()
    assert (row.gave_up_at, row.lease) == (None, None)
    shop.work()
    assert shop.code("reserva/consulta") == "reserva_encontrada"


def given_up(shop) -> None:
    with shop.store.write() as connection:
        connection.execute(update(outbox).values(gave_up_at=1.0, lease=None, lease_until=None))


@pytest.mark.parametrize("ozmap", ["answers", "is down", "has no port"])
def test_a_call_that_meets_a_sale_that_was_given_up_tries_now(shop, ozmap):
    place = "no_fibre_street" if ozmap == "has no port" else "viable"
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.reserve(place=place)["codigo"] == "reserva_pendente"
    given_up(shop)
    if ozmap != "is down":
        shop.sandbox.faults.clear()
    codes = {"answers": "reservado", "is down": "reserva_pendente", "has no port": "sem_viabilidade"}
    assert shop.reserve(place=place, nome="Outra")["codigo"] == codes[ozmap]
    shop.sandbox.faults.clear()
    shop.work()
    shop.restart()  # else its breaker may keep the next call away from OZmap for two seconds
    at_last = "sem_viabilidade" if ozmap == "has no port" else "reserva_encontrada"
    assert shop.code("reserva/consulta") == at_last
    assert len(shop.properties()) == (ozmap != "has no port")


def test_a_cancellation_that_was_given_up_is_done_before_a_new_reservation(shop):
    shop.reserve()
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.code("reserva/cancelamento") == "cancelamento_pendente"
    given_up(shop)
    assert shop.reserve()["codigo"] == "cancelamento_pendente"
    given_up(shop)
    shop.sandbox.faults.clear()
    assert shop.reserve()["codigo"] == "reservado"
    assert len(shop.properties()) == 1


def test_a_prospect_that_was_given_up_is_tried_now(shop):
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.prospect()["codigo"] == "prospect_pendente"
    given_up(shop)
    shop.sandbox.faults.clear()
    assert shop.prospect()["codigo"] == "prospect_criado"


@pytest.mark.parametrize("action", ["reserva/cancelamento", "reserva/ativacao"])
def test_a_client_that_somebody_put_into_our_property_is_not_ours(shop, action):
    reply = shop.reserve()
    shop.sandbox.store["ftth-clients"].change(reply["cliente_id"], code="ERP-77")
    other = shop.sandbox.store["ftth-clients"].add(
        {**shop.sandbox.store["ftth-clients"][reply["cliente_id"]], "id": "7" * 24}
    )
    shop.sandbox.store["properties"].change(reply["imovel_id"], client=other["id"])
    before = everything(shop)
    assert shop.code(action) == "dados_invalidos"
    assert everything(shop) == before


def test_a_client_that_is_implanted_while_its_port_is_waited_for_stays(shop, monkeypatch):
    monkeypatch.setattr("webhook.sales.looking.CONNECTED_AFTER", (1.0,))
    shop.sandbox.behaviour.change(connects_after=60.0)

    def implant(_: float) -> None:
        (record,) = shop.properties(shop.own_code())
        shop.sandbox.store["ftth-clients"].change(record["client"], implanted=True)

    monkeypatch.setattr(time, "sleep", implant)
    assert shop.reserve()["codigo"] == "reserva_ja_ativada"
    assert shop.writes() == [("POST", "properties")]
