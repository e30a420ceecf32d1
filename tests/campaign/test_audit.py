"""The campaign's audit: it must see each thing that may go wrong, and nothing where all is well."""

import json
import pickle
from dataclasses import replace

import pytest

from bench.campaign import audit
from bench.campaign.audit import Books
from bench.campaign.conversations import ASK, CANCEL, PROSPECT, RESERVE, Conversation, Heard
from sandbox import PLACES, Behaviour, Fault, Received, sample_network
from sandbox.store import Store
from sandbox.writes import change, create, delete

KNOWN = Behaviour(duplicate_codes=True, full_box_sells=True)
NAME = "Cliente 7-1"
POINT = PLACES["viable"].point


@pytest.fixture(scope="module")
def network():
    return pickle.dumps(sample_network())


@pytest.fixture
def store(network):
    return Store(pickle.loads(network))


def box_named(store, name):
    return next(one for one in store["boxes"].values() if one["name"] == name)


def sell(store, box="CTO 04-04", name=NAME, code="BOT-1"):
    """The property that this order makes."""
    box = box_named(store, box)
    form = {"project": box["project"], "box": box["id"], "lat": POINT.lat, "lng": POINT.lng}
    client = {"code": code, "name": name, "implanted": False}
    made = create(store, "properties", {**form, "auto_connect": True, "client": client}, KNOWN)
    return store["properties"][made["id"]]


def prospect(store, name=NAME, code="BOT-1"):
    return create(store, "prospects", {"code": code, "name": name, "viable": False}, KNOWN)


def talk(*steps):
    """A conversation in which this was heard: (action, code) or (action, reply), or lists of them at once."""
    heard = [
        [
            Heard(action, {"codigo": said} if isinstance(said, str) else said)
            for action, said in (step if isinstance(step, list) else [step])
        ]
        for step in steps
    ]
    return Conversation(NAME, "huggy", {}, (), heard)


def told(sold, code="reservado"):
    """The reply that tells of a property."""
    (connection,) = sold["connections"]
    port = str(connection["port"])
    return {"codigo": code, "imovel_id": sold["id"], "caixa_id": sold["box"], "porta": port}


def kinds(before, store, *talks, pending=None):
    return {one.kind for one in audit.audit(before, Books.of(store), talks, pending or {})}


def test_nothing_asked_and_nothing_there(store):
    assert kinds(Books.of(store), store) == set()


@pytest.mark.parametrize(
    "steps",
    [
        lambda sold: [(RESERVE, told(sold))],
        lambda sold: [(RESERVE, ""), (RESERVE, told(sold, "ja_reservado"))],
        lambda sold: [[(RESERVE, told(sold)), (RESERVE, "reserva_pendente")], (ASK, "reserva_encontrada")],
        lambda sold: [(RESERVE, "reserva_pendente")],
        lambda sold: [(RESERVE, "")],
        lambda sold: [(RESERVE, told(sold)), (CANCEL, "")],
        lambda sold: [(RESERVE, told(sold)), (CANCEL, "reserva_cancelada"), (RESERVE, "reserva_pendente")],
        lambda sold: [(RESERVE, told(sold)), [(CANCEL, "reserva_cancelada"), (RESERVE, told(sold))]],
    ],
)
def test_a_reservation_that_is_there(store, steps):
    before = Books.of(store)
    assert kinds(before, store, talk(*steps(sell(store)))) == set()


def test_a_reservation_that_is_not_there(store):
    before, sold = Books.of(store), sell(store)
    reserved, accepted = talk((RESERVE, told(sold))), talk((RESERVE, "reserva_pendente"))
    delete(store, "properties", sold)
    assert kinds(before, store, reserved) == kinds(before, store, accepted) == {audit.LOST}
    assert kinds(before, store, reserved, pending={NAME: {RESERVE}}) == set()
    assert kinds(before, store, accepted, pending={NAME: {RESERVE}}) == set()
    prospect(store)
    assert kinds(before, store, accepted) == set()
    assert kinds(before, store, reserved) == {audit.LOST}


def test_a_reservation_that_is_elsewhere(store):
    before, sold = Books.of(store), sell(store)
    said = told(sold)
    for change_of in ({"porta": "8"}, {"caixa_id": "x"}, {"imovel_id": "x"}):
        assert kinds(before, store, talk((RESERVE, said | change_of))) == {audit.NOT_AS_TOLD}


def test_a_prospect_that_is_there_or_not(store):
    before = Books.of(store)
    for code in ("prospect_criado", "prospect_ja_existe", "prospect_pendente"):
        assert kinds(before, store, talk((PROSPECT, code))) == {audit.LOST}
        assert kinds(before, store, talk((PROSPECT, code)), pending={NAME: {PROSPECT}}) == set()
    prospect(store)
    assert kinds(before, store, talk((PROSPECT, "prospect_criado"))) == set()
    assert kinds(before, store, talk((ASK, "reserva_nao_encontrada"))) == {audit.NOT_ASKED}


