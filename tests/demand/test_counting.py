"""What a request adds to the demand, over HTTP."""

import h3
import pytest

from sandbox import PLACES
from schemas.funnel import FunnelStep
from tests.conftest import KEYS
from webhook.demand import counts
from webhook.store import Store, StoreUnavailable, demand

ALL = "2000-01-01"


@pytest.fixture
def ask(make_app, sqlite_url):
    """A call of a flow."""

    class Ask:
        app = make_app()
        store = Store(sqlite_url)
        counts = app.extensions["webhook"].demand

        def __call__(self, action, platform="fivehub", place=None, **values):
            if place:
                values["localizacao"] = "{}, {}".format(*PLACES[place].point)
            headers = {"X-Webhook-Key": KEYS[platform][0]}
            return (
                self.app.test_client().post(f"/{platform}/{action}", json=values, headers=headers).get_json()
            )

        def cells(self):
            self.counts.write()
            return sorted(row[1:] for row in demand.cells(self.store, ALL, ["isp"]))

        def steps(self):
            self.counts.write()
            return {str(step): n for step, n in demand.steps(self.store, ALL, ["isp"]).items() if n}

    return Ask()


def cell(place):
    return h3.latlng_to_cell(*PLACES[place].point, 9)


def test_a_verdict_counts_where_it_was_asked_for(ask):
    reply = ask("viabilidade", place="no_fibre_street", conversa_id="1")
    assert reply["codigo"] == "sem_viabilidade"
    assert ask.cells() == [(cell("no_fibre_street"), "sem_viabilidade", reply["motivo"], 1)]
    assert ask.steps() == {"place_known": 1}


def test_a_conversation_counts_once_and_a_request_of_none_each_time(ask):
    for conversation in ("1", "1", "2", None, None):
        ask("viabilidade", place="viable", **({"conversa_id": conversation} if conversation else {}))
    assert ask.cells() == [(cell("viable"), "viavel", "", 4)]
    assert ask.steps() == {"place_known": 4, "viable": 4}


def test_the_same_id_on_two_platforms_is_two_conversations(ask):
    for platform in ("huggy", "fivehub"):
        ask("viabilidade", platform, place="viable", conversa_id="1")
    assert ask.steps() == {"place_known": 2, "viable": 2}


def test_a_place_without_a_verdict_is_a_step_only(ask):
    assert ask("localizacao", place="viable", conversa_id="1")["codigo"] == "localizacao_ok"
    assert ask("viabilidade", conversa_id="2", localizacao="oi")["codigo"] == "localizacao_nao_entendida"
    assert ask("viabilidade", conversa_id="3", modo="x")["codigo"] == "dados_invalidos"
    assert ask.cells() == []
    assert ask.steps() == {"place_known": 1}


def test_what_is_sold_counts(make_app, own_sandbox, tenant, ask):
    from dataclasses import replace

    from webhook.store.health import beat

    isp = replace(tenant, ozmap_url=own_sandbox.url, ozmap_token=own_sandbox.token)
    ask.app = make_app(isp)
    ask.counts = ask.app.extensions["webhook"].demand
    beat(ask.store, "worker", ["isp"])
    customer = {"nome": "Maria", "telefone": "48 99988-7766"}
    assert ask("reserva", place="viable", conversa_id="1", **customer)["codigo"] == "reservado"
    assert (
        ask("prospect", place="no_fibre_street", conversa_id="2", **customer)["codigo"] == "prospect_criado"
    )
    assert ask.cells() == [(cell("viable"), "viavel", "", 1)]
    assert ask.steps() == {"place_known": 2, "viable": 1, "reserved": 1, "prospect": 1}
    # A refused reservation has its reason, and none of its place any more.
    reply = ask("reserva", place="no_fibre_street", conversa_id="3", **customer)
    assert (cell("no_fibre_street"), "sem_viabilidade", reply["motivo"], 1) in ask.cells()


def test_the_steps_of_a_led_conversation_count_as_its_own(ask):
    here = "{}, {}".format(*PLACES["no_fibre_street"].point)
    chat = {"conversa_id": "1", "fluxo": "viabilidade"}
    reply = ask("conversa", **chat)
    for answer in (here, "1"):
        reply = ask("conversa", **chat, etapa=reply["etapa"], resposta=answer)
    assert [row[1] for row in ask.cells()] == ["sem_viabilidade"]
    assert ask.steps() == {"place_known": 1}


def test_a_conversation_that_is_handed_over_is_counted(ask):
    reply = ask("conversa", conversa_id="1")
    reply = ask("conversa", conversa_id="1", etapa=reply["etapa"], resposta="quero falar com um atendente")
    assert reply["codigo"] == "conversa_transferida"
    assert ask.steps() == {"handed_over": 1}


def test_what_the_store_does_not_take_is_written_later(ask, monkeypatch):
    ask("viabilidade", place="viable", conversa_id="1")

    def down(*_):
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(counts.stored, "save", down)
        ask.counts.write()
    ask("viabilidade", place="no_fibre_street", conversa_id="1")
    assert [row[1] for row in ask.cells()] == ["sem_viabilidade"], "the later verdict"
    assert ask.steps() == {"place_known": 1, "viable": 1}


def test_memory_has_a_bound(ask, monkeypatch):
    monkeypatch.setattr(counts, "MOST", 2)
    for number in range(4):
        ask.counts.note("isp", f"huggy:{number}", demand.Seen(steps=frozenset({FunnelStep.PLACE})))
    assert ask.steps() == {"place_known": 2}
