"""Conversations at once, as `python -m bench.conversations` leads them: a short run, and its audit."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bench.conversations.audit import LOST, ODD, OTHER_END, SALES, TWICE, Kept, Sold, audit
from bench.conversations.customers import KINDS, Customer, flow_of, question_in
from sandbox import PLACES

ROOT = Path(__file__).parents[2]
RUN = "--conversations 24 --kills 2 --thinks 1 --deadline 2.5 --database"
FIBRE = KINDS[0]


@pytest.fixture(scope="module")
def runs():
    """How the run ended on each database. They run at the same time: most of it is waiting."""

    def run(database):
        command = [sys.executable, "-m", "bench.conversations", *RUN.split(), database]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor() as at_once:
        return dict(zip(("SQLite", "PostgreSQL"), at_once.map(run, ("SQLite", "PostgreSQL")), strict=True))


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_every_conversation_ends_as_if_it_had_been_alone(runs, database):
    ended = runs[database]
    left_out = ended.stderr.partition("PostgreSQL is left out: ")[2]
    if left_out and os.environ.get("CI") != "true":
        pytest.skip(left_out.partition("\n")[0])
    assert (ended.returncode, ended.stderr) == (0, "0 findings: green\n"), ended.stdout
    assert "| web killed, a process of it killed | 1 + 1 |" in ended.stdout


def customer(name):
    made = Customer(name, FIBRE, PLACES["viable"].point, "48 99988-7766")
    made.asked = ["pede", "confirma", "oferta", "nome", "telefone"]
    made.used = {"nome": name, "confirma": "Sim"}
    made.ended = {"codigo": "conversa_encerrada"}
    return made


def kept(one):
    values = {
        **one.own,
        "confirma": "Sim",
        "codigo": "reservado",
        "mensagem": "Pronto!",
        "reserva_codigo": "B",
    }
    return Kept("confirmado_fim", True, values, 0)


def changed(one, **values):
    return replace(one, variables={**one.variables, **values})


@pytest.fixture
def all_well():
    alone, other = customer("Ana Lima"), customer("Rui Dias")
    records = Counter(one.name for one in (alone, other))
    return (
        alone,
        other,
        {one.conversation.key: kept(one) for one in (alone, other)},
        Sold(records, records, Counter()),
    )


def findings(alone, other, stored, sold):
    return [finding.kind for finding in audit({FIBRE: alone}, [other], stored, sold)]


def test_the_audit_finds_nothing_where_all_is_well(all_well):
    assert findings(*all_well) == []


@pytest.mark.parametrize(
    ("code", "kinds"), [("ja_reservado", []), ("reserva_encontrada", []), ("sem_viabilidade", [OTHER_END])]
)
def test_a_reservation_that_was_there_already_is_the_same_end(all_well, code, kinds):
    alone, other, stored, sold = all_well
    stored[other.conversation.key] = changed(kept(other), codigo=code, mensagem="A sua instalação já ...")
    assert findings(alone, other, stored, sold) == kinds


def test_a_reservation_that_ends_later_must_be_there(all_well):
    alone, other, stored, sold = all_well
    late = changed(kept(other), codigo="reserva_pendente", mensagem="Recebemos o seu pedido ...")
    stored[other.conversation.key] = replace(late, step="feito_fim")
    assert findings(alone, other, stored, sold) == []
    assert findings(alone, other, stored, replace(sold, properties=Counter())) == [SALES]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda one: changed(one, nome="Sim"), [OTHER_END, LOST]),
        (lambda one: changed(one, link="https://..."), [OTHER_END]),
        (lambda one: replace(one, step="feito_fim"), [OTHER_END]),
        (lambda one: replace(one, unusable=1), [TWICE]),
        (lambda one: replace(one, ended=False), [OTHER_END]),
    ],
)
def test_the_audit_sees_what_is_stored_otherwise(all_well, change, kinds):
    alone, other, stored, sold = all_well
    key = other.conversation.key
    stored[key] = change(stored[key])
    assert findings(alone, other, stored, sold) == kinds


def test_the_audit_sees_a_question_that_was_never_asked(all_well):
    all_well[1].asked.remove("oferta")
    assert findings(*all_well) == [TWICE]


def test_the_audit_sees_a_reply_that_nobody_should_get(all_well):
    all_well[1].odd.append("erro_interno")
    assert findings(*all_well) == [ODD]


def out_of_time(other, stored):
    """OZmap did not answer the lookup in time, and the customer was asked for a wish all the same."""
    other.asked[2] = "rede_fora"
    other.used["interesse"] = "Deixar pedido"
    stored[other.conversation.key] = changed(kept(other), interesse="Deixar pedido")


def handed_over(other, stored, code="ozmap_indisponivel"):
    """OZmap did not answer the reservation in time."""
    late = changed(kept(other), codigo=code, mensagem="Não consegui ...")
    stored[other.conversation.key] = replace(late, step="fora_do_ar_fim")


def test_who_got_no_answer_in_time_may_be_asked_otherwise(all_well):
    alone, other, stored, sold = all_well
    out_of_time(other, stored)
    assert findings(alone, other, stored, sold) == []
    assert findings(alone, other, stored, replace(sold, clients=Counter(), properties=Counter())) == [SALES]
    other.asked.append("telefone")
    assert findings(alone, other, stored, sold) == [TWICE]


def test_who_was_asked_otherwise_ends_as_if_alone(all_well):
    alone, other, stored, sold = all_well
    out_of_time(other, stored)
    stored[other.conversation.key] = replace(stored[other.conversation.key], step="feito_fim")
    assert findings(alone, other, stored, sold) == [OTHER_END]


@pytest.mark.parametrize(("sold_so_far", "kinds"), [(0, []), (1, []), (2, [SALES])])
def test_who_got_no_answer_in_time_may_be_handed_over(all_well, sold_so_far, kinds):
    alone, other, stored, sold = all_well
    handed_over(other, stored)
    there = replace(sold, properties=Counter({other.name: sold_so_far}))
    assert findings(alone, other, stored, there) == kinds


def test_an_answer_of_who_was_handed_over_is_not_lost(all_well):
    alone, other, stored, sold = all_well
    handed_over(other, stored)
    other.used["nome"] = "Rui Dias Filho"
    assert findings(alone, other, stored, sold) == [LOST]


def test_nobody_is_handed_over_for_another_reason(all_well):
    alone, other, stored, sold = all_well
    handed_over(other, stored, code="erro_interno")
    assert findings(alone, other, stored, sold) == [OTHER_END, OTHER_END]


@pytest.mark.parametrize(("by_number", "answer"), [(False, "Deixar pedido"), (True, "1")])
def test_a_customer_says_yes_to_a_question_that_its_kind_does_not_expect(by_number, answer):
    one = replace(customer("Ana Lima"), by_number=by_number)
    question = next(step for step in flow_of("contratacao").steps if step.origin == "rede_fora")
    assert (one.answer_to(question), one.value_of(question)) == (answer, "Deixar pedido")


@pytest.mark.parametrize("properties", [0, 2])
def test_the_audit_sees_a_reservation_too_many_or_too_few(all_well, properties):
    alone, other, stored, sold = all_well
    wrong = replace(sold, properties=Counter({other.name: properties}))
    assert findings(alone, other, stored, wrong) == [SALES]


@pytest.mark.parametrize(
    ("flow", "message", "origin"),
    [
        ("contratacao", "Achei: Rua X, 1\n\nÉ aqui que será a instalação?\n\n1 - Sim\n2 - Não", "confirma"),
        ("contato", "Olá! Sobre o que quer falar?", "assunto"),
        ("contato", "Bom dia!", None),
    ],
)
def test_a_customer_knows_a_question_by_its_words(flow, message, origin):
    question = question_in(flow, message)
    assert (question and question.origin) == origin
