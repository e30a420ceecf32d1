"""The campaign's audit: it must see each thing that may go wrong, and nothing where all is well."""

import json
import pickle
from dataclasses import replace

import pytest

from bench.campaign import audit, books, calls
from bench.campaign.audit import Outside
from bench.campaign.books import Books
from bench.campaign.conversations import ASK, CANCEL, PROSPECT, RESERVE, Conversation, Heard, Taken
from sandbox import PLACES, Behaviour, Fault, Received, sample_network
from sandbox.store import Store
from sandbox.writes import add, change, create, delete

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


def sell(store, box="CTO 04-04", name=NAME, code="BOT-1", client=None):
    """The property that this order makes, with a client that is there or a new one."""
    box = box_named(store, box)
    form = {"project": box["project"], "box": box["id"], "lat": POINT.lat, "lng": POINT.lng}
    client = client or {"code": code, "name": name, "implanted": False}
    made = create(store, "properties", {**form, "auto_connect": True, "client": client}, KNOWN)
    return store["properties"][made["id"]]


def prospect(store, name=NAME, code="BOT-1"):
    return create(store, "prospects", {"code": code, "name": name, "viable": False}, KNOWN)


def talk(*steps, at_last=None, **fields):
    """A conversation in which this was heard: (action, code) or (action, reply), or lists of them at once."""
    heard = [
        [
            Heard(action, {"codigo": said} if isinstance(said, str) else said)
            for action, said in (step if isinstance(step, list) else [step])
        ]
        for step in steps
    ]
    last = at_last and Heard(ASK, {"codigo": at_last} if isinstance(at_last, str) else at_last)
    return Conversation(NAME, "huggy", {"codigo_cliente": "ERP-1"}, (), heard=heard, at_last=last, **fields)


def told(sold, code="reservado"):
    """The reply that tells of a property."""
    (connection,) = sold["connections"]
    port = str(connection["port"])
    return {"codigo": code, "imovel_id": sold["id"], "caixa_id": sold["box"], "porta": port}


def kinds(before, store, *talks, **outside):
    return {one.kind for one in audit.audit(before, Books.of(store), talks, Outside(**outside))}


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
        left = {NAME: {PROSPECT}}
        assert kinds(before, store, talk((PROSPECT, code)), given_up=left) == {audit.GIVEN_UP}
        taken = talk((PROSPECT, code), taken=Taken.REFUSED)
        assert kinds(before, store, taken, given_up=left) == set()
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
        Conversation("Cliente 7-2", "huggy", {}, (), heard=[[Heard(RESERVE)]]),
    ]
    assert kinds(before, store, *talks) == {books.CLIENTS_TWICE}
    prospect(store)
    prospect(store, name, code)
    assert kinds(before, store, *talks) == {books.CLIENTS_TWICE, books.PROSPECTS_TWICE}


def test_what_nobody_asked_for(store):
    before, sold = Books.of(store), sell(store)
    assert kinds(before, store) == {audit.NOT_ASKED}
    assert kinds(before, store, talk((ASK, "reserva_nao_encontrada"))) == {audit.NOT_ASKED}
    assert kinds(before, store, talk((RESERVE, "sem_viabilidade"))) == {audit.NOT_ASKED}
    for code in ("reserva_cancelada", "cancelamento_pendente"):
        cancelled = talk((RESERVE, told(sold)), (CANCEL, code), (RESERVE, "cancelamento_pendente"))
        assert kinds(before, store, cancelled) == {audit.NOT_ASKED}
    change(store, "properties", sold, {"client": None}, KNOWN)
    assert audit.NOT_ASKED in kinds(before, store, talk((RESERVE, "")))


def test_a_property_without_port(store):
    before, sold = Books.of(store), sell(store, "CTO 31-01")
    assert sold["connections"] == []
    assert kinds(before, store, talk((RESERVE, "reserva_pendente"))) == {books.NO_PORT}


