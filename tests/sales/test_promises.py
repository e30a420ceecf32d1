"""Nothing is promised that nobody keeps; and whoever was promised something can hear how it ended."""

import time

import pytest
from sqlalchemy import update

from tests.sales.habits import set_down, take_seconds
from webhook.ozmap.api import Ozmap
from webhook.store.tables import heartbeats

TEN_MINUTES = 600.0


def beats(shop, seconds_ago: float, tenants: list[str]) -> None:
    shop.beat(tenants)
    with shop.store.write() as connection:
        connection.execute(update(heartbeats).values(seen_at=time.time() - seconds_ago))


ASK = {"reserva": "reserve", "prospect": "prospect"}


@pytest.mark.parametrize("action", ASK)
def test_without_a_worker_nothing_is_promised(open_any, pending, action):
    shop = open_any(without_worker=True)
    set_down(shop)
    reply = getattr(shop, ASK[action])()
    assert (reply["codigo"], reply["ok"]) == ("ozmap_indisponivel", False)
    assert pending(shop).startswith("0 pending")
    set_down(shop, down=False)
    shop.restart()
    shop.beat()
    shop.work()
    assert shop.writes() == [], "nobody waits for it"
    done = {"reserva": "reservado", "prospect": "prospect_criado"}
    assert getattr(shop, ASK[action])()["codigo"] == done[action]


@pytest.mark.parametrize(
    ("seconds_ago", "tenants", "code"),
    [
        (TEN_MINUTES - 60, ["isp"], "reserva_pendente"),
        (TEN_MINUTES - 60, ["another", "isp"], "reserva_pendente"),
        (TEN_MINUTES + 60, ["isp"], "ozmap_indisponivel"),
        (1, ["another"], "ozmap_indisponivel"),
        (1, ["isp2"], "ozmap_indisponivel"),
    ],
)
def test_a_worker_keeps_promises_for_its_tenants_and_for_ten_minutes(other, seconds_ago, tenants, code):
    beats(other, seconds_ago, tenants)
    other.sandbox.down = True
    assert other.reserve()["codigo"] == code


def test_without_a_worker_a_cancellation_is_not_promised(open_any):
    shop = open_any(without_worker=True)
    assert shop.reserve()["codigo"] == "reservado"
    set_down(shop)
    assert shop.code("reserva/cancelamento") == "ozmap_indisponivel"
    set_down(shop, down=False)
    shop.restart()
    assert shop.code("reserva/cancelamento") == "reserva_cancelada"
    assert shop.properties() == []


def test_without_a_worker_a_post_that_outlives_the_reply_is_found_by_the_next_call(open_any):
    shop = open_any(without_worker=True, deadline=2.5)
    take_seconds(shop, 4.0)
    before = len(shop.sandbox.store["properties"])
    assert shop.reserve()["codigo"] == "ozmap_indisponivel"
    shop.wait_for(lambda: len(shop.sandbox.store["properties"]) > before)
    assert shop.reserve()["codigo"] in {"reservado", "ja_reservado"}
    assert shop.code("reserva/consulta") == "reserva_encontrada"
    assert len(shop.posts()) == len(shop.properties()) == 1


def test_what_only_the_customer_can_answer_is_asked_before_promising(open_any, own_sandbox):
    shop = open_any(geocoder_url=f"{own_sandbox.url}/nominatim")
    set_down(shop)
    street = {"latitude": None, "longitude": None, "localizacao": "Estrada do Morro Alto, 99999"}
    reply = shop.reserve(**street)
    assert reply["codigo"] == "endereco_impreciso"
    assert "mas o mapa não mostra o número" in reply["mensagem"]
    set_down(shop, down=False)
    shop.restart()
    shop.work()
    assert shop.writes() == []
    assert shop.code("reserva/consulta") == "reserva_nao_encontrada"


def test_a_street_is_reserved_when_ozmap_says_yes(open_other, own_sandbox):
    shop = open_other(geocoder_url=f"{own_sandbox.url}/nominatim")
    street = {"latitude": None, "longitude": None, "localizacao": "Estrada do Morro Alto, 99999"}
    assert shop.reserve(**street)["codigo"] == "reservado"


def untold(pending, shop) -> bool:
    return shop.codes["c1"] in pending(shop, "--untold")


def test_whoever_was_promised_and_has_not_heard_is_listed(any_shop, pending):
    set_down(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    set_down(any_shop, down=False)
    any_shop.work()
    any_shop.restart()
    assert len(any_shop.properties()) == 1
    assert untold(pending, any_shop)
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    assert not untold(pending, any_shop)


def test_whoever_heard_in_the_reply_is_not_listed(any_shop, pending):
    assert any_shop.reserve()["codigo"] == "reservado"
    assert not untold(pending, any_shop)


def fail_in_the_worker(monkeypatch) -> None:
    def fail(*_: object, **__: object):
        raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr(Ozmap, "radius_viability", fail)


def test_a_defect_is_a_try_with_a_reason(any_shop, pending, monkeypatch):
    set_down(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    set_down(any_shop, down=False)
    reason = any_shop.owed().reason
    with monkeypatch.context() as patch:
        fail_in_the_worker(patch)
        before = any_shop.owed().attempts
        any_shop.pass_time()
        assert any_shop.worker.deliver_one()
        row = any_shop.owed()
        assert row.attempts == before + 1
        assert (row.lease, row.lease_until) == (None, None), "nobody has to wait for a lease to run out"
        assert row.reason
        assert row.reason != reason
        assert row.due_at > time.time()
        assert row.reason in pending(any_shop)
    any_shop.work()
    any_shop.restart()
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"


def test_a_defect_does_not_keep_the_customer_from_cancelling(any_shop, monkeypatch):
    set_down(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    set_down(any_shop, down=False)
    any_shop.restart()
    fail_in_the_worker(monkeypatch)
    any_shop.pass_time()
    assert any_shop.worker.deliver_one()
    assert any_shop.code("reserva/cancelamento") == "reserva_cancelada"


def test_a_defect_that_stays_is_given_up(any_shop, pending, monkeypatch):
    set_down(any_shop)
    assert any_shop.reserve()["codigo"] == "reserva_pendente"
    set_down(any_shop, down=False)
    any_shop.restart()
    with monkeypatch.context() as patch:
        fail_in_the_worker(patch)
        any_shop.work(rounds=60)
    assert any_shop.code("reserva/consulta") == "falhou"
    assert "gave up" in pending(any_shop)


def test_a_process_that_is_killed_at_the_post_leaves_a_promise(any_shop, pending, monkeypatch):
    """The customer may have been told anything, or nothing: somebody keeps it, and it can be heard."""

    class Killed(BaseException):
        pass

    create = Ozmap.create_property

    def die(ozmap: Ozmap, form: object):
        create(ozmap, form)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Ozmap, "create_property", die)
        with pytest.raises(Killed):
            any_shop.reserve()
    assert pending(any_shop).splitlines()[-1].startswith("1 pending")
    any_shop.work()
    assert pending(any_shop, "--untold").count("reservation") == 1
    assert any_shop.code("reserva/consulta") == "reserva_encontrada"
    assert (len(any_shop.posts()), len(any_shop.properties())) == (1, 1)
