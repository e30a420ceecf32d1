"""Calls, workers and people in OZmap at bad moments: nothing foreign is touched, nothing untrue said."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from sandbox import PLACES
from tests.sales.habits import refuse_all, set_down
from tests.sales.shop import PERSON, Shop
from tests.sales.stand_in import Refusal
from webhook.sales.claims import Claims
from webhook.sales.records import Reservation, read
from webhook.sales.retention import Person, forget
from webhook.sales.work import Work
from webhook.store import StoreUnavailable
from webhook.store.lease import Lease
from webhook.store.outbox import Owed, borrow, put
from webhook.store.tables import outbox, prospects, reservations


def status(shop, action, **values):
    said = {"conversa_id": "c1"} | values
    answer = shop.app.test_client().post(
        f"/fivehub/{action}", json=said, headers={"X-Webhook-Key": "fivehub-key-1"}
    )
    return answer.status_code, answer.get_json()["codigo"]


def activated(shop):
    reply = shop.reserve()
    assert reply["codigo"] == "reservado"
    assert shop.code("reserva/ativacao") == "reserva_ativada"
    return reply


def test_cancel_of_an_active_one_that_somebody_deleted(any_shop):
    reply = activated(any_shop)
    any_shop.by_hand("DELETE", f"properties/{reply['imovel_id']}")
    assert status(any_shop, "reserva/cancelamento")[0] == 200


def test_cancel_of_an_active_one_while_ozmap_is_down(any_shop):
    activated(any_shop)
    set_down(any_shop)
    assert status(any_shop, "reserva/cancelamento")[0] == 200


def test_cancel_of_an_active_one_that_is_not_implanted_any_more(any_shop):
    reply = activated(any_shop)
    any_shop.by_hand("PATCH", f"ftth-clients/{reply['cliente_id']}", implanted=False)
    assert status(any_shop, "reserva/cancelamento")[0] == 200


def test_two_cancellations_at_once(other):
    assert other.reserve()["codigo"] == "reservado"
    remove = other.sandbox.remove

    def slowly(*which):
        time.sleep(0.4)
        remove(*which)

    other.sandbox.remove = slowly
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda _: status(other, "reserva/cancelamento"), range(2)))
    assert [code for code, _ in replies] == [200, 200], replies


def test_cancel_that_waits_for_a_worker_that_finds_no_port(other):
    set_down(other)
    assert other.reserve()["codigo"] == "reserva_pendente"
    set_down(other, down=False)
    other.restart()
    other.sandbox.full = {box["name"] for box in other.sandbox.boxes}
    radius = other.sandbox.radius
    other.sandbox.radius = lambda: (time.sleep(0.5), radius())[1]
    other.look_again()
    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(other.worker.deliver_one)
        time.sleep(0.2)
        reply = status(other, "reserva/cancelamento")
        worker.result()
    assert reply[0] == 200, reply


# (1) something foreign deleted


def lose_the_answer(stand_in, lands=True):
    """The next POST's answer is lost; its property lands at once, or when `land()` is called."""
    sell, late = stand_in.sell, []

    def sell_and_die(form):
        if isinstance(form["client"], dict):
            return sell(form)  # refused: the code is in use
        stand_in.sell = sell
        late.append(form)
        if lands:
            sell(form)
        stand_in.down = True
        raise ConnectionResetError

    stand_in.sell = sell_and_die
    return lambda: [sell(form) for form in late]


def foreign_lost(other, deadline=None):
    theirs = dict(other.add_client("ERP-7"))
    land = lose_the_answer(other.sandbox, lands=False)
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()
    assert other.code("reserva/cancelamento") == "reserva_cancelada"
    land()  # OZmap was slow
    return theirs


def test_foreign_client_of_a_lost_post_is_deleted_after_a_new_reservation(other):
    theirs = foreign_lost(other)
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    other.code("reserva/cancelamento")
    other.work()
    assert other.sandbox.store["ftth-clients"].get(theirs["id"]) == theirs


