"""What one OZmap does and another does not: each field of Behaviour, over HTTP."""

import ast
import json
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest

from sandbox import PLACES, Behaviour
from sandbox import behaviour as module
from sandbox.behaviour import drawn

ROOT = Path(__file__).parents[2]
POINT = PLACES["viable"].point
LONG = [60.0]
"""Seconds, more than a test waits."""


def behave(sandbox, **values):
    sandbox.behaviour.change(**values)


def box_named(sandbox, name):
    return next(one for one in sandbox.store["boxes"].values() if one["name"] == name)


def order(sandbox, code="BOT-1", box="CTO 04-04", **more):
    client = {"code": code, "name": "Maria", "implanted": False}
    return {"box": box_named(sandbox, box)["id"], "auto_connect": True, "client": client, **more}


def coded(code):
    return [{"property": "code", "operator": "=", "value": code}]


def refused(answer):
    return answer.status_code, answer.json()


def in_use(sandbox, code="BOT-1"):
    project = sandbox.store["projects"][box_named(sandbox, "CTO 04-04")["project"]]
    return f"Código {code} já está sendo utilizado no projeto {project['name']}."


def test_the_answer_to_a_sale_is_filled_in_from_the_box(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    for number, connects in enumerate((True, False)):
        made = ozmap.post("/properties", order(sandbox, f"BOT-{number}", auto_connect=connects)).json()
        wanted = {"box": box["id"], "pole": box["pole"], "coords": box["coords"], "project": box["project"]}
        assert made.items() >= wanted.items()
        assert made["client"] in sandbox.store["ftth-clients"]
        assert made["drop"]
        assert "connections" not in made
        read = ozmap.get(f"/properties/{made['id']}")
        assert (len(read["connections"]), read["drop"]) == (int(connects), made["drop"])
    given = {"lat": 1.5, "lng": 2.5}
    made = ozmap.post("/properties", order(sandbox, "BOT-2", **given)).json()
    assert made["coords"] == [2.5, 1.5]
    assert refused(ozmap.post("/properties", {"coords": [1, 2]})) == (400, "project: needed without a box")


@pytest.mark.parametrize("status", [400, 409, 422, 500])
def test_a_refusal_has_the_status_and_the_form_that_are_wanted(ozmap, sandbox, status):
    ozmap.post("/properties", order(sandbox))
    behave(sandbox, refusal_status=status)
    assert refused(ozmap.post("/properties", order(sandbox))) == (status, in_use(sandbox))
    behave(sandbox, refusal_object=True)
    assert refused(ozmap.post("/properties", order(sandbox))) == (status, {"message": in_use(sandbox)})
    assert ozmap.call("GET", "/tags/x").status_code == 404


def test_a_client_made_alone_is_found_and_put_into_a_property(ozmap, sandbox):
    made = ozmap.post("/ftth-clients", {"code": "BOT-1", "name": "Maria"})
    assert (made.status_code, made.json()["kind"]) == (201, "ftth")
    assert refused(ozmap.post("/ftth-clients", {"code": "BOT-1"})) == (400, in_use(sandbox))
    assert refused(ozmap.post("/properties", order(sandbox))) == (400, in_use(sandbox))
    assert ozmap.get("/properties/client/BOT-1") == []
    for name in ("clients", "ftth-clients"):
        (found,) = ozmap.get(f"/{name}", filter=coded("BOT-1"))["rows"]
        assert found["id"] == made.json()["id"]
    sold = ozmap.post("/properties", order(sandbox, client=found["id"])).json()
    assert [one["_id"] for one in ozmap.get("/properties/client/BOT-1")] == [sold["id"]]


@pytest.mark.parametrize("stays", [False, True])
def test_a_client_goes_or_stays_when_its_property_is_deleted(ozmap, sandbox, stays):
    behave(sandbox, client_outlives_property=stays)
    sold = ozmap.post("/properties", order(sandbox)).json()
    assert ozmap.delete(f"/properties/{sold['id']}").status_code == 204
    assert ozmap.get("/properties/client/BOT-1") == []
    assert len(ozmap.get("/ftth-clients", filter=coded("BOT-1"))["rows"]) == int(stays)


def test_the_next_sales_make_their_client_and_fail_on_the_property(ozmap, sandbox):
    before = len(sandbox.store["properties"])
    behave(sandbox, property_fails_after_client=2)
    sales = [ozmap.post("/properties", order(sandbox, f"BOT-{n}")).status_code for n in range(3)]
    assert (sales, sandbox.behaviour.property_fails_after_client) == ([400, 400, 201], 0)
    assert len(sandbox.store["properties"]) == before + 1
    assert [ozmap.get("/ftth-clients", filter=coded(f"BOT-{n}"))["total"] for n in range(3)] == [1, 1, 1]
    (orphan,) = ozmap.get("/ftth-clients", filter=coded("BOT-0"))["rows"]
    assert ozmap.post("/properties", order(sandbox, client=orphan["id"])).status_code == 201


def test_a_share_of_sales_fails_on_the_property_by_the_seed(ozmap, sandbox):
    behave(sandbox, property_fails_after_client=0.5)
    project = box_named(sandbox, "CTO 04-04")["project"]

    def sales(run):
        sandbox.reseed(7)
        forms = [{"project": project, "client": {"code": f"{run}-{n}"}} for n in range(20)]
        return [ozmap.post("/properties", form).status_code for form in forms]

    first = sales("A")
    assert set(first) == {201, 400}
    assert sales("B") == first


@pytest.mark.parametrize("by", ["id", "name"])
def test_chosen_boxes_refuse_without_a_word_of_the_code(ozmap, sandbox, by):
    behave(sandbox, boxes_that_refuse=[box_named(sandbox, "CTO 04-04")[by]])
    before = len(sandbox.store["ftth-clients"])
    status, text = refused(ozmap.post("/properties", order(sandbox)))
    assert (status, "BOT-1" in text, len(sandbox.store["ftth-clients"])) == (400, False, before)
    assert ozmap.post("/properties", order(sandbox, box="CTO 00-05")).status_code == 201


def test_every_property_is_refused_with_a_text(ozmap, sandbox):
    limit = "Limite de clientes contratado atingido."
    behave(sandbox, properties_refused=limit)
    for box in ("CTO 04-04", "CTO 00-05"):
        assert refused(ozmap.post("/properties", order(sandbox, box=box))) == (400, limit)
    assert ozmap.post("/prospects", {"code": "BOT-1"}).status_code == 201


def test_chosen_codes_are_refused_though_nobody_is_seen_to_have_them(ozmap, sandbox):
    behave(sandbox, codes_that_refuse=["BOT-1"])
    for path, form in (("/properties", order(sandbox)), ("/prospects", {"code": "BOT-1"})):
        assert refused(ozmap.post(path, form)) == (400, in_use(sandbox))
    assert ozmap.get("/ftth-clients", filter=coded("BOT-1"))["rows"] == []
    assert ozmap.post("/properties", order(sandbox, "BOT-2")).status_code == 201


@pytest.mark.parametrize("path", ["/prospects", "/ftth-clients"])
def test_codes_in_filters(ozmap, sandbox, path):
    for code in ("AbC", "other"):
        assert ozmap.post(path, {"code": code, "name": "x"}).status_code == 201
    everything = ozmap.get(path)["total"]
    assert ozmap.get(path, filter=coded("abc"))["total"] == 0
    behave(sandbox, codes_without_case=True)
    assert [one["code"] for one in ozmap.get(path, filter=coded("abc"))["rows"]] == ["AbC"]
    behave(sandbox, code_filter_ignored=True)
    assert ozmap.get(path, filter=coded("nobody"))["total"] == everything


def test_a_code_in_another_case_is_in_use_and_found(ozmap, sandbox):
    behave(sandbox, codes_without_case=True)
    sold = ozmap.post("/properties", order(sandbox)).json()
    assert ozmap.post("/properties", order(sandbox, "bot-1")).status_code == 400
    assert [one["_id"] for one in ozmap.get("/properties/client/bOt-1")] == [sold["id"]]


def test_limits_and_filters_that_real_ones_take(ozmap, sandbox):
    poles = len(sandbox.store["poles"])
    for limit in (0, 10_000_000):
        answer = ozmap.get("/poles", limit=limit)
        assert (answer["count"], answer["limit"], answer["hasNextPage"]) == (poles, limit, False)
    assert ozmap.get("/poles", limit=500)["count"] == 500
    wanted = next(iter(sandbox.store["poles"]))
    for sign in ("eq", "="):
        one = [{"property": "id", "operator": sign, "value": wanted}]
        in_body = ozmap.call("GET", "/poles", json={"filter": one}).json()
        assert ozmap.get("/poles", filter=one)["rows"] == in_body["rows"] == [sandbox.store["poles"][wanted]]


@pytest.mark.parametrize(
    ("spelled", "status", "body"),
    [
        ("[]", 200, "[]"),
        ("null", 200, "null"),
        ("empty", 200, ""),
        ("204", 204, ""),
        ("{}", 200, "{}"),
        ('{"rows": []}', 200, '{"rows": []}'),
        ("404", 404, '"Not Found"\n'),
    ],
)
def test_none_is_spelled(ozmap, sandbox, spelled, status, body):
    behave(sandbox, none_spelled=spelled)
    answer = ozmap.call("GET", "/properties/client/nobody")
    assert (answer.status_code, answer.text) == (status, body)
    ozmap.post("/properties", order(sandbox))
    assert len(ozmap.get("/properties/client/BOT-1")) == 1


def test_connections_come_late_and_in_client_rows(ozmap, sandbox):
    behave(sandbox, connections_in_client_rows=True)
    ozmap.post("/properties", order(sandbox, "BOT-1"))
    behave(sandbox, connects_after=60.0)
    late = ozmap.post("/properties", order(sandbox, "BOT-2")).json()
    seen = [ozmap.get(f"/properties/client/{code}")[0]["connections"] for code in ("BOT-1", "BOT-2")]
    assert seen == [[{"name": "Splitter 1", "port": 3}], []]
    assert ozmap.get(f"/properties/{late['id']}")["connections"] == []


def test_viable_without_boxes(ozmap, sandbox):
    behave(sandbox, viable_without_boxes=True)
    for place in ("viable", "no_fibre_street"):
        point = PLACES[place].point
        answer = ozmap.get("/ftth-viability/radius", lat=point.lat, lng=point.lng)
        assert (answer["viable"], answer["boxes"]) == (True, [])


@pytest.mark.parametrize("end", ["\ud83d", "\0"])
def test_the_names_of_boxes_end_oddly(ozmap, sandbox, end):
    behave(sandbox, box_name_end=end)
    named = [{"property": "name", "operator": "=", "value": "CTO 04-04"}]
    (row,) = ozmap.get("/boxes", filter=named)["rows"]
    near = ozmap.get("/ftth-viability/radius", lat=POINT.lat, lng=POINT.lng, radius=100)["boxes"][0]
    assert row["name"] == near["name"] == f"CTO 04-04{end}"
    assert ozmap.get("/poles", limit=1)["rows"][0]["name"].isprintable()


def test_a_port_is_a_text(ozmap, sandbox):
    behave(sandbox, ports_as_text=True, connections_in_client_rows=True)
    sold = ozmap.post("/properties", order(sandbox)).json()
    assert ozmap.get(f"/properties/{sold['id']}")["connections"][0]["port"] == "3"
    assert ozmap.get("/properties/client/BOT-1")[0]["connections"][0]["port"] == "3"


def test_nothing_and_no_are_null(ozmap, sandbox):
    behave(sandbox, null_connections=True, null_implanted=True)
    keys = [
        ozmap.post("/properties", order(sandbox, f"BOT-{number}", auto_connect=connects)).json()["id"]
        for number, connects in enumerate((True, False))
    ]
    connected, bare = (ozmap.get(f"/properties/{key}") for key in keys)
    assert (len(connected["connections"]), bare["connections"]) == (1, None)
    assert bare["client"]["implanted"] is None
    assert ozmap.get("/properties/client/BOT-0")[0]["client"]["implanted"] is None
    ozmap.patch(f"/ftth-clients/{bare['client']['id']}", {"implanted": True})
    assert ozmap.get(f"/properties/{keys[1]}")["client"]["implanted"] is True


@pytest.fixture
def aside(ozmap, sandbox):
    """Sells in a thread; returns when the client is there, which is at once."""
    with ThreadPoolExecutor(4) as pool:

        def sell(code: str, **more: str) -> "Future[tuple[int, object]]":
            sale = pool.submit(lambda: refused(ozmap.post("/properties", order(sandbox, code, **more))))
            while not ozmap.get("/ftth-clients", filter=coded(code))["rows"]:
                assert not sale.done(), sale.result()
            return sale

        yield sell
        sandbox.store.stop()


def test_a_slow_sale_makes_its_client_first_and_its_property_at_the_end(ozmap, sandbox, aside):
    before = dict(sandbox.store["properties"])
    behave(sandbox, post_seconds=LONG)
    sale = aside("BOT-1")
    assert ozmap.get("/properties/client/BOT-1") == []
    assert dict(sandbox.store["properties"]) == before
    again = ozmap.post("/properties", order(sandbox))
    assert refused(again) == (400, in_use(sandbox)), "the others are answered meanwhile"
    no_box = {"project": next(iter(sandbox.store["projects"])), "client": {"code": "BOT-2"}}
    assert ozmap.post("/properties", no_box).status_code == 201, "nothing is drawn without a box"
    sandbox.store.stop()
    status, made = sale.result(timeout=10)
    assert status == 201
    assert ozmap.get(f"/properties/{made['id']}")["connections"]


def test_two_slow_sales_of_the_last_port(ozmap, sandbox, aside):
    for number in range(4):
        assert ozmap.post("/properties", order(sandbox, f"EARLY-{number}")).status_code == 201
    behave(sandbox, post_seconds=LONG)
    sales = [aside("BOT-1"), aside("BOT-2")]
    sandbox.store.stop()
    assert sorted(sale.result(timeout=10)[0] for sale in sales) == [201, 400]
    left = [ozmap.get("/ftth-clients", filter=coded(code))["total"] for code in ("BOT-1", "BOT-2")]
    assert sorted(left) == [0, 1]


def test_a_slow_sale_whose_client_is_deleted_meanwhile(ozmap, sandbox, aside):
    behave(sandbox, post_seconds=LONG)
    sale = aside("BOT-1")
    (client,) = ozmap.get("/ftth-clients", filter=coded("BOT-1"))["rows"]
    assert ozmap.delete(f"/ftth-clients/{client['id']}").status_code == 204
    sandbox.store.stop()
    assert sale.result(timeout=10) == (400, f"client: {client['id']} does not exist")


def test_reads_are_slow_and_hold_nobody_up(ozmap, sandbox):
    behave(sandbox, read_seconds=LONG)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(ozmap.get, "/tags")
        while not sandbox.requests:
            pass
        assert ozmap.post("/properties", order(sandbox)).status_code == 201
        assert not reading.done()
        sandbox.store.stop()
        assert reading.result(timeout=10)["rows"]


def test_times_are_drawn_by_the_seed():
    def times(*seconds):
        chance = Random(7)
        return [drawn(seconds, chance) for _ in range(50)]

    assert set(times()) == {0.0}
    assert set(times(0.3)) == {0.3}
    assert set(times(1, 2, 9)) == {1, 2, 9}
    assert 2.2 <= min(times(2.2, 3.7)) < max(times(2.2, 3.7)) <= 3.7
    assert times(2.2, 3.7) == times(2.2, 3.7)


def test_every_habit_has_its_row_in_the_docs():
    (record,) = (
        one for one in ast.parse(Path(module.__file__).read_text()).body if isinstance(one, ast.ClassDef)
    )
    texts = [one.value.value for one in record.body if isinstance(one, ast.Expr)][1:]
    rows = re.findall(
        r"^\| `(\w+)` \| `(.+?)` \| (.+) \|$", (ROOT / "docs/sandbox.md").read_text(), re.MULTILINE
    )
    defaults = [(name, json.dumps(value)) for name, value in asdict(Behaviour()).items()]
    assert rows == [(*default, text) for default, text in zip(defaults, texts, strict=True)]
