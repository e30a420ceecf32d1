"""A reservation right after a lookup: which reads it makes again, and that it believes none of the others."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from sandbox import PLACES, Sandbox
from tests.sales.shop import PERSON, Shop
from tests.viability.town import at, box, id_, street
from webhook.store.tables import lookups

CUSTOMER = at(0, north_m=15)
HERE = {"latitude": CUSTOMER.lat, "longitude": CUSTOMER.lng, "modo": "poste"}
CONVERSATION = "c1"


class Town(Shop):
    """A shop in a street with three boxes, whose poles are in memory."""

    def look(self, conversation: str = CONVERSATION, **values: Any) -> dict[str, Any]:
        """`viabilidade`, until what it found is remembered."""
        before = self.remembered()
        reply = self.ask("viabilidade", conversation, **(HERE | values))
        self.wait_for(lambda: self.remembered() > before)
        self.sandbox.requests.clear()
        return reply

    def remembered(self) -> float:
        """Grows with each text that is stored."""
        with self.store.read() as connection:
            return connection.scalar(select(func.coalesce(func.sum(lookups.c.expires_at), 0.0))) or 0.0

    def sell(self, conversation: str = CONVERSATION, **values: Any) -> dict[str, Any]:
        return self.ask("reserva", conversation, **(PERSON | HERE | values))

    @property
    def reads(self) -> list[str]:
        """Reads of the network."""
        asked = [one.path for one in self.sandbox.requests if one.method == "GET"]
        return sorted(path for path in asked if not path.startswith("/properties"))

    def fill(self, number: int) -> None:
        """No port of this box is free any more."""
        with self.sandbox.store.lock:
            full = {"input": [], "output": [id_(4, port) for port in range(8)]}
            self.sandbox.store["splitters"].change(id_(3, number), connectables=full)


@pytest.fixture
def ozmap() -> Iterator[Sandbox]:
    with Sandbox(network=street(8, box(1, free=2), box(2, free=2), box(3, free=2))) as sandbox:
        yield sandbox


@pytest.fixture
def town(ozmap: Sandbox, database_url: str) -> Town:
    town = Town(ozmap, database_url)
    town.look("somebody before")
    return town


def test_it_reads_only_the_free_ports_again(town):
    assert town.look()["caixa_nome"] == "CTO 1"
    assert (reply := town.sell())["codigo"] == "reservado", reply
    assert reply["caixa_nome"] == "CTO 1"
    assert town.reads == ["/splitters"]


@pytest.mark.parametrize(("mode", "most"), [("poste", 6), ("raio", 5)])
def test_the_calls_from_the_location_to_the_reserved_port(open_shop: Callable[..., Shop], mode, most):
    shop, point = open_shop(), PLACES["viable"].point
    here = {"latitude": point.lat, "longitude": point.lng, "modo": mode}
    shop.ask("viabilidade", "somebody before", **here)
    shop.sandbox.requests.clear()
    assert shop.ask("viabilidade", **here)["codigo"] == "viavel"
    time.sleep(0.3)  # the customer says name and phone
    assert shop.reserve(modo=mode)["codigo"] == "reservado"
    assert len(shop.sandbox.requests) <= most, [one.path for one in shop.sandbox.requests]


def test_another_process_knows_them(town):
    town.look()
    town.restart()
    town.ask("viabilidade", "somebody else", **HERE)  # its memory of the poles
    town.sandbox.requests.clear()
    assert town.sell()["codigo"] == "reservado"
    assert town.reads == ["/splitters"]


def test_a_box_that_is_full_by_now_is_not_taken(town):
    town.look()
    town.fill(1)
    assert town.sell()["caixa_nome"] == "CTO 2"
    assert town.reads == ["/splitters"]


def test_where_all_are_full_by_now_the_whole_lookup_is_made(town):
    for number in (2, 3):
        town.fill(number)
    assert town.look()["caixas_viaveis"] == 1
    town.fill(1)
    free = {"input": [], "output": [None] * 8}
    with town.sandbox.store.lock:
        town.sandbox.store["splitters"].change(id_(3, 3), connectables=free)
    assert town.sell()["caixa_nome"] == "CTO 3"
    assert "/boxes" in town.reads


def test_a_no_comes_from_ozmap_alone(town):
    town.look()
    for number in (1, 2, 3):
        town.fill(number)
    reply = town.sell()
    assert (reply["codigo"], reply["motivo"]) == ("sem_viabilidade", "sem_porta")
    assert "/boxes" in town.reads


def test_a_later_no_is_not_outlived_by_an_earlier_yes(town):
    town.look()
    drafts = {number: town.sandbox.store["boxes"].change(id_(2, number), draft=True) for number in (1, 2, 3)}
    assert drafts
    assert town.look()["codigo"] == "sem_viabilidade"
    assert town.sell()["codigo"] == "sem_viabilidade"


def test_after_three_minutes_the_whole_lookup_is_made(town):
    town.look()
    with town.store.write() as connection:
        rows = connection.execute(select(lookups.c.expires_at)).scalars().all()
        assert all(170 < until - time.time() <= 180 for until in rows)
        connection.execute(update(lookups).values(expires_at=time.time() - 1))
    assert town.sell()["codigo"] == "reservado"
    assert town.reads == ["/boxes", "/splitters"]


@pytest.mark.parametrize(
    ("conversation", "changes"),
    [
        ("c2", {}),
        (CONVERSATION, {"latitude": round(CUSTOMER.lat, 6) + 0.00001}),
        (CONVERSATION, {"caixa_id": id_(2, 7)}),
    ],
    ids=["another conversation", "another place", "a box that it did not hear of"],
)
def test_it_is_for_what_was_asked(town, conversation, changes):
    town.look()
    assert town.sell(conversation, **changes)["codigo"] == "reservado"
    assert town.reads == ["/boxes", "/splitters"]


def test_the_box_that_was_asked_for_comes_first(town):
    town.look()
    assert town.sell(caixa_id=id_(2, 2))["caixa_nome"] == "CTO 2"
    assert town.reads == ["/splitters"]


def test_a_box_that_refuses_is_followed_by_the_next(town):
    town.look()
    town.sandbox.faults.add("/properties", method="POST", status=400, times=1, body='{"message": "porta"}')
    assert town.sell()["caixa_nome"] == "CTO 2"


def test_an_ozmap_that_does_not_answer_leaves_it_open(town):
    town.look()
    town.sandbox.faults.add("/splitters", status=500)
    assert town.sell()["codigo"] == "reserva_pendente"
    town.sandbox.faults.clear()
    town.work()
    assert len(town.properties(town.own_code())) == 1


def test_only_a_digest_says_whose_they_are(town):
    town.look("5548999887766")
    with town.store.read() as connection:
        rows = connection.execute(select(lookups.c.key, lookups.c.verdict)).all()
    text = json.dumps([list(row) for row in rows])
    assert "5548999887766" not in text
    assert f"{CUSTOMER.lat:.4f}" not in text


def test_the_led_conversation_reads_as_little(own_sandbox, sqlite_url):
    shop = Shop(own_sandbox, sqlite_url, conversation="contratacao")
    point = PLACES["viable"].point
    shop.ask("viabilidade", "somebody before", latitude=point.lat, longitude=point.lng, modo="poste")
    shop.ask("conversa", modo="poste")
    own_sandbox.requests.clear()
    for answer in (f"{point.lat}, {point.lng}", "Sim", "Quero reservar", "Maria Souza"):
        shop.ask("conversa", resposta=answer, modo="poste")
    time.sleep(0.3)
    end = shop.ask("conversa", resposta="48 99988-7766", modo="poste")
    assert (end["acao"], bool(end["reserva_codigo"])) == ("encerrar", True)
    asked = [one.path for one in own_sandbox.requests if not one.path.startswith("/nominatim")]
    assert len(asked) <= 6, asked