def test_a_port_with_two_properties(store):
    before, sold = Books.of(store), sell(store)
    other = sell(store, "CTO 00-05", "Cliente 7-2", "BOT-2")
    store["properties"].change(other["id"], connections=sold["connections"])
    talks = [talk((RESERVE, "")), Conversation("Cliente 7-2", "huggy", {}, (), heard=[[Heard(RESERVE)]])]
    assert kinds(before, store, *talks) == {books.DOUBLE_BOOKED}


def test_a_splitter_that_knows_nothing_of_its_property(store):
    before, sold = Books.of(store), sell(store)
    splitter = store["splitters"][sold["connections"][0]["id"]]
    store["splitters"].change(splitter["id"], connectables={"input": [], "output": [None] * 8})
    assert books.DOUBLE_BOOKED in kinds(before, store, talk((RESERVE, "")))


def test_a_customer_of_somebody_else(store):
    before = Books.of(store)
    key = next(key for key, one in before.properties.items() if one["client"])
    delete(store, "properties", store["properties"][key])
    assert kinds(before, store) == {books.HARMED}


def test_a_defect_of_ours(store):
    assert kinds(Books.of(store), store, talk((RESERVE, "erro_interno"))) == {audit.BROKEN}


def test_a_promise_that_nobody_works_on(store):
    before = Books.of(store)
    sell(store)
    promised = talk((RESERVE, "reserva_pendente"))
    assert kinds(before, store, promised, given_up={NAME: {RESERVE}}) == {audit.GIVEN_UP}


@pytest.mark.parametrize(
    "code", ["ozmap_recusou", "falhou", "dados_invalidos", "reserva_pendente", "ocupado"]
)
def test_a_promise_that_a_consulta_does_not_keep(store, code):
    before = Books.of(store)
    prospect(store)
    promised = talk((RESERVE, "reserva_pendente"), at_last=code)
    assert audit.NOT_SOLD in kinds(before, store, promised)
    kept = talk((RESERVE, "reserva_pendente"), at_last="sem_viabilidade")
    assert kinds(before, store, kept) == set()


def test_a_consulta_that_says_something_else(store):
    before, sold = Books.of(store), sell(store)
    said = told(sold, "reserva_encontrada")
    assert kinds(before, store, talk((RESERVE, told(sold)), at_last=said)) == set()
    assert kinds(before, store, talk((RESERVE, told(sold)), at_last="reserva_nao_encontrada")) == {audit.LOST}
    assert kinds(before, store, talk((RESERVE, ""), at_last=said | {"porta": "8"})) == {audit.NOT_AS_TOLD}


def test_a_customer_whom_a_fourth_box_would_take(store):
    before = Books.of(store)
    refused = talk((RESERVE, "ozmap_recusou"), certain=True)
    boxes = {"first", "second", "third"}
    for tried, wrong in ((boxes, {audit.NOT_SOLD}), ({*boxes, "fourth"}, set())):
        assert kinds(before, store, refused, refused={NAME: tried}, refusing=frozenset(boxes)) == wrong
    sell(store)
    sure = talk((RESERVE, "reserva_pendente"), certain=True)
    assert kinds(before, store, sure, refused={NAME: boxes}, refusing=frozenset(boxes)) == set()


@pytest.mark.parametrize("code", ["", "ocupado", "ozmap_indisponivel"])
def test_a_customer_of_a_fourth_box_whom_nobody_answered(store, code):
    unheard = talk((RESERVE, ""), (RESERVE, code), certain=True)
    assert kinds(Books.of(store), store, unheard) == set()
    unheard.heard.append([Heard(RESERVE, {"codigo": "sem_viabilidade"})])
    assert kinds(Books.of(store), store, unheard) == {audit.NOT_SOLD}