def test_foreign_client_of_a_lost_post_is_deleted_by_a_reservation_elsewhere(other):
    theirs = foreign_lost(other)
    other.reserve(codigo_cliente="ERP-7", place="no_fibre_street")
    other.work()
    assert other.sandbox.store["ftth-clients"].get(theirs["id"]) == theirs


def test_foreign_client_is_deleted_after_forget(other):
    theirs = dict(other.add_client("ERP-7"))
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    forget(other.store, Person(phone="+5548999887766"))
    other.reserve("c2", codigo_cliente="ERP-7", place="no_fibre_street")
    other.work()
    assert other.sandbox.store["ftth-clients"].get(theirs["id"]) == theirs


def test_another_tenant_with_the_same_code_loses_its_reservation(stand_in, sqlite_url):
    one = Shop(stand_in, sqlite_url, slug="one")
    assert one.reserve(codigo_cliente="3066")["codigo"] == "reservado"
    sold = one.everything()
    two = Shop(stand_in, sqlite_url, slug="two")
    reply = two.reserve(codigo_cliente="3066", place="no_fibre_street")
    after = two.everything()
    assert all(after["properties"].get(id_) == record for id_, record in sold["properties"].items()), reply


def test_another_tenants_prospect_is_taken_and_shared(stand_in, sqlite_url):
    one = Shop(stand_in, sqlite_url, slug="one")
    first = one.prospect(codigo_cliente="3066")
    two = Shop(stand_in, sqlite_url, slug="two")
    assert two.prospect(codigo_cliente="3066", nome="Outra")["prospect_id"] != first["prospect_id"]


@pytest.mark.parametrize("connects", [True, False])
def test_a_client_that_somebody_put_into_our_property_while_it_waits_for_its_port(
    open_other, connects, monkeypatch
):
    monkeypatch.setattr("webhook.sales.looking.CONNECTED_AFTER", (1.0, 3.0, 7.0))
    other = open_other(deadline=3)
    stand_in = other.sandbox
    hidden = [True]
    stand_in.show = lambda name, one: one | {"connections": []} if name == "properties" and hidden[0] else one
    assert other.reserve()["codigo"] == "reserva_pendente"
    (record,) = stand_in.store["properties"].values()
    theirs = other.add_client("ERP-77")
    record["client"] = theirs["id"]  # a seller puts another client into it
    hidden[0] = not connects
    other.work()
    other.code("reserva/cancelamento")
    other.work()
    assert theirs["id"] in stand_in.store["ftth-clients"]


# (2) ports, clients


def test_the_client_of_a_sale_survives_the_late_landing_of_a_lost_post(other):
    """Two properties with one client: deleting the surplus one takes the customer along."""
    stand_in = other.sandbox
    sell, late = stand_in.sell, []

    def client_then_die(form):
        stand_in.sell = sell
        client = stand_in.add("ftth-clients", form["client"])
        late.append(form | {"client": client["id"]})
        stand_in.down = True
        raise ConnectionResetError

    stand_in.sell = client_then_die
    assert other.reserve()["codigo"] == "reserva_pendente"
    stand_in.down = False
    other.restart()
    other.pass_time()
    assert other.worker.deliver_one()
    assert other.code("reserva/consulta") == "reserva_encontrada"
    sell(late[0])
    other.work()
    assert len(other.clients(other.own_code())) == 1, "the customer's client is gone"
    assert other.code("reserva/consulta") == "reserva_encontrada"
    assert other.code("reserva/ativacao") == "reserva_ativada"


def test_a_property_that_landed_just_before_a_refusal_keeps_its_client(other):
    stand_in = other.sandbox
    sell, late = stand_in.sell, []

    def client_then_die(form):
        stand_in.sell = lands_and_refuses
        client = stand_in.add("ftth-clients", form["client"])
        late.append(form | {"client": client["id"]})
        stand_in.down = True
        raise ConnectionResetError

    def lands_and_refuses(form):
        stand_in.sell = sell
        sell(late[0])
        raise Refusal(400, f"Cliente {other.own_code()} já possui um imóvel.")

    stand_in.sell = client_then_die
    assert other.reserve()["codigo"] == "reserva_pendente"
    stand_in.down = False
    other.restart()
    other.work()
    assert len(stand_in.store["properties"]) == 1, "a port is held for nobody"


