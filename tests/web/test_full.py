"""More than can be answered, and an OZmap slower than the deadline: what flows hear."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from sandbox import PLACES, Sandbox
from schemas.conversation import Conversation
from schemas.reply import Viability
from schemas.tenants import Tenant
from tests.conftest import KEYS
from tests.viability.town import documented
from webhook.findme.links import Links
from webhook.store import Store
from webhook.viability import lookups
from webhook.web import app as web

HERE = {"latitude": PLACES["viable"].point.lat, "longitude": PLACES["viable"].point.lng}


def ask(app: Flask, key: str = KEYS["huggy"][0], action: str = "viabilidade", **values: object):
    said = HERE | values
    return app.test_client().post(f"/huggy/{action}", json=said, headers={"X-Webhook-Key": key})


def while_one_is_at_work(app: Flask, sandbox: Sandbox, also: Callable[[], None], **first: object) -> None:
    """`first` is held by its OZmap for as long as `also` runs."""
    sandbox.requests.clear()
    sandbox.faults.add("/", broken="silent")
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(ask, app, modo="raio", **first)
        while not sandbox.requests:
            time.sleep(0.01)
        also()
        assert held.result().get_json()["codigo"] == "ozmap_indisponivel"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda most: monkeypatch.setattr(web, "MOST_AT_ONCE", most)


def test_one_too_many_hears_so_at_once(make_app, sandbox, small):
    small(1)
    app = make_app(reply_deadline=1.0)

    def one_more() -> None:
        started = time.monotonic()
        answer = ask(app, modo="raio")
        assert time.monotonic() - started < 1.0, "before the first one has its answer"
        assert answer.status_code == 200
        reply = answer.get_json()
        assert set(reply) == set(Viability._declared_fields)
        assert (reply["ok"], reply["codigo"], reply["viavel"]) == ("nao", "ocupado", "indefinido")
        assert ask(app, key="a wrong key").status_code == 401, "a stranger takes no place"

    while_one_is_at_work(app, sandbox, one_more)
    sandbox.faults.clear()
    assert ask(app, modo="raio").get_json()["codigo"] == "viavel"


@pytest.mark.parametrize("mode", ["raio", "poste"])
def test_one_too_many_who_can_ask_again_hears_that_it_is_looked_up(
    make_app, sandbox, small, mode, monkeypatch
):
    small(1)
    monkeypatch.setattr(lookups, "PATIENCE", 5.0)  # the lookup that began while OZmap was silent ends with it
    app = make_app(reply_deadline=4.0)
    said = {"modo": mode, "conversa_id": "2"}

    def one_more() -> None:
        answer = ask(app, **said).get_json()
        assert (answer["codigo"], answer["viavel"], answer["modo"]) == ("consultando", "indefinido", mode)
        assert ask(app, modo=mode).get_json()["codigo"] == "ocupado", "without a conversation nobody can"
        unknown = {"latitude": "", "longitude": "", "localizacao": "Rua das Acácias, 120, Florianópolis"}
        assert ask(app, **said | unknown).get_json()["codigo"] in {"ocupado", "endereco_nao_encontrado"}

    while_one_is_at_work(app, sandbox, one_more)
    sandbox.faults.clear()
    until = time.monotonic() + 30
    while (reply := ask(app, **said).get_json())["codigo"] != "viavel":
        assert time.monotonic() < until, reply


def test_a_slow_tenant_does_not_take_the_others_places(make_app, tenant, sandbox, small):
    small(3)
    others = Sandbox(token="t")
    with others:
        other = Tenant("other", others.url, "t", {"huggy": ("key-of-the-other",)})
        app = make_app(tenant, other, reply_deadline=1.0)

        def two_more() -> None:
            # One of three is held: two are free, so the slow tenant may hold a second, and then no third.
            with ThreadPoolExecutor(1) as pool:
                second = pool.submit(ask, app, modo="raio")
                while len(sandbox.requests) < 2:
                    time.sleep(0.01)
                assert ask(app, modo="raio").get_json()["codigo"] == "ocupado"
                reply = ask(app, key="key-of-the-other", modo="raio").get_json()
                assert reply["codigo"] == "viavel"
                assert second.result().get_json()["codigo"] == "ozmap_indisponivel"

        while_one_is_at_work(app, sandbox, two_more)


def test_the_location_page_says_it_too(make_app, tenant, sandbox, small, sqlite_url):
    small(1)
    link = Links(Store(sqlite_url)).make(tenant.slug, Conversation("huggy", "1"))
    app = make_app(reply_deadline=1.0)

    def open_it() -> None:
        answer = app.test_client().get(f"/l/{link.token}")
        assert answer.status_code == 503
        assert "Não conseguimos atender agora" in answer.get_data(as_text=True)

    while_one_is_at_work(app, sandbox, open_it)
    assert app.test_client().get(f"/l/{link.token}").status_code == 200


def test_a_slow_ozmap_by_pole(make_app, sandbox):
    app = make_app(reply_deadline=0.5)
    sandbox.faults.add("/", delay=0.2)
    reply = ask(app, conversa_id="1").get_json()
    assert (reply["ok"], reply["codigo"], reply["viavel"]) == ("nao", "consultando", "indefinido")
    assert (reply["modo"], reply["latitude"]) == ("poste", "-27.59871")
    until = time.monotonic() + 5
    while reply["codigo"] == "consultando":
        assert time.monotonic() < until
        reply = ask(app, conversa_id="1").get_json()
    sandbox.faults.clear()
    anew = ask(app, conversa_id="2").get_json()
    assert reply | {"protocolo": ""} == anew | {"protocolo": ""}
    assert reply["caixa_nome"] == "CTO 04-04"


def test_who_joins_a_lookup_hears_of_its_own_place(make_app, sandbox):
    app = make_app(reply_deadline=1.0)
    sandbox.faults.add("/", delay=0.4)
    assert ask(app, conversa_id="1").get_json()["codigo"] == "consultando"
    metre = HERE["latitude"] + 0.000001
    until = time.monotonic() + 5
    reply = {"codigo": "consultando"}
    while reply["codigo"] == "consultando":
        assert time.monotonic() < until
        reply = ask(app, conversa_id="1", latitude=metre).get_json()
        assert (reply["latitude"], reply["modo"]) == (str(metre), "poste")
    assert reply["codigo"] == "viavel"


def test_an_unreadable_answer_has_place_and_mode_and_its_reason_in_the_log(make_app, sandbox, capsys):
    app = make_app()
    box = documented("viability_radius")["boxes"][0]
    contradiction = {"viable": False, "boxes": [box], "refused_boxes": []}
    sandbox.faults.add("/ftth-viability/radius", status=200, body=json.dumps(contradiction))
    reply = ask(app, modo="raio").get_json()
    assert (reply["codigo"], reply["viavel"]) == ("ozmap_indisponivel", "indefinido")
    assert (reply["modo"], reply["latitude"]) == ("raio", str(HERE["latitude"]))
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["ozmap_failed"] == ["ftth-viability/radius: viable contradicts boxes"]


def test_viable_without_a_box_is_no_failure_of_ozmap(make_app, sandbox, capsys):
    app = make_app()
    no_box = {"viable": True, "boxes": [], "refused_boxes": []}
    sandbox.faults.add("/ftth-viability/radius", status=200, body=json.dumps(no_box))
    reply = ask(app, modo="raio").get_json()
    assert (reply["codigo"], reply["viavel"], reply["ok"]) == ("viavel_sem_caixa", "indefinido", "nao")
    assert (reply["caixa_id"], reply["caixas_viaveis"], reply["motivo"]) == ("", "", "")
    assert "ozmap_failed" not in json.loads(capsys.readouterr().out.splitlines()[-1])


def test_without_a_conversation_nobody_could_ask_again(make_app, sandbox):
    app = make_app(reply_deadline=2.0)
    sandbox.faults.add("/boxes", delay=2.1)
    assert ask(app).get_json()["codigo"] == "ozmap_indisponivel"
    assert ask(app, conversa_id="1", modo="raio").get_json()["codigo"] == "viavel"


def test_the_log_says_why_when_the_call_still_runs(make_app, sandbox, capsys):
    app = make_app(reply_deadline=0.5)
    sandbox.faults.add("/boxes", delay=0.6)
    assert ask(app).get_json()["codigo"] == "ozmap_indisponivel"
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["ozmap_failed"]


def test_the_second_in_a_street_waits_for_two_reads(make_app, sandbox):
    app = make_app()
    ask(app, conversa_id="1")
    sandbox.requests.clear()
    assert ask(app).get_json()["codigo"] == "viavel"
    assert sorted(received.path for received in sandbox.requests) == ["/boxes", "/splitters"]
