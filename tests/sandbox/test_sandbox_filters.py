"""Filters against a naive evaluation, and what is refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.filters import parse_filters
from sandbox.lists import matching
from sandbox.records import RefusedError
from sandbox.store import Collection
from schemas.point import Point, distance_m

VALUES = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "a", "B", "ab", "Ab"]))
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"coords": st.tuples(st.floats(-48.53, -48.51), st.floats(-27.61, -27.59)).map(list)},
        optional={
            "pole": VALUES,
            "onu": st.fixed_dictionaries({"serial": VALUES}),
            "tags": st.lists(st.sampled_from(["a", "b", "c"])),
        },
    ),
    max_size=12,
)
PROPERTIES = st.sampled_from(["pole", "onu.serial", "tags"])


def no_area(model, key):
    raise RefusedError("no areas here")


def ids(records, *filters):
    collection = Collection(["pole"])
    for n, record in enumerate(records):
        collection.add({**record, "id": f"{n:024x}"})
    found = matching(parse_filters(list(filters), no_area), [collection], lambda record: record)
    return [int(record["id"], 16) for record in found]


def leaves(record, path):
    if path == "onu.serial":
        return [record["onu"]["serial"]] if "onu" in record else [None]
    value = record.get(path)
    return (value or [None]) if isinstance(value, list) else [value]


def same(a, b):
    return type(a) is type(b) and a == b


def naive(leaf_values, operator, value):
    def has(wanted):
        return any(same(leaf, wanted) for leaf in leaf_values)

    def ordered(test):
        kinds = (str,) if isinstance(value, str) else (int,)
        return any(type(leaf) in kinds and test(leaf) for leaf in leaf_values)

    return {
        "=": lambda: has(value),
        "eq": lambda: has(value),
        "!=": lambda: not has(value),
        "in": lambda: any(has(one) for one in value),
        "notin": lambda: not any(has(one) for one in value),
        "all": lambda: all(has(one) for one in value),
        "like": lambda: any(type(x) is str and value.lower() in x.lower() for x in leaf_values),
        "exists": lambda: any(leaf is not None for leaf in leaf_values) is value,
        "<": lambda: ordered(lambda leaf: leaf < value),
        "<=": lambda: ordered(lambda leaf: leaf <= value),
        ">": lambda: ordered(lambda leaf: leaf > value),
        ">=": lambda: ordered(lambda leaf: leaf >= value),
    }[operator]()


OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["=", "eq", "!="]), VALUES),
    st.tuples(st.sampled_from(["in", "notin", "all"]), st.lists(VALUES, max_size=4)),
    st.tuples(st.just("like"), st.sampled_from(["", "a", "B"])),
    st.tuples(st.just("exists"), st.booleans()),
    st.tuples(
        st.sampled_from(["<", "<=", ">", ">="]),
        st.one_of(st.integers(-2, 2), st.sampled_from(["", "a", "B"])),
    ),
)


@settings(deadline=None)
@given(RECORDS, st.lists(st.tuples(PROPERTIES, OPERATIONS), max_size=3))
def test_a_filter_finds_what_a_naive_evaluation_finds(records, wanted):
    filters = [{"property": name, "operator": operator, "value": value} for name, (operator, value) in wanted]
    expected = [
        n
        for n, record in enumerate(records)
        if all(naive(leaves(record, name), *operation) for name, operation in wanted)
    ]
    assert sorted(ids(records, *filters)) == expected


@settings(deadline=None)
@given(RECORDS, st.floats(-27.62, -27.58), st.floats(-48.54, -48.5), st.floats(0, 3000))
def test_near_finds_all_within_the_radius_nearest_first(records, lat, lng, radius):
    reached = {
        n: distance_m(Point(lat, lng), Point(record["coords"][1], record["coords"][0]))
        for n, record in enumerate(records)
    }
    value = {"lat": str(lat), "lng": str(lng), "radius": radius}
    found = ids(records, {"property": "coords", "operator": "near", "value": value})
    assert sorted(found) == [n for n, metres in reached.items() if metres <= radius]
    assert [reached[n] for n in found] == sorted(reached[n] for n in found)


@pytest.mark.parametrize(
    "value",
    [
        {"lat": -27.6, "lng": -48.52},
        {"latitude": "-27.6", "longitude": "-48.52"},
        {"coords": [-48.52, -27.6], "radius": "150"},
        {"coordinates": [-48.52, -27.6], "radius": None},
    ],
)
def test_near_reads_every_documented_form(value):
    records = [{"coords": [-48.521, -27.6]}, {"coords": [-48.52, -27.6]}, {}]
    assert ids(records, {"property": "coords", "operator": "near", "value": value}) == [1, 0]


def test_within_a_polygon_with_a_hole():
    def square(half):
        return [[-half, -half], [half, -half], [half, half], [-half, half], [-half, -half]]

    polygon = {"type": "Polygon", "coordinates": [square(2), square(1)]}
    records = [{"coords": [0, 0]}, {"coords": [1.5, 0]}, {"coords": [0, -1.5]}, {"coords": [3, 0]}]
    assert ids(records, {"property": "coords", "operator": "within", "value": polygon}) == [1, 2]


def test_point_intersect_finds_areas():
    square = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]
    records = [{"area": {"type": "Polygon", "coordinates": [square]}}, {"area": None}, {}]
    one = {"property": "area", "operator": "point-intersect", "value": {"lat": 0.5, "lng": -0.5}}
    assert ids(records, one) == [0]


def test_a_reference_matches_by_id_and_underscore_id_is_id():
    records = [{"client": {"id": "x", "code": "7"}}, {"client": "y"}, {"client": None}]
    assert ids(records, {"property": "client", "operator": "=", "value": "x"}) == [0]
    assert ids(records, {"property": "client.code", "operator": "=", "value": "7"}) == [0]
    assert ids(records, {"property": "client", "operator": "exists", "value": "true"}) == [0, 1]
    assert ids(records, {"property": "_id", "operator": "=", "value": f"{1:024x}"}) == [1]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "filter: a list of filters is expected"),
        ("x", "filter: a list of filters is expected"),
        (["x"], 'filter: each filter is {"property", "operator", "value"}'),
        ([[]], "filter: a list inside the list (nested filters) is not supported"),
        ([{"operator": "=", "value": 1}], "filter: property is missing"),
        ([{"property": "a", "value": 1}], "filter: unknown operator None"),
        ([{"property": "a", "operator": "~", "value": 1}], "filter: unknown operator '~'"),
        ([{"property": "a", "operator": "="}], "filter: value is missing for a"),
        *(
            (
                [{"property": name, "operator": operator, "value": value}],
                f"filter: the value for {name} {operator} cannot be used",
            )
            for name, operator, value in [
                ("a", "=", [1]),
                ("a", "!=", {}),
                ("a", "in", "x"),
                ("a", "in", [[1]]),
                ("a", "like", 7),
                ("a", "<", None),
                ("a", ">", True),
                ("a", "exists", "perhaps"),
                ("coords", "near", "here"),
                ("coords", "near", {"lat": 1}),
                ("coords", "near", {"lat": "x", "lng": 1}),
                ("coords", "near", {"lat": 91, "lng": 1}),
                ("coords", "near", {"coords": [1]}),
                ("coords", "near", {"lat": 1, "lng": math.nan}),
                ("coords", "near", {"lat": 1, "lng": 1, "radius": -1}),
                ("coords", "near", {"lat": 1, "lng": 1, "radius": math.inf}),
                ("coords", "within", {"type": "Point", "coordinates": []}),
                ("coords", "within", {"type": "Polygon", "coordinates": [[1, 2]]}),
                ("area", "point-intersect", {}),
            ]
        ),
        (
            [{"property": "lat", "operator": "near", "value": {}}],
            "filter: near works on coords, not on lat",
        ),
    ],
)
def test_a_malformed_filter_is_refused_with_a_reason(raw, message):
    with pytest.raises(RefusedError) as refused:
        parse_filters(raw, no_area)
    assert str(refused.value) == message
    assert refused.value.status is None