def test_nobody_reserves_for_who_heard_ocupado(other, monkeypatch):
    """The store fails between the claim and the POST."""
    save = Work.save

    def fail(self, sale, promise=False):
        if promise:
            raise StoreUnavailable("disk full")
        save(self, sale, promise)

    with monkeypatch.context() as patch:
        patch.setattr(Work, "save", fail)
        assert other.reserve()["codigo"] == "ocupado"
    other.work()
    assert not other.sandbox.store["properties"], "reserved for a customer who heard ocupado"


def test_nobody_reserves_for_who_heard_erro_interno(other, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("webhook.sales.reserve._form", lambda *_: 1 / 0)
        patch.setattr("webhook.sales.reserve.feasibility", lambda *_: 1 / 0)
        said = dict(PERSON, latitude=-27.59, longitude=-48.5)
        assert status(other, "reserva", **said)[0] == 500
    other.work()
    assert not other.sandbox.store["properties"]


# (3) untrue


def test_a_short_code_in_the_words_of_a_box(other):
    """ERP codes are short numbers: OZmap's words name a box that has the digit in its name."""
    refused = other.sandbox.boxes[0]["id"]
    other.sandbox.refuse = lambda form: (
        "A caixa CTO 1 não possui portas livres." if form["box"] == refused else None
    )
    assert other.reserve(codigo_cliente="1")["codigo"] == "reservado"


@pytest.mark.parametrize("code", [403, 404])
def test_a_refusal_that_names_the_code_whatever_its_status(other, code):
    other.sandbox.refusal_status = code
    other.add_client("ERP-7")
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"


def test_a_box_that_was_deleted_meanwhile(other):
    """404 Caixa não encontrada: other boxes would take the customer."""
    other.sandbox.refusal_status = 404
    refused = other.sandbox.boxes[0]["id"]
    other.sandbox.refuse = lambda form: "Caixa não encontrada." if form["box"] == refused else None
    assert other.reserve()["codigo"] == "reservado"


def test_without_a_worker_consulta_promises_nothing(open_other):
    shop = open_other(without_worker=True)
    shop.sandbox.sell = lambda form: die(shop.sandbox)
    assert shop.reserve()["codigo"] == "ozmap_indisponivel"
    shop.sandbox.down = False
    shop.restart()
    assert shop.code("reserva/consulta") != "reserva_pendente"


def die(stand_in):
    stand_in.down = True
    raise ConnectionResetError


def test_a_port_that_is_found_without_a_promise_is_told_or_listed(open_other, pending):
    shop = open_other(without_worker=True)
    sell = shop.sandbox.sell

    def sell_and_die(form):
        shop.sandbox.sell = sell
        sell(form)
        die(shop.sandbox)

    shop.sandbox.sell = sell_and_die
    assert shop.reserve()["codigo"] == "ozmap_indisponivel"
    shop.sandbox.down = False
    shop.restart()
    shop.beat()
    shop.work()
    held = len(shop.sandbox.store["properties"])
    listed = shop.own_code() in pending(shop) + pending(shop, "--untold")
    assert not held or listed, "a port is held for a customer who heard ozmap_indisponivel, listed nowhere"


def test_a_promise_outlives_a_cancellation_that_was_killed(other, pending):
    other.sandbox.down = True
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webhook.sales.ours.properties", kill)
        with pytest.raises(Killed):
            other.ask("reserva/cancelamento")
    other.sandbox.refuse = lambda form: "Limite contratado de clientes atingido"
    other.work(rounds=60)
    codes = {other.code("reserva/consulta")}
    listed = other.own_code() in pending(other) + pending(other, "--untold")
    assert codes == {"falhou"} or listed, codes


@pytest.mark.parametrize("status_code", [401, 403])
def test_a_cancellation_that_ozmap_refused_did_not_happen(other, status_code):
    other.sandbox.down = True
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()
    answer = other.sandbox.answer

    def refuse(call, query):
        raise Refusal(status_code, "Sem permissão")

    other.sandbox.answer = refuse
    code = other.code("reserva/cancelamento")
    other.sandbox.answer = answer
    other.work()
    now = other.code("reserva/consulta")
    assert (code, now) != ("ozmap_recusou", "reserva_nao_encontrada")


def test_a_prospect_promised_to_an_equal_call_is_kept_or_told(other, pending):
    def kill(*_):
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webhook.sales.prospect._form", kill)
        with pytest.raises(SystemExit):
            other.prospect()
    other.pass_time()  # the lease is over
    assert other.prospect()["codigo"] == "prospect_pendente"
    other.sandbox.refusal_status = 400
    add = other.sandbox.add

    def refuse(name, fields):
        if name == "prospects":
            raise Refusal(400, "Telefone inválido")
        return add(name, fields)

    other.sandbox.add = refuse
    other.work(rounds=60)
    assert not other.sandbox.store["prospects"]
    with other.store.read() as connection:
        rows = connection.execute(select(prospects.c.state, prospects.c.untold)).all()
    assert "c1" in pending(other) + pending(other, "--untold"), rows


def test_a_prospect_promised_to_a_double_click_is_kept_or_told(other, pending):
    add, pause = other.sandbox.add, [1.8, 1.8]

    def refuse(name, fields):
        if name == "prospects":
            other.sandbox.lock.release()
            time.sleep(pause.pop() if pause else 0)
            other.sandbox.lock.acquire()
            raise Refusal(400, "Telefone inválido")
        return add(name, fields)

    other.sandbox.add = refuse
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda _: other.prospect()["codigo"], range(2)))
    other.work(rounds=60)
    if "prospect_pendente" in codes:
        assert "c1" in pending(other) + pending(other, "--untold"), codes


