"""What PLACES says, checked by brute force over the records: no index, no grid, no client."""

from heapq import heappop, heappush
from itertools import pairwise

import pytest

from sandbox import PLACES, sample_network
from schemas.point import Point, distance_m

NETWORK = sample_network()
BASE_POINTS = {one["id"]: one for one in NETWORK["poles"] + NETWORK["points"]}
ALLOWED = {one["id"]: one["viabilityAllowed"] for one in NETWORK["pole-types"]}
LIMIT = {one["id"]: one["drop"]["maxSize"] for one in NETWORK["projects"]}


def where(record):
    return Point(record["coords"][1], record["coords"][0])


def around(place, records, metres):
    """(metres, record) within so many metres, nearest first."""
    reached = [(distance_m(PLACES[place].point, where(one)), one) for one in records]
    return sorted((pair for pair in reached if pair[0] <= metres), key=lambda pair: pair[0])


def free(box):
    """Free ports of a box: unused, unblocked, of a splitter that takes customers."""
    count = 0
    for splitter in NETWORK["splitters"]:
        if splitter["parent"] == box["id"] and splitter["isDrop"]:
            ports = splitter.get("ports") or [{"blocked": False}] * splitter["ratio"]["output"]
            count += sum(
                fiber is None and not port["blocked"]
                for fiber, port in zip(splitter["connectables"]["output"], ports, strict=True)
            )
    return count


def first_pole(place):
    return next(
        (
            pole
            for _, pole in around(place, NETWORK["poles"], 100)
            if pole["usable"] and ALLOWED[pole["poleType"]]
        ),
        None,
    )


def along_poles(place, metres=2000):
    """(metres, box) of every box reached from the first pole, nearest first."""
    start = first_pole(place)["id"]
    ways, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        way, here = heappop(queue)
        for there in BASE_POINTS[here]["adjacents"]:
            longer = way + distance_m(where(BASE_POINTS[here]), where(BASE_POINTS[there]))
            if longer < min(metres, ways.get(there, metres)):
                ways[there] = longer
                heappush(queue, (longer, there))
    reached = [(ways[box["pole"]], box) for box in NETWORK["boxes"] if box["pole"] in ways]
    return sorted(reached, key=lambda pair: pair[0])


def names(pairs):
    return [box["name"] for _, box in pairs]


def sellable(pairs):
    return [(metres, box) for metres, box in pairs if not box["draft"] and free(box)]


def test_every_place_has_six_decimals_and_a_sentence():
    for place in PLACES.values():
        assert place.point == Point(round(place.point.lat, 6), round(place.point.lng, 6))
        assert place.truth


def test_viable():
    way, box = along_poles("viable")[0]
    assert (round(way), box["name"], free(box)) == (33, "CTO 04-04", 5)
    assert (box["implanted"], LIMIT[box["project"]]) == (True, 200)
    metres, nearest = around("viable", NETWORK["boxes"], 300)[0]
    assert (round(metres), nearest) == (26, box)


def test_no_fibre_street():
    metres, pole = around("no_fibre_street", NETWORK["poles"], 100)[0]
    assert round(metres) == 13
    assert pole["usable"]
    assert pole["adjacents"]
    assert along_poles("no_fibre_street")[0][0] > 700
    assert around("no_fibre_street", NETWORK["boxes"], 300) == []


def test_full_boxes():
    reached = along_poles("full_boxes")
    assert sorted(names(reached[:2])) == ["CTO 31-01", "CTO 31-02"]
    assert [round(way) for way, _ in reached[:2]] == [68, 68]
    assert [free(box) for _, box in reached[:2]] == [0, 0]
    assert all(box["implanted"] and not box["draft"] for _, box in reached[:2])
    assert reached[2][0] > 400
    assert sorted(names(around("full_boxes", NETWORK["boxes"], 300))) == ["CTO 31-01", "CTO 31-02"]


def test_too_far():
    way, box = along_poles("too_far")[0]
    assert (round(way), box["name"], free(box)) == (306, "CTO 34-01", 6)
    assert 1.2 <= way / LIMIT[box["project"]] <= 1.8
    assert around("too_far", NETWORK["boxes"], 300) == []


def test_blocked_port():
    reached = along_poles("blocked_port")
    assert (round(reached[0][0]), reached[0][1]["name"]) == (34, "CTO 32-01")
    assert reached[1][0] > 400
    assert names(around("blocked_port", NETWORK["boxes"], 300)) == ["CTO 32-01"]
    box = reached[0][1]
    (splitter,) = (one for one in NETWORK["splitters"] if one["parent"] == box["id"])
    assert splitter["isDrop"]
    assert [n for n, fiber in enumerate(splitter["connectables"]["output"], 1) if not fiber] == [5]
    assert [n for n, port in enumerate(splitter["ports"], 1) if port["blocked"]] == [5]
    assert free(box) == 0


def test_island():
    near = around("island", NETWORK["poles"], 100)
    island, queue = {near[0][1]["id"]}, [near[0][1]]
    while queue:
        for key in queue.pop()["adjacents"]:
            if key not in island:
                island.add(key)
                queue.append(BASE_POINTS[key])
    assert len(island) == 6
    assert {pole["id"] for _, pole in near} <= island
    assert first_pole("island") is near[0][1]
    assert along_poles("island") == []
    assert sellable(around("island", NETWORK["boxes"], 300))