def test_a_client_of_ours_that_is_left_alone(store):
    before, sold = Books.of(store), sell(store)
    client = store["ftth-clients"][sold["client"]]
    store["ftth-clients"].add(client | {"id": "7" * 24, "code": "BOT-2", "name": "Cliente 7-2"})
    other = Conversation("Cliente 7-2", "huggy", {}, (), heard=[[Heard(RESERVE)]])
    assert kinds(before, store, talk((RESERVE, told(sold))), other) == {audit.NO_PROPERTY}


def test_the_client_of_somebody_else_may_be_used_and_stays(store):
    """Its property is ours; nobody but a person cancels it."""
    client = add(store, "ftth-clients", {"code": "ERP-1", "name": "Own", "implanted": False})
    before, sold = Books.of(store), sell(store, client=client["id"])
    alone = {"taken": Taken.ALONE}
    assert kinds(before, store, talk((RESERVE, told(sold)), **alone)) == set()
    assert kinds(before, store, talk((RESERVE, told(sold)), (CANCEL, "reserva_cancelada"), **alone)) == set()
    assert audit.NOT_ASKED in kinds(before, store, talk((RESERVE, told(sold)), taken=Taken.SOLD))
    store["ftth-clients"].remove(client["id"])
    assert books.HARMED in kinds(before, store, talk((RESERVE, told(sold)), **alone))


def test_a_refusal_that_ozmap_gave(store):
    before = Books.of(store)
    refused = talk((RESERVE, "ozmap_recusou"))
    assert kinds(before, store, refused) == {audit.BROKEN}
    assert kinds(before, store, refused, refused={NAME: {"first"}}) == set()
    invalid = (RESERVE, "dados_invalidos")
    assert kinds(before, store, talk(invalid)) == {audit.BROKEN}
    assert kinds(before, store, talk(invalid, taken=Taken.SOLD)) == set()


LOOK = Received("GET", "/properties/client/BOT-1", {}, 200)
LOOK_FOR_PROSPECT = Received("GET", "/prospects", {"filter": '[{"property":"code","value":"BOT-1"}]'}, 200)
RESET, SLOW = Fault("/", broken="reset"), Fault("/", delay=9)
CUT_OFF = Fault("/", broken="half")


def create_of(path, fault=None, status=201, client=None):
    body = {"code": "BOT-1"} if path == "/prospects" else {"client": client or {"code": "BOT-1"}}
    return Received("POST", path, {}, status, json.dumps(body), fault)


def creates(*received):
    return calls.Creates(received, {"7" * 24: {"code": "BOT-1", "name": NAME}})


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
        [create_of(path, status=400), whole],
        [create_of(path, CUT_OFF, status=400), whole],
    ]
    if look is LOOK:
        well.append([lost, replace(broken_look, status=404), whole])
    for received in well:
        assert list(creates(*received).blind_repeats()) == []
    badly = [
        [lost, whole],
        [lost, broken_look, whole],
        [look, lost, other_look, whole],
        [lost, look, lost, whole],
        [create_of(path, status=500), whole],
    ]
    for received in badly:
        assert list(creates(*received).blind_repeats()) == [(calls.BLIND, f"{path} BOT-1")]


def test_a_create_with_the_client_that_is_there_counts_for_its_code():
    with_id = create_of("/properties", client="7" * 24)
    lost = create_of("/properties", RESET)
    assert list(creates(lost, with_id).blind_repeats()) == [(calls.BLIND, "/properties BOT-1")]
    assert list(creates(*[with_id, lost] * 15).too_many()) == []
    assert list(creates(*[with_id, lost] * 15, lost).too_many()) == [(calls.TOO_MANY, "BOT-1: 31")]


def test_the_boxes_that_refused_a_customer():
    body = json.dumps({"client": "7" * 24, "box": "first"})
    no_box = json.dumps({"client": {"code": "BOT-1", "name": NAME}})
    received = [Received("POST", "/properties", {}, status, body) for status in (400, 201, 500)]
    assert creates(*received).refused_boxes() == {NAME: {"first"}}
    received.append(Received("POST", "/properties", {}, 422, no_box))
    assert creates(*received).refused_boxes() == {NAME: {"first", ""}}
