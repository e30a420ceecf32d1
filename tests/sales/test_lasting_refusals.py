"""An OZmap that says no for good gets an answer, not a promise."""

import pytest

from tests.sales.habits import WORDS, quotes_ozmap, refuse_all, refuse_nearest, take_everybody


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, WORDS), (409, {"message": WORDS}), (422, {"error": WORDS}), (400, b""), (422, b"<html>")],
    ids=["string", "message", "error", "empty", "html"],
)
def test_whatever_the_refusal_looks_like_the_next_box_is_tried(other, status, words):
    other.sandbox.refusal_status = status
    nearest = other.nearest()
    other.sandbox.refuse = lambda form: words if form["box"] in nearest[:3] else None
    reply = other.reserve()
    assert (reply["codigo"], reply["caixa_nome"]) == ("reservado", "CTO 4")


def test_the_fourth_takes_in_the_first_call(any_shop):
    nearest = any_shop.nearest()[:4]
    refuse_nearest(any_shop, 3)
    reply = any_shop.reserve()
    assert (reply["codigo"], reply["caixa_id"]) == ("reservado", nearest[3])
    assert any_shop.posts() == nearest, "none twice"


def test_all_refuse_and_stay_viable(any_shop, pending):
    refuse_all(any_shop)
    reply = any_shop.reserve()
    assert (reply["codigo"], reply["ok"]) == ("ozmap_recusou", False)
    posts = any_shop.posts()
    assert len(set(posts)) == len(posts) >= 4, "each box once"
    found = any_shop.ask("reserva/consulta")
    assert found["codigo"] == "reserva_nao_encontrada"
    assert not quotes_ozmap(reply, found)
    any_shop.work()
    assert any_shop.posts() == posts, "it was not promised, so nobody tries again"
    assert pending(any_shop).splitlines()[-1].startswith("0 pending")
    take_everybody(any_shop)
    assert any_shop.reserve()["codigo"] == "reservado"


def test_all_refuse_because_the_ports_are_gone(other):
    def refuse(form):
        other.sandbox.full |= {box["name"] for box in other.sandbox.boxes if box["id"] == form["box"]}
        return WORDS

    other.sandbox.refuse = refuse
    reply = other.reserve()
    assert (reply["codigo"], reply["motivo"]) == ("sem_viabilidade", "sem_porta")
    assert len(other.posts()) == 4


@pytest.mark.parametrize("status", [401, 403])  # a 404 may mean that box alone
def test_a_key_that_may_not_sell_is_asked_once(other, status):
    other.sandbox.refusal_status = status
    refuse_all(other)
    reply = other.reserve()
    assert reply["codigo"] == "ozmap_recusou"
    assert other.code("reserva/consulta") == "reserva_nao_encontrada"
    other.work()
    assert len(other.posts()) == 1
    take_everybody(other)
    assert other.reserve()["codigo"] == "reservado"


def test_a_name_that_ozmap_does_not_take(other):
    other.sandbox.refuse = lambda form: WORDS if "Fulana" in str(form) else None
    assert other.reserve()["codigo"] == "ozmap_recusou"
    assert other.reserve(nome="Maria")["codigo"] == "reservado"


def test_a_refused_prospect_is_no_promise(other):
    answer = other.sandbox.answer

    def refuse(call, query):
        return (400, WORDS) if (call.method, call.path) == ("POST", "/prospects") else answer(call, query)

    other.sandbox.answer = refuse
    reply = other.prospect()
    assert reply["codigo"] == "ozmap_recusou"
    assert not quotes_ozmap(reply)
    other.work()
    assert other.writes() == [("POST", "prospects")]
    other.sandbox.answer = answer
    assert other.prospect()["codigo"] == "prospect_criado"
