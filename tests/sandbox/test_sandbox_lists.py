"""Lists over HTTP: pages, select, sort, filters in the query and in the body, the key."""

import json

import pytest
import requests

from sandbox import Behaviour, Sandbox


def where(name, operator, value):
    return [{"property": name, "operator": operator, "value": value}]


def test_a_whole_page(ozmap, sandbox):
    names = sorted(one["name"] for one in sandbox.store["tags"].values())
    sort = json.dumps([{"property": "name", "direction": 1}])
    first = ozmap.get("/tags", limit=3, sort=sort, select="name")
    ids = {one["name"]: one["id"] for one in sandbox.store["tags"].values()}
    following = first.pop("nextUrl")
    assert first == {
        "total": 4,
        "count": 3,
        "rows": [{"name": name, "id": ids[name]} for name in names[:3]],
        "start": 0,
        "limit": 3,
        "hasNextPage": True,
    }
    assert following.startswith("/api/v2/tags?")
    assert "page=2" in following
    second = ozmap.get(following.removeprefix("/api/v2"))
    assert second == {
        "total": 4,
        "count": 1,
        "rows": [{"name": names[3], "id": ids[names[3]]}],
        "start": 3,
        "limit": 3,
        "hasNextPage": False,
    }
    assert ozmap.get("/tags", limit=3, page=3)["rows"] == []


def test_pages_hold_every_row_once(ozmap, sandbox):
    seen, page = [], 1
    while rows := ozmap.get("/poles", page=page, limit=300)["rows"]:
        seen += [row["id"] for row in rows]
        page += 1
    assert seen == list(sandbox.store["poles"])


def test_filter_and_sort_in_the_body(ozmap):
    asked = {"filter": where("name", "like", "cto 04"), "sort": [{"property": "name", "direction": -1}]}
    in_body = ozmap.call("GET", "/boxes", json=asked).json()
    in_query = ozmap.get("/boxes", **asked)
    assert in_body["rows"] == in_query["rows"]
    names = [row["name"] for row in in_body["rows"]]
    assert "CTO 04-04" in names
    assert names == sorted(names, reverse=True)


def test_references(ozmap, sandbox):
    box = next(one for one in sandbox.store["boxes"].values() if one["name"] == "CTO 04-04")
    by_pole = ozmap.get("/boxes", filter=where("pole", "in", [box["pole"], "unknown"]))
    assert by_pole["rows"] == [box]
    splitters = ozmap.get("/splitters", filter=where("parent", "=", box["id"]))["rows"]
    assert [one["parent"] for one in splitters] == [box["id"]]
    held = ozmap.get("/properties", filter=where("box", "eq", box["id"]))["rows"]
    assert sorted(one["connections"][0]["port"] for one in held) == [1, 2, 5]
    serial = next(one["client"] for one in held if one["client"])["onu"]["serial_number"]
    found = ozmap.get("/ftth-clients", filter=where("onu.serial_number", "=", serial))
    assert found["total"] == 1
    project = ozmap.get("/boxes/" + box["id"], populate="project,pole", select="project")
    assert project["project"] == sandbox.store["projects"][box["project"]]


def test_within_a_project(ozmap, sandbox):
    gated = next(one for one in sandbox.store["projects"].values() if "Jardim" in one["name"])
    value = {"id": gated["id"], "model": "project"}
    boxes = ozmap.get("/boxes", filter=where("coords", "within", value), limit=200)["rows"]
    assert boxes
    assert {box["project"] for box in boxes} == {gated["id"]}
    condo = next(iter(sandbox.store["horizontal-condominiums"]))
    same = {"id": condo, "model": "horizontalCondominium"}
    assert ozmap.get("/boxes", filter=where("coords", "within", same), limit=200)["rows"] == boxes


def test_base_points_are_poles_points_and_junction_boxes(ozmap, sandbox):
    rows = []
    while len(rows) < (page := ozmap.get("/base-points", limit=700, start=len(rows)))["total"]:
        rows += page["rows"]
    assert {row["kind"] for row in rows} == {"Pole", "Point", "JunctionBox"}
    keys = {"id", "kind", "coords", "adjacents", "tags", "lat", "lng", "createdAt", "updatedAt"}
    assert all(row.keys() == keys for row in rows)
    assert [row["id"] for row in rows] == [*sandbox.store["poles"], *sandbox.store["points"]]
    assert ozmap.get("/base-points/" + rows[-1]["id"]) == rows[-1]


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        ("/poles", {"limit": "-1"}, "limit: a whole number from 0 is expected"),
        ("/poles", {"page": "x"}, "page: a whole number from 1 is expected"),
        ("/poles", {"filter": "[{"}, "filter: not JSON"),
        ("/poles", {"sort": "7"}, 'sort: [{"property", "direction": 1 or -1}] is expected'),
        ("/poles", {"sort": '[{"property":"a"}]'}, 'sort: [{"property", "direction": 1 or -1}] is expected'),
        ("/ftth-viability/radius", {"lat": "1"}, "lng: a number from -180 to 180 is expected"),
        ("/ftth-viability/radius", {"lat": "x", "lng": "1"}, "lat: a number from -90 to 90 is expected"),
        ("/ftth-viability/radius", {"lat": "nan", "lng": "1"}, "lat: a number from -90 to 90 is expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(ozmap, path, query, text):
    answer = ozmap.call("GET", path, params=query)
    assert (answer.status_code, answer.json()) == (400, text)


def test_what_is_not_there_is_404(ozmap):
    for key in ("5da61d67493d9c0006665408", "x"):
        answer = ozmap.call("GET", f"/poles/{key}")
        assert (answer.status_code, answer.json()) == (404, f"poles: {key} not found")
    assert ozmap.call("GET", "/nothing").status_code == 404
    assert ozmap.post("/base-points", {}).status_code == 405


def test_the_key(sandbox):
    url = f"{sandbox.url}/api/v2"

    def status(path, key=None):
        headers = {} if key is None else {"Authorization": key}
        return requests.get(url + path, headers=headers, timeout=5).status_code

    assert [status("/tags", key) for key in (None, "", "other", "Bearer other")] == [401] * 4
    assert [status("/authenticated", key) for key in ("a key", "Bearer a key")] == [200, 200]
    login = requests.post(
        f"{url}/users/login?type=API", json={"login": "demo", "password": "demo"}, timeout=5
    )
    assert login.json() == {"authorization": "a key"}
    for wrong in ({}, {"login": "demo", "password": "x"}):
        assert requests.post(f"{url}/users/login", json=wrong, timeout=5).status_code == 401


def test_older_lists_and_page_sizes(ozmap, sandbox):
    sandbox.behaviour.older_lists = True
    sandbox.behaviour.page_size = 7
    sandbox.behaviour.max_page_size = 20
    assert ozmap.get("/poles").keys() == {"total", "count", "rows", "start", "limit"}
    assert ozmap.get("/poles")["count"] == 7
    assert ozmap.get("/poles", limit=500)["limit"] == 20
    assert Behaviour().page_size == 100


def test_a_network_of_ones_own():
    with Sandbox(network={"tags": [{"id": "a" * 24, "name": "x"}]}) as sandbox:
        url, headers = f"{sandbox.url}/api/v2/tags", {"Authorization": sandbox.token}
        assert requests.get(url, headers=headers, timeout=5).json()["total"] == 1
