"""Properties, clients and ports: sold, moved, given back; two buyers for one port."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import PLACES

POINT = PLACES["viable"].point
NO_CLIENT = {"id": "635c31fe8ea52700137428a3"}


def box_named(sandbox, name):
    return next(one for one in sandbox.store["boxes"].values() if one["name"] == name)


def splitter_of(sandbox, box):
    (splitter,) = sandbox.store["splitters"].with_value("parent", [box["id"]])
    return splitter


def order(box, code="BOT-1", /, **more):
    return {
        "project": box["project"],
        "box": box["id"],
        "address": "Rua Dona Marina, 258",
        "lat": POINT.lat,
        "lng": POINT.lng,
        "auto_connect": True,
        "client": {"code": code, "name": "Maria", "implanted": False},
        **more,
    }


def outputs(sandbox, box):
    """Port numbers with something on them."""
    fibers = splitter_of(sandbox, box)["connectables"]["output"]
    return [n for n, fiber in enumerate(fibers, 1) if fiber]


def counts(sandbox):
    return {name: len(sandbox.store[name]) for name in ("properties", "ftth-clients")}


def test_a_sale_and_its_end(ozmap, sandbox):
    box, before = box_named(sandbox, "CTO 04-04"), counts(sandbox)
    answer = ozmap.post("/properties", order(box))
    made = answer.json()
    assert answer.status_code == 201
    assert made["client"] in sandbox.store["ftth-clients"]
    assert "connections" not in made

    read = ozmap.get(f"/properties/{made['id']}")
    splitter = splitter_of(sandbox, box)
    assert read["connections"] == [
        {
            "id": splitter["id"],
            "kind": "Splitter",
            "port": 3,
            "name": "Splitter 1",
            "implanted": True,
            "fiber": splitter["connectables"]["output"][2],
        }
    ]
    assert (read["box"], read["cables"]) == (box["id"], [read["drop"]])
    assert read["client"] == ozmap.get(f"/ftth-clients/{made['client']}")
    assert outputs(sandbox, box) == [1, 2, 3, 5]

    by_code = ozmap.get("/properties/client/BOT-1")
    assert [(one["_id"], one["client"]["_id"]) for one in by_code] == [(made["id"], made["client"])]
    assert ozmap.get("/properties/client/nobody") == []

    patched = ozmap.patch(f"/ftth-clients/{made['client']}", {"implanted": True})
    assert (patched.status_code, patched.content) == (204, b"")
    assert ozmap.get(f"/ftth-clients/{made['client']}")["implanted"] is True

    assert ozmap.delete(f"/properties/{made['id']}").status_code == 204
    assert ozmap.delete(f"/properties/{made['id']}").status_code == 404
    assert outputs(sandbox, box) == [1, 2, 5]
    assert counts(sandbox) == before


def test_a_code_with_a_bar_is_found(ozmap, sandbox):
    made = ozmap.post("/properties", order(box_named(sandbox, "CTO 04-04"), "123|123")).json()
    assert ozmap.get("/properties/client/123%7C123")[0]["_id"] == made["id"]


def test_a_chosen_port(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    wish = {"connector": splitter_of(sandbox, box)["id"], "port": 7, "auto_connect": False}
    made = ozmap.post("/properties", order(box, **wish)).json()
    assert ozmap.get(f"/properties/{made['id']}")["connections"][0]["port"] == 7


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("CTO 31-01", {}, "box: no free port"),
        ("CTO 32-01", {}, "box: no free port"),
        ("CTO 33-01", {}, "box: CTO 33-01 is being planned"),
        ("CE 01", {}, "box: no free port"),
        ("CTO 04-04", {"project": None}, "project: Field may not be null."),
        ("CTO 04-04", {"project": NO_CLIENT["id"]}, f"project: {NO_CLIENT['id']} does not exist"),
        ("CTO 04-04", {"box": NO_CLIENT["id"]}, f"box: {NO_CLIENT['id']} does not exist"),
        ("CTO 04-04", {"box": None}, "box: needed to connect"),
        ("CTO 04-04", {"port": 4}, "port: connector is missing"),
        ("CTO 04-04", {"client": NO_CLIENT["id"]}, f"client: {NO_CLIENT['id']} does not exist"),
        ("CTO 04-04", {"client": "x"}, "client: Not an id."),
        ("CTO 04-04", {"coords": [200, 0]}, "coords.0: Must be greater than or equal to -180 and "
         "less than or equal to 180."),
    ],
)  # fmt: skip
def test_a_refused_sale_leaves_nothing(ozmap, sandbox, name, change, text):
    before = counts(sandbox)
    answer = ozmap.post("/properties", order(box_named(sandbox, name), **change))
    assert (answer.status_code, answer.json()) == (400, text)
    assert counts(sandbox) == before


def test_a_taken_port_and_a_used_code_are_refused(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    splitter = splitter_of(sandbox, box)
    taken = ozmap.post("/properties", order(box, connector=splitter["id"], port=1))
    assert taken.json() == "port: 1 of Splitter 1 is not free"
    assert ozmap.post("/properties", order(box)).status_code == 201
    for force in (False, True):
        again = ozmap.post("/properties", order(box, force=force))
        project = sandbox.store["projects"][box["project"]]["name"]
        in_use = f"Código BOT-1 já está sendo utilizado no projeto {project}."
        assert (again.status_code, again.json()) == (400, in_use)
    other = box_named(sandbox, "CTO 00-05")
    wrong = ozmap.post("/properties", order(other, "BOT-2", connector=splitter["id"]))
    assert wrong.json() == "connector: no service splitter of this box"
    assert ozmap.post("/properties", [1]).status_code == 400


def test_a_used_code_may_be_a_second_client(ozmap, sandbox):
    sandbox.behaviour.duplicate_codes = True
    box = box_named(sandbox, "CTO 04-04")
    made = [ozmap.post("/properties", order(box)).json() for _ in range(2)]
    found = ozmap.get("/properties/client/BOT-1")
    assert sorted(one["_id"] for one in found) == sorted(one["id"] for one in made)
    assert len({one["client"]["_id"] for one in found}) == 2
    assert outputs(sandbox, box) == [1, 2, 3, 4, 5]
    assert ozmap.patch(f"/ftth-clients/{made[0]['client']}", {"code": "BOT-1"}).status_code == 204


@pytest.mark.parametrize("name", ["CTO 31-01", "CTO 32-01"])
def test_a_full_box_may_sell_a_property_without_port(ozmap, sandbox, name):
    sandbox.behaviour.full_box_sells = True
    box = box_named(sandbox, name)
    before = outputs(sandbox, box)
    answer = ozmap.post("/properties", order(box))
    assert answer.status_code == 201
    read = ozmap.get(f"/properties/{answer.json()['id']}")
    assert (read["connections"], read["client"]["code"]) == ([], "BOT-1")
    assert outputs(sandbox, box) == before
    assert ozmap.delete(f"/properties/{read['id']}").status_code == 204
    assert ozmap.get("/properties/client/BOT-1") == []
    free = box_named(sandbox, "CTO 04-04")
    sold = ozmap.post("/properties", order(free)).json()["id"]
    assert [one["port"] for one in ozmap.get(f"/properties/{sold}")["connections"]] == [3]


def test_a_second_prospect_with_a_code_is_made(ozmap):
    keys = {ozmap.post("/prospects", {"code": "BOT-1"}).json()["id"] for _ in range(2)}
    assert len(keys) == 2


def test_a_client_that_has_a_property_may_have_a_second(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    first = ozmap.post("/properties", order(box)).json()
    second = ozmap.post("/properties", order(box, client=first["client"])).json()
    assert second["client"] == first["client"]
    assert len(ozmap.get("/properties/client/BOT-1")) == 2
    for left, one in ((1, first), (0, second)):  # the client goes with the last of them
        assert ozmap.delete(f"/properties/{one['id']}").status_code == 204
        assert len(ozmap.get("/properties/client/BOT-1")) == left
        assert (first["client"] in sandbox.store["ftth-clients"]) is bool(left)


def test_moving_frees_the_old_port(ozmap, sandbox):
    here, there = box_named(sandbox, "CTO 04-04"), box_named(sandbox, "CTO 00-05")
    key = ozmap.post("/properties", order(here)).json()["id"]
    full = box_named(sandbox, "CTO 31-01")
    refused = ozmap.patch(f"/properties/{key}", {"box": full["id"], "auto_connect": True})
    assert refused.status_code == 400
    assert outputs(sandbox, here) == [1, 2, 3, 5]

    for _ in range(2):  # the second one changes nothing
        moved = ozmap.patch(f"/properties/{key}", {"box": there["id"], "auto_connect": True})
        assert moved.status_code == 204
        assert (outputs(sandbox, here), outputs(sandbox, there)) == ([1, 2, 5], [1, 2, 3])
    wish = {"connector": splitter_of(sandbox, there)["id"], "port": 8}
    assert ozmap.patch(f"/properties/{key}", wish).status_code == 204
    assert outputs(sandbox, there) == [1, 2, 8]
    assert ozmap.get(f"/properties/{key}")["connections"][0]["port"] == 8
    assert ozmap.patch(f"/properties/{key}", {"box": None}).status_code == 204
    assert outputs(sandbox, there) == [1, 2]


def test_the_client_of_a_property_may_change(ozmap, sandbox):
    key = ozmap.post("/properties", order(box_named(sandbox, "CTO 04-04"))).json()["id"]
    assert ozmap.patch(f"/properties/{key}", {"client": {"code": "BOT-2"}}).status_code == 204
    read = ozmap.get(f"/properties/{key}")
    assert read["client"]["code"] == "BOT-2"
    entries = [(one["code"], one["exit_date"] is None) for one in read["history"]["clients"]]
    assert entries == [("BOT-1", False), ("BOT-2", True)]
    assert ozmap.delete(f"/ftth-clients/{read['client']['id']}").status_code == 204
    left = ozmap.get(f"/properties/{key}")
    assert left["client"] is None
    assert left["connections"] == read["connections"]


def test_a_clients_code_stays_its_own(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    first, second = (ozmap.post("/properties", order(box, code)).json()["client"] for code in ("A", "B"))
    assert ozmap.patch(f"/ftth-clients/{second}", {"code": "A"}).status_code == 400
    assert ozmap.patch(f"/ftth-clients/{first}", {"code": "A", "onu": {"mac_address": "02"}}).ok
    onu = ozmap.get(f"/ftth-clients/{first}")["onu"]
    assert onu == {"user_PPPoE": "", "serial_number": "", "mac_address": "02"}


def test_batches(ozmap, sandbox):
    box = box_named(sandbox, "CTO 04-04")
    made = ozmap.post("/properties", order(box)).json()
    code = [{"property": "code", "operator": "=", "value": "BOT-1"}]
    update = {"filter": code, "update": {"implanted": True, "name": "not for a batch"}}
    assert ozmap.post("/ftth-clients/batch-update", update).status_code == 204
    client = ozmap.get(f"/ftth-clients/{made['client']}")
    assert (client["implanted"], client["name"]) == (True, "Maria")
    one = [{"property": "id", "operator": "in", "value": [made["id"]]}]
    power = {"filter": one, "update": {"potencyRead": -19.5}}
    assert ozmap.post("/properties/batch-update", power).status_code == 204
    assert ozmap.get(f"/properties/{made['id']}")["potencyRead"] == -19.5


def test_twenty_buyers_for_the_last_port(ozmap, sandbox):
    box = box_named(sandbox, "CTO 00-05")
    for n in range(5):
        assert ozmap.post("/properties", order(box, f"EARLY-{n}")).status_code == 201
    before = counts(sandbox)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: ozmap.post("/properties", order(box, f"B-{n}")), range(20)))
    assert sorted(one.status_code for one in answers) == [201] + [400] * 19
    assert counts(sandbox) == {name: count + 1 for name, count in before.items()}
    held = sandbox.store["properties"].with_value("box", [box["id"]])
    assert sorted(one["connections"][0]["port"] for one in held) == list(range(1, 9))


def test_twenty_calls_with_one_code(ozmap, sandbox):
    box = box_named(sandbox, "CTO 35-01")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ozmap.post("/properties", order(box)), range(20)))
    assert sorted(one.status_code for one in answers) == [201] + [400] * 19


def radius(ozmap, place, **query):
    point = PLACES[place].point
    return ozmap.get("/ftth-viability/radius", lat=point.lat, lng=point.lng, **query)


def test_radius(ozmap, sandbox):
    answer = radius(ozmap, "viable", radius=100)
    box = box_named(sandbox, "CTO 04-04")
    assert answer.keys() == {"viable", "boxes", "refused_boxes", "properties"}
    assert answer["viable"] is True
    assert answer["refused_boxes"] == []
    assert answer["boxes"] == [
        {
            "distance": 26.07,
            "name": "CTO 04-04",
            "id": box["id"],
            "project": box["project"],
            "lat": box["lat"],
            "lng": box["lng"],
            "implanted": True,
            "availability": 5,
            "horizontal_condos": [],
        }
    ]
    assert answer["properties"]
    names = [one["name"] for one in radius(ozmap, "viable")["boxes"]]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("place", "viable", "boxes", "refused"),
    [
        ("no_fibre_street", False, [], []),
        ("full_boxes", False, [], ["CTO 31-01", "CTO 31-02"]),
        ("blocked_port", False, [], ["CTO 32-01"]),
        ("draft_only", False, [], []),
        ("nowhere", False, [], []),
        ("too_far", False, [], []),
        ("not_implanted", True, ["CTO 35-01", "CTO 35-02"], []),
    ],
)
def test_radius_at_the_places(ozmap, place, viable, boxes, refused):
    answer = radius(ozmap, place)
    assert answer["viable"] is viable
    assert [one["name"] for one in answer["boxes"]] == boxes
    assert [one["name"] for one in answer["refused_boxes"]] == refused


def test_what_counts_as_free_is_a_setting(ozmap, sandbox):
    sandbox.behaviour.blocked_ports_free = True
    (box,) = radius(ozmap, "blocked_port")["boxes"]
    assert box["availability"] == 1
    sandbox.behaviour.blocked_ports_free = False

    full = box_named(sandbox, "CTO 31-01")
    (held,) = [
        one
        for one in sandbox.store["properties"].with_value("box", [full["id"]])
        if one["connections"][0]["port"] == 4
    ]
    sandbox.store["properties"].change(held["id"], client=None)
    assert ozmap.post("/properties", order(full)).status_code == 400
    sandbox.behaviour.property_ports_free = True
    made = ozmap.post("/properties", order(full)).json()
    assert ozmap.get(f"/properties/{made['id']}")["connections"][0]["port"] == 4
    left = ozmap.get(f"/properties/{held['id']}")
    assert left["connections"] == []
    assert left["observation"].startswith("This property was disconnected")


def test_radius_and_number_of_boxes_are_settings(ozmap, sandbox):
    sandbox.behaviour.radius_m = 30
    assert [one["name"] for one in radius(ozmap, "viable")["boxes"]] == ["CTO 04-04"]
    sandbox.behaviour.radius_m = 300
    sandbox.behaviour.radius_boxes = 2
    answer = radius(ozmap, "viable")
    assert len(answer["boxes"] + answer["refused_boxes"]) == 2
    assert min(one["distance"] for one in answer["boxes"]) == 26.07