@pytest.mark.parametrize(("name", "code"), [(NAME, "BOT-1"), (NAME, "BOT-2"), ("Cliente 7-2", "BOT-1")])
def test_one_customer_or_code_twice(store, name, code):
    before = Books.of(store)
    sell(store)
    sell(store, "CTO 00-05", name, code)
    talks = [
        talk((RESERVE, "reserva_pendente")),
        Conversation("Cliente 7-2", "huggy", {}, (), [[Heard(RESERVE)]]),
    ]
    assert kinds(before, store, *talks) == {audit.CLIENTS_TWICE}
    prospect(store)
    prospect(store, name, code)
    assert kinds(before, store, *talks) == {audit.CLIENTS_TWICE, audit.PROSPECTS_TWICE}


def test_what_nobody_asked_for(store):
    before, sold = Books.of(store), sell(store)
    assert kinds(before, store) == {audit.NOT_ASKED}
    assert kinds(before, store, talk((ASK, "reserva_nao_encontrada"))) == {audit.NOT_ASKED}
    assert kinds(before, store, talk((RESERVE, "sem_viabilidade"))) == {audit.NOT_ASKED}
    for code in ("reserva_cancelada", "cancelamento_pendente"):
        cancelled = talk((RESERVE, told(sold)), (CANCEL, code), (RESERVE, "cancelamento_pendente"))
        assert kinds(before, store, cancelled) == {audit.NOT_ASKED}
        assert kinds(before, store, cancelled, pending={NAME: {RESERVE}}) == set()
    change(store, "properties", sold, {"client": None}, KNOWN)
    assert audit.NOT_ASKED in kinds(before, store, talk((RESERVE, "")))


def test_a_property_without_port(store):
    before, sold = Books.of(store), sell(store, "CTO 31-01")
    assert sold["connections"] == []
    assert kinds(before, store, talk((RESERVE, "reserva_pendente"))) == {audit.NO_PORT}


def test_a_port_with_two_properties(store):
    before, sold = Books.of(store), sell(store)
    other = sell(store, "CTO 00-05", "Cliente 7-2", "BOT-2")
    store["properties"].change(other["id"], connections=sold["connections"])
    talks = [talk((RESERVE, "")), Conversation("Cliente 7-2", "huggy", {}, (), [[Heard(RESERVE)]])]
    assert kinds(before, store, *talks) == {audit.DOUBLE_BOOKED}


def test_a_splitter_that_knows_nothing_of_its_property(store):
    before, sold = Books.of(store), sell(store)
    splitter = store["splitters"][sold["connections"][0]["id"]]
    store["splitters"].change(splitter["id"], connectables={"input": [], "output": [None] * 8})
    assert audit.DOUBLE_BOOKED in kinds(before, store, talk((RESERVE, "")))


def test_a_customer_of_somebody_else(store):
    before = Books.of(store)
    key = next(key for key, one in before.properties.items() if one["client"])
    delete(store, "properties", store["properties"][key])
    assert kinds(before, store) == {audit.HARMED}


def test_a_defect_of_ours(store):
    assert kinds(Books.of(store), store, talk((RESERVE, "erro_interno"))) == {audit.BROKEN}


LOOK = Received("GET", "/properties/client/BOT-1", {}, 200)
LOOK_FOR_PROSPECT = Received("GET", "/prospects", {"filter": '[{"property":"code","value":"BOT-1"}]'}, 200)
RESET, SLOW = Fault("/", broken="reset"), Fault("/", delay=9)
CUT_OFF = Fault("/", broken="half")


def create_of(path, fault=None):
    body = {"code": "BOT-1"} if path == "/prospects" else {"client": {"code": "BOT-1"}}
    return Received("POST", path, {}, 201, json.dumps(body), fault)


@pytest.mark.parametrize(("path", "look"), [("/properties", LOOK), ("/prospects", LOOK_FOR_PROSPECT)])
def test_a_create_repeated_without_a_look(path, look):
    whole, lost = create_of(path), create_of(path, RESET)
    broken_look, slow_look = (replace(look, fault=fault) for fault in (CUT_OFF, SLOW))
    other_look = LOOK if look is LOOK_FOR_PROSPECT else LOOK_FOR_PROSPECT
    well = [
        [whole, whole],  # what came back whole is known
        [lost, look, whole],
        [lost, slow_look, whole],
        [create_of(path, SLOW), whole],
    ]
    for calls in well:
        assert list(audit.blind_repeats(calls)) == []
    badly = [
        [lost, whole],
        [lost, broken_look, whole],
        [look, lost, other_look, whole],
        [lost, look, lost, whole],
    ]
    for calls in badly:
        assert list(audit.blind_repeats(calls)) == [(audit.BLIND, f"{path} BOT-1")]
