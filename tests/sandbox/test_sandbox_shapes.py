"""Every record has the keys, and their JSON types, of OZmap's documented payloads."""

import json
from pathlib import Path

import pytest

from sandbox import PLACES

SAMPLES = Path(__file__).parent.parent / "fixtures" / "ozmap"
POINT = PLACES["viable"].point


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def kind_of(value):
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(documented, ours, path=""):
    """Where a key of the sample is missing, or has another JSON type, in our answer."""
    if kind_of(documented) != kind_of(ours):
        return [f"{path}: {kind_of(documented)} documented, {kind_of(ours)} here"]
    if isinstance(documented, dict):
        missing = [f"{path}.{key} is missing" for key in documented.keys() - ours.keys()]
        return missing + [
            found
            for key in documented.keys() & ours.keys()
            for found in differences(documented[key], ours[key], f"{path}.{key}")
        ]
    if isinstance(documented, list) and documented and ours:
        if isinstance(documented[0], dict):
            return differences(documented[0], ours[0], f"{path}[0]")
        strange = {kind_of(one) for one in ours} - {kind_of(one) for one in documented}
        return [f"{path}: {kind} in the list" for kind in strange]
    return []


def first(sandbox, name, test):
    return next(one["id"] for one in sandbox.store[name].values() if test(one))


@pytest.mark.parametrize(
    ("documented", "collection", "test"),
    [
        (sample("pole"), "poles", lambda one: one["usable"]),
        (sample("poles_list")["rows"][1], "poles", lambda one: len(one["adjacents"]) == 2),
        (sample("box_row"), "boxes", lambda one: one["boxType"] is None),
        (sample("splitter"), "splitters", lambda one: "ports" in one and one["isDrop"]),
        (sample("splitter_without_ports"), "splitters", lambda one: "ports" not in one),
        (sample("project"), "projects", lambda one: True),
        (sample("tag"), "tags", lambda one: True),
        (sample("property_row"), "properties", lambda one: "coords" not in one and one["client"]),
        (sample("list_page")["rows"][0], "properties", lambda one: "coords" in one and not one["client"]),
    ],
)  # fmt: skip
def test_rows(ozmap, sandbox, documented, collection, test):
    key = first(sandbox, collection, test)
    assert differences(documented, ozmap.get(f"/{collection}/{key}")) == []
    one = [{"property": "id", "operator": "=", "value": key}]
    assert differences(documented, ozmap.get(f"/{collection}", filter=one)["rows"][0]) == []


def test_a_list(ozmap, sandbox):
    sandbox.behaviour.older_lists = True
    ours = ozmap.get("/properties", limit=3, filter=[{"property": "client", "operator": "=", "value": None}])
    assert differences(sample("list_page"), ours) == []
    assert ours.keys() == sample("list_page").keys()


def test_the_nearest_pole_by_name(ozmap, sandbox):
    sandbox.behaviour.older_lists = True
    value = {"lat": str(POINT.lat), "lng": str(POINT.lng), "radius": 100}
    near = [{"property": "coords", "operator": "near", "value": value}]
    ours = ozmap.get("/poles", select="name", limit=1, filter=near)
    documented = sample("poles_near")
    assert differences(documented, ours) == []
    assert ours.keys() == documented.keys()
    assert ours["rows"][0].keys() == documented["rows"][0].keys()
    assert ours["rows"][0]["lat"] is None
    assert ours["total"] > ours["count"]


def test_a_sale(ozmap, sandbox):
    box = next(one for one in sandbox.store["boxes"].values() if one["name"] == "CTO 04-04")
    form = {
        "project": box["project"],
        "coords": [POINT.lng, POINT.lat],
        "address": "Rua das Orquideas, 258",
        "observation": "Imóvel novo",
    }
    documented = sample("property_created")  # made without a box
    made = ozmap.post("/properties", form | {"client": {"code": "3065"}}).json()
    assert differences(documented, made) == []
    assert made.keys() == documented.keys()
    in_box = {"box": box["id"], "auto_connect": True, "client": {"code": "3066"}}
    made = ozmap.post("/properties", form | in_box).json()
    assert differences(documented | {"drop": "an id"}, made) == []
    assert made.keys() == documented.keys() | {"box", "pole"}
    assert differences(sample("property_by_code"), ozmap.get("/properties/client/3066")) == []