def test_a_promise_that_a_defect_ends_has_a_notice(other, monkeypatch):
    notices_told = []
    monkeypatch.setattr("webhook.sales.ending.notify", lambda *a, **k: notices_told.append(a) or True)
    other.sandbox.down = True
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()
    monkeypatch.setattr("webhook.sales.reserve.feasibility", lambda *_: 1 / 0)
    other.work(rounds=60)
    assert other.code("reserva/consulta") == "falhou"
    assert notices_told


def test_a_street_is_asked_for_its_number_by_a_double_click_too(open_other, own_sandbox, stand_in):
    shop = open_other(geocoder_url=f"{own_sandbox.url}/nominatim")
    stand_in.full = {box["name"] for box in stand_in.boxes}
    radius = stand_in.radius
    stand_in.radius = lambda: (stand_in.lock.release(), time.sleep(1.8), stand_in.lock.acquire(), radius())[3]
    street = {"latitude": None, "longitude": None, "localizacao": "Estrada do Morro Alto, 99999"}
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda _: shop.reserve(**street)["codigo"], range(2)))
    stand_in.radius = radius
    shop.work()
    assert set(codes) == {"endereco_impreciso"}, (codes, shop.code("reserva/consulta"))


def test_consulta_when_the_name_of_the_box_cannot_be_read(other):
    stand_in = other.sandbox
    sell = stand_in.sell

    def sell_and_die(form):
        stand_in.sell = sell
        sell(form | {"box": stand_in.boxes[1]["id"]})  # or a seller moved it
        die(stand_in)

    stand_in.sell = sell_and_die
    assert other.reserve()["codigo"] == "reserva_pendente"
    stand_in.down = False
    other.restart()
    other.look_again()
    answer = stand_in.answer

    def no_boxes(call, query):
        if call.path.startswith("/boxes"):
            raise Refusal(403, "Sem permissão")
        return answer(call, query)

    stand_in.answer = no_boxes
    assert status(other, "reserva/consulta")[0] == 200


