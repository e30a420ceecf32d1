"""A step of a led conversation that is `ocupado`: it waits and is tried again, and is an answer at last."""

import pytest

from tests.conftest import KEYS
from webhook.store import StoreUnavailable
from webhook.web.actions.base import Action
from webhook.web.actions.conversation import MOST_BUSY


@pytest.fixture
def busy(monkeypatch):
    """Makes an action fail so many times."""
    run, left = Action.run, {}

    def fail(action, request):
        if left.get(action.name):
            left[action.name] -= 1
            raise StoreUnavailable
        return run.__get__(action)(request)

    monkeypatch.setattr(Action, "run", fail, raising=False)
    return left


@pytest.fixture
def say(client):
    last = {}

    def say(answer=None):
        values = {"conversa_id": "c1", "fluxo": "contratacao", "resposta": answer, "etapa": last.get("etapa")}
        headers = {"X-Webhook-Key": KEYS["fivehub"][0]}
        last.update(client.post("/fivehub/conversa", json=values, headers=headers).get_json())
        return last["acao"], last["mensagem"]

    return say


def test_a_busy_step_is_tried_again(busy, say):
    say()
    busy["localizacao"] = 2
    assert say("-27.598710, -48.519455")[0] == "esperar"
    assert say("")[0] == "esperar"
    action, text = say("")
    assert action == "perguntar"
    assert "É aqui" in text


def test_a_step_that_stays_busy_hands_over(busy, say):
    say()
    busy["localizacao"] = 100
    said = [say(answer)[0] for answer in ("-27.598710, -48.519455", *[""] * MOST_BUSY)]
    assert said == ["esperar"] * MOST_BUSY + ["transferir"]


def test_without_a_link_the_question_is_asked_all_the_same(busy, say):
    say()
    busy["findme"] = 1
    action, text = say("figurinha")
    assert action == "perguntar"
    assert "marque o lugar no mapa" not in text