def test_feasibility(ozmap):
    ours = ozmap.get("/ftth-viability/radius", lat=POINT.lat, lng=POINT.lng)
    documented = sample("viability_radius")
    assert differences(documented, ours) == []
    assert ours["boxes"][0].keys() == documented["boxes"][0].keys()
    assert ours["properties"][0].keys() == documented["properties"][0].keys()


def test_a_prospect(ozmap, sandbox):
    documented = sample("prospect_created")
    tag = next(iter(sandbox.store["tags"]))
    form = {name: documented[name] for name in ("name", "coords", "code", "address", "observation")}
    made = ozmap.post("/prospects", {**form, "tags": [tag]})
    assert made.status_code == 201
    assert differences(documented, made.json()) == []
    assert made.json().keys() == documented.keys()
    assert ozmap.post("/prospects", {"tags": ["635c31fe8ea52700137428a3"]}).status_code == 400


def test_a_box(ozmap, sandbox):
    kind = next(iter(sandbox.store["box-types"]))
    project = next(iter(sandbox.store["projects"]))
    form = {
        "project": project,
        "boxType": kind,
        "hierarchyLevel": 2,
        "implanted": False,
        "coords": [POINT.lng, POINT.lat],
    }
    made = ozmap.post("/boxes", form).json()
    assert differences(sample("box"), made) == []
    assert ozmap.get(f"/base-points/{made['pole']}")["kind"] == "Point"
    assert ozmap.post("/boxes", {**form, "boxType": None}).status_code == 400
    del form["coords"]
    assert ozmap.post("/boxes", form).json() == "coords: missing, and so are lat and lng"


def test_the_other_kinds_are_created_changed_and_deleted(ozmap):
    forms = {
        "pole-types": ({"name": "Madeira", "description": ""}, {"name": "Aço"}),
        "box-types": ({"code": "NAP", "config": {}}, {"code": "NAP 16"}),
        "tags": ({"name": "VIP", "allowedTypes": ["client"]}, {"name": "Prioridade"}),
        "projects": ({"name": "Norte", "lat": -27.5, "lng": -48.5}, {"name": "Sul"}),
    }
    for name, (form, change) in forms.items():
        made = ozmap.post(f"/{name}", form)
        assert made.status_code == 201, made.text
        path = f"/{name}/{made.json()['id']}"
        assert ozmap.patch(path, change).status_code == 204
        assert ozmap.get(path).items() >= {**form, **change}.items()
        assert ozmap.delete(path).status_code == 204
        assert ozmap.delete(path).status_code == 404
    assert ozmap.post("/tags", {"name": "x", "allowedTypes": ["cat"]}).status_code == 400


def test_what_is_in_use_stays(ozmap, sandbox):
    box = next(one for one in sandbox.store["boxes"].values() if one["name"] == "CTO 04-04")
    (splitter,) = sandbox.store["splitters"].with_value("parent", [box["id"]])
    for path in (
        f"/boxes/{box['id']}",
        f"/poles/{box['pole']}",
        f"/projects/{box['project']}",
        f"/box-types/{box['boxType']}",
        f"/splitters/{splitter['id']}",
    ):
        answer = ozmap.delete(path)
        assert answer.status_code == 400
        assert answer.json().startswith("still in use by")


def test_poles_are_joined_both_ways(ozmap, sandbox):
    a, b = list(sandbox.store["poles"].values())[:2]
    form = {"poleType": a["poleType"], "lat": POINT.lat, "lng": POINT.lng, "adjacents": [a["id"]]}
    made = ozmap.post("/poles", form).json()
    assert made["name"].startswith("P_")
    assert made["id"] in ozmap.get(f"/poles/{a['id']}")["adjacents"]
    assert ozmap.patch(f"/poles/{made['id']}", {"adjacents": [b["id"]], "lat": 0, "lng": 0}).ok
    assert made["id"] not in ozmap.get(f"/poles/{a['id']}")["adjacents"]
    assert made["id"] in ozmap.get(f"/poles/{b['id']}")["adjacents"]
    assert ozmap.get(f"/poles/{made['id']}")["coords"] == [0, 0]
    near = [{"property": "coords", "operator": "near", "value": {"lat": 0, "lng": 0, "radius": 5}}]
    assert ozmap.get("/poles", filter=near)["total"] == 1
    assert ozmap.delete(f"/poles/{made['id']}").status_code == 204
    assert made["id"] not in ozmap.get(f"/poles/{b['id']}")["adjacents"]