def test_nowhere():
    assert around("nowhere", NETWORK["poles"], 100) == []
    assert around("nowhere", NETWORK["boxes"], 300) == []


def test_draft_only():
    reached = along_poles("draft_only")
    assert (round(reached[0][0]), reached[0][1]["name"]) == (34, "CTO 33-01")
    assert reached[0][1]["draft"]
    assert free(reached[0][1]) == 8
    assert reached[1][0] > 400
    assert names(around("draft_only", NETWORK["boxes"], 300)) == ["CTO 33-01"]


def test_not_implanted():
    reached = along_poles("not_implanted")[:2]
    assert names(reached) == ["CTO 35-01", "CTO 35-02"]
    assert [round(way) for way, _ in reached] == [34, 102]
    assert [box["implanted"] for _, box in reached] == [False, True]
    assert sellable(reached) == reached
    assert all(way <= LIMIT[box["project"]] for way, box in reached)
    assert names(around("not_implanted", NETWORK["boxes"], 300))[:2] == names(reached)


def test_ornamental():
    (_, nearest), (metres, following) = around("ornamental", NETWORK["poles"], 100)[:2]
    assert not ALLOWED[nearest["poleType"]]
    assert following is first_pole("ornamental")
    assert round(metres) == 31
    way, box = along_poles("ornamental")[0]
    assert (round(way), box["name"], free(box)) == (34, "CTO 36-01", 6)
    assert way <= LIMIT[box["project"]]


def test_gated(ozmap):
    point = PLACES["gated"].point
    answer = ozmap.get("/ftth-viability/radius", lat=point.lat, lng=point.lng)
    assert answer["viable"]
    condos = {condo["name"] for box in answer["boxes"] for condo in box["horizontal_condos"]}
    assert condos == {"Condomínio Jardim das Bromélias"}
    way, box = along_poles("gated")[0]
    assert way <= LIMIT[box["project"]]
    assert free(box)


@pytest.mark.parametrize("poles", [1000, 3000])
def test_places_do_not_depend_on_the_size(poles):
    larger = {one["id"]: one["coords"] for one in sample_network(poles)["poles"]}
    assert len(larger) >= poles
    assert all(larger[one["id"]] == one["coords"] for one in NETWORK["poles"])


def test_the_network_is_the_same_in_every_run():
    assert sample_network() == NETWORK


def test_streets():
    joined = [
        distance_m(where(one), where(BASE_POINTS[key]))
        for one in BASE_POINTS.values()
        for key in one["adjacents"]
    ]
    assert min(joined) >= 30
    assert max(joined) <= 38
    for one in BASE_POINTS.values():
        assert all(one["id"] in BASE_POINTS[key]["adjacents"] for key in one["adjacents"])
        assert len(set(one["adjacents"])) == len(one["adjacents"])
    kinds = {one["kind"] for one in NETWORK["points"]}
    assert kinds == {"Point", "JunctionBox"}
    assert any(not one["usable"] for one in NETWORK["poles"])


def test_boxes_are_of_every_kind():
    states = {(box["draft"], box["implanted"], box["certified"]) for box in NETWORK["boxes"]}
    assert states == {
        (True, False, False),
        (False, False, False),
        (False, True, False),
        (False, True, True),
    }
    service = [one for one in NETWORK["splitters"] if one["isDrop"]]
    assert {one["ratio"]["output"] for one in service} == {8, 16}
    assert any("ports" not in one for one in service)
    parents = {one["parent"] for one in service}
    assert sum(box["id"] not in parents for box in NETWORK["boxes"]) == 3
    assert any(box["id"] in parents and not free(box) for box in NETWORK["boxes"])
    assert all(BASE_POINTS[box["pole"]]["coords"] == box["coords"] for box in NETWORK["boxes"])
    found = [box["name"] for box in NETWORK["boxes"]]
    assert len(set(found)) == len(found)


def test_properties_agree_with_the_splitters():
    held = {}
    for one in NETWORK["properties"]:
        for connection in one["connections"]:
            assert connection["fiber"] not in held
            held[connection["fiber"]] = (connection["id"], connection["port"], one["box"])
    used = {
        fiber: (one["id"], port, one["parent"])
        for one in NETWORK["splitters"]
        if one["isDrop"]
        for port, fiber in enumerate(one["connectables"]["output"], 1)
        if fiber
    }
    assert held == used
    clients = {one["id"]: one for one in NETWORK["ftth-clients"]}
    with_client = [one["client"] for one in NETWORK["properties"] if one["client"]]
    assert sorted(with_client) == sorted(clients)
    assert len(with_client) < len(NETWORK["properties"])
    codes = sorted(one["code"] for one in clients.values())
    assert all(a != b for a, b in pairwise(codes))


def test_no_id_twice():
    ids = [one["id"] for records in NETWORK.values() for one in records]
    assert len(set(ids)) == len(ids)