def test_a_promised_reservation_without_port_becomes_a_prospect_again(other):
    """A row of a cancelled prospect at the same place is in its way."""
    made = other.prospect(place="viable")
    other.by_hand("DELETE", f"prospects/{made['prospect_id']}")
    add = other.sandbox.add

    def refuse(name, fields):
        if name == "prospects":
            raise Refusal(400, "não")
        return add(name, fields)

    other.sandbox.add = refuse
    assert other.prospect(place="viable")["codigo"] == "ozmap_recusou"
    other.sandbox.add = add
    other.sandbox.down = True
    assert other.reserve()["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()
    other.sandbox.full = {box["name"] for box in other.sandbox.boxes}
    other.work()
    assert other.code("reserva/consulta") == "sem_viabilidade"
    assert len(other.sandbox.store["prospects"]) == 1


# migration


def test_a_cancel_by_a_second_conversation_leaves_the_first_its_own(other):
    """c2 has a reservation of its own, then is told ja_reservado of c1's; its cancel takes c1's."""
    assert other.reserve("c2")["codigo"] == "reservado"
    assert other.reserve("c1", codigo_cliente="ERP-7")["codigo"] == "reservado"
    other.reserve("c2", codigo_cliente="ERP-7")
    other.code("reserva/cancelamento", "c2")
    assert other.code("reserva/consulta", "c1") == "reserva_encontrada"


# second batch


def test_consulta_keeps_its_deadline(open_other):
    other = open_other(deadline=4)
    stand_in = other.sandbox
    stand_in.sell = lambda form: die(stand_in)
    assert other.reserve()["codigo"] == "reserva_pendente"
    stand_in.down = False
    other.restart()
    answer = stand_in.answer

    def slow(call, query):
        stand_in.lock.release()
        time.sleep(1.75)
        stand_in.lock.acquire()
        return answer(call, query)

    stand_in.answer = slow
    with other.store.write() as connection:
        connection.execute(update(outbox).values(lease=None, lease_until=None))
    started = time.monotonic()
    other.ask("reserva/consulta")
    assert time.monotonic() - started <= 4.5


def ended_untold(other, **values):
    other.sandbox.down = True
    assert other.reserve(**values)["codigo"] == "reserva_pendente"
    other.sandbox.down = False
    other.restart()
    other.work()


def test_who_asked_while_ozmap_was_down_has_not_heard(other, pending):
    ended_untold(other)
    assert other.codes["c1"] in pending(other, "--untold")
    other.sandbox.down = True
    assert other.code("reserva/consulta") == "ozmap_indisponivel"
    assert other.codes["c1"] in pending(other, "--untold")


def test_a_second_conversation_hears_nothing_for_the_first(other, pending):
    ended_untold(other, codigo_cliente="ERP-7")
    assert "ERP-7" in pending(other, "--untold")
    assert other.reserve("c2", codigo_cliente="ERP-7")["codigo"] == "ja_reservado"
    assert "ERP-7" in pending(other, "--untold")


@pytest.mark.parametrize("refused", [401, 403])
def test_one_refusal_does_not_end_an_expiry(open_other, refused):
    """A key that is renewed within a minute leaves every port that expired meanwhile held for good."""
    other = open_other(expires_h=24)
    assert other.reserve()["codigo"] == "reservado"
    other.expire()
    answer = other.sandbox.answer

    def refuse(call, query):
        other.sandbox.answer = answer
        raise Refusal(refused, "Unauthorized")

    other.sandbox.answer = refuse
    other.work()
    assert not other.sandbox.store["properties"]


def test_a_sweep_that_is_refused_does_not_end_the_expiry(open_other):
    other = open_other(expires_h=24)
    stand_in = other.sandbox
    sell = stand_in.sell

    def lost(form):
        stand_in.sell = sell
        die(stand_in)

    stand_in.sell = lost
    assert other.reserve()["codigo"] == "reserva_pendente"
    stand_in.down = False
    other.restart()
    other.pass_time()
    other.worker.deliver_one()
    assert other.code("reserva/consulta") == "reserva_encontrada"
    answer = stand_in.answer

    def refuse(call, query):
        raise Refusal(403, "Sem permissão")

    stand_in.answer = refuse
    other.pass_time()
    other.worker.deliver_one()
    stand_in.answer = answer
    other.expire()
    other.work()
    assert not stand_in.store["properties"], "held for nobody: nothing looks at its expiry any more"


def test_two_calls_that_both_see_that_it_is_gone(other, monkeypatch):
    """The slower one writes off, with a stale record, what the faster one has reserved meanwhile."""
    reply = other.reserve()
    other.by_hand("DELETE", f"properties/{reply['imovel_id']}")
    take, second = Claims.take, []

    def late(self, sale):
        if not second:
            second.append(None)
            second.append(other.reserve()["codigo"])
        return take(self, sale)

    monkeypatch.setattr(Claims, "take", late)
    point = PLACES["viable"].point
    first = status(other, "reserva", **PERSON, latitude=point.lat, longitude=point.lng)
    assert (first, second[1]) == ((200, "ocupado"), "reservado")


def test_a_pending_one_that_was_dropped_before_it_is_taken(open_other, monkeypatch):
    """Without a worker: the other call ends in CANCELLED, this one goes on with nobody's data."""
    other = open_other(without_worker=True)
    other.sandbox.sell = lambda form: die(other.sandbox)
    assert other.reserve()["codigo"] == "ozmap_indisponivel"
    other.sandbox.down = False
    other.restart()
    take, second = Claims.take, []

    def late(self, sale):
        if not second:
            second.append(None)
            second.append(other.code("reserva/cancelamento"))
        return take(self, sale)

    monkeypatch.setattr(Claims, "take", late)
    point = PLACES["viable"].point
    reply = status(other, "reserva", **PERSON, latitude=point.lat, longitude=point.lng)
    assert reply[0] == 200, (reply, second)


# third batch


def clients_cannot_be_listed(stand_in, how):
    """The key may not, or OZmap ignores the filter and has more than 10,000 clients."""
    answer = stand_in.answer

    def no(call, query):
        if call.method == "GET" and call.path == "/ftth-clients":
            if how == "403":
                raise Refusal(403, "Sem permissão")
            return 200, {"total": 20000, "count": 1, "rows": [], "start": 0}
        return answer(call, query)

    stand_in.answer = no


@pytest.mark.parametrize("how", ["403"])
def test_the_next_box_is_tried_where_clients_cannot_be_listed(other, how):
    clients_cannot_be_listed(other.sandbox, how)
    refused = other.sandbox.boxes[0]["id"]
    other.sandbox.refuse = lambda form: "Sem portas livres." if form["box"] == refused else None
    assert other.reserve()["codigo"] in {"reservado", "reserva_pendente"}
    other.restart()
    other.work(rounds=100)
    assert other.code("reserva/consulta") == "reserva_encontrada", (len(other.posts()), set(other.posts()))


@pytest.mark.parametrize("how", ["403"])
def test_a_cancellation_ends_where_clients_cannot_be_listed(other, how):
    assert other.reserve()["codigo"] == "reservado"
    clients_cannot_be_listed(other.sandbox, how)
    reply = other.code("reserva/cancelamento")
    assert not other.sandbox.store["properties"]
    other.restart()
    for _ in range(40):
        other.pass_time()
        other.worker.deliver_one()
    assert other.code("reserva/consulta") == "reserva_nao_encontrada", reply


def test_activation_without_a_port(other):
    """Issue, rule 6: `ativacao` takes it while its port stands."""
    other.reserve()
    other.sandbox.show = lambda name, one: one | {"connections": []} if name == "properties" else one
    assert other.code("reserva/ativacao") != "reserva_ativada"


# fourth batch


def test_an_expiry_spares_a_client_that_the_isp_made_its_own(open_other):
    """Somebody sold it: the client has the ERP's code now, and is not implanted yet."""
    other = open_other(expires_h=24)
    reply = other.reserve()
    other.by_hand("PATCH", f"ftth-clients/{reply['cliente_id']}", code="ERP-99", observation="contrato 99")
    other.expire()
    other.work()
    assert reply["cliente_id"] in other.sandbox.store["ftth-clients"]


def test_the_number_of_boxes_named_after_a_short_code(other):
    """A two-digit code, and words about a limit."""
    refused = other.sandbox.boxes[0]["id"]
    other.sandbox.refuse = lambda form: (
        "Limite de 3066 clientes na caixa." if form["box"] == refused else None
    )
    assert other.reserve(codigo_cliente="30")["codigo"] == "reservado"


def test_foreign_client_is_deleted_after_forget_and_a_cancellation(any_shop):
    theirs = dict(any_shop.add_client("ERP-7"))
    assert any_shop.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    forget(any_shop.store, Person(phone="+5548999887766"))
    any_shop.reserve("c2", codigo_cliente="ERP-7")
    any_shop.code("reserva/cancelamento", "c2")
    assert any_shop.sandbox.store["ftth-clients"].get(theirs["id"]) == theirs


@pytest.mark.parametrize("ozmap", ["own_sandbox", "stand_in"])
def test_another_tenant_cancels_what_it_took_over(request, sqlite_url, ozmap):
    ozmap = request.getfixturevalue(ozmap)
    one = Shop(ozmap, sqlite_url, slug="one")
    first = one.reserve(codigo_cliente="3066")
    two = Shop(ozmap, sqlite_url, slug="two")
    second = two.reserve(codigo_cliente="3066", nome="Outra Pessoa")
    two.code("reserva/cancelamento")
    assert first["imovel_id"] in ozmap.store["properties"], second["codigo"]


def test_forget_while_a_call_is_at_it(other):
    sell = other.sandbox.sell

    def forgotten(form):
        forget(other.store, Person(phone="+5548999887766"))
        return sell(form)

    other.sandbox.sell = forgotten
    assert other.reserve()["codigo"] != "reserva_pendente", "nobody keeps it: the row is gone"


def test_a_cancelled_sale_makes_no_promise_of_a_new_one_in_reserva(open_other):
    """`reserva` of an expired reservation while OZmap is down."""
    other = open_other(expires_h=24)
    other.reserve()
    other.expire()
    other.sandbox.down = True
    assert other.reserve()["codigo"] in {"reserva_pendente", "ozmap_indisponivel", "ocupado"}


def test_a_defect_with_a_notice_has_a_bound(other, monkeypatch):
    from webhook.notices.delivery import Delivery
    from webhook.store.outbox import Owed, put
    from webhook.store.tables import notices

    row = {"tenant": "isp", "conversation": "huggy:1", "text": "x", "goes_on": False, "message": "waiting"}
    with other.store.write() as connection:
        made = notices.insert().values(**row, flow="waiting", changed_at=0).returning(notices.c.id)
        put(connection, Owed("notice", connection.execute(made).scalar_one(), "isp", "notices of huggy:1"))
    tries = []

    def fail(self):
        tries.append(None)
        raise ZeroDivisionError

    monkeypatch.setattr(Delivery, "run", fail)
    other.worker._notifiers = {"isp": {}}
    for _ in range(100):
        other.pass_time()
        if not other.worker.tell_one():
            break
    assert 0 < len(tries) < 100


def test_an_equal_call_is_promised_at_the_moment_of_the_drop(other, monkeypatch):
    """All boxes refuse; another call hears `reserva_pendente` just before that is written."""
    refuse_all(other)
    done, told = Lease.done, []

    def promise_first(lease, *arguments, **options):
        if not told:
            told.append(None)
            claims = Claims(other.store, "isp", 10.0)
            (sale,) = sales_of(other)
            assert claims.promise(sale)
        return done(lease, *arguments, **options)

    monkeypatch.setattr(Lease, "done", promise_first)
    assert other.reserve()["codigo"] == "ozmap_recusou"
    other.sandbox.refuse = lambda form: None
    other.work()
    assert other.code("reserva/consulta") == "reserva_encontrada"


def sales_of(shop) -> list[Reservation]:
    with shop.store.read() as connection:
        return [read(Reservation, row) for row in connection.execute(select(reservations)).mappings()]


def test_a_second_conversation_that_found_the_sale_busy_can_consult_it(other):
    assert other.reserve(codigo_cliente="ERP-7")["codigo"] == "reservado"
    (sale,) = sales_of(other)
    with other.store.write() as connection:
        put(connection, Owed("reservation", sale.id, "isp", "fivehub:c1"))
        assert borrow(other.store, connection, "reservation", sale.id, lease_for=60)
    assert other.reserve("c2", codigo_cliente="ERP-7")["codigo"] == "ja_reservado"
    assert other.code("reserva/consulta", "c2") == "reserva_encontrada"
