"""OZmap's documented payloads load; what is missing or mistyped is an error, never a "no"."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from schemas.ozmap import (
    BASE_POINTS,
    BOXES,
    POLE_TYPES,
    POLES,
    PROJECTS,
    RADIUS_VIABILITY,
    SPLITTERS,
    BasePoint,
    Box,
    Pole,
    Project,
    RadiusViability,
    Splitter,
    ViableBox,
)
from schemas.point import Point, distance_m
from schemas.record import RowSchema

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ozmap"


def documented(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def test_pole():
    expected = Pole(
        id="5da61d67493d9c0006665408",
        point=Point(-27.576735865170544, -48.52695733308792),
        adjacents=("5da61d67493d9c0006665409", "5da61d8e493d9c0006665418"),
        usable=True,
        type="5d7d2b3fdbc425449801709e",
        name="P_1",
    )
    assert POLES.load(documented("pole")) == expected
    assert BASE_POINTS.load(documented("pole")) == BasePoint(expected.id, expected.point, expected.adjacents)


def test_pole_list():
    poles = POLES.read_list(documented("poles_list")["rows"])
    assert [pole.name for pole in poles] == ["P_1", "P_2", "P_3"]
    assert all(near.id in far.adjacents for near, far in itertools.pairwise(poles))
    assert 15 < distance_m(poles[0].point, poles[1].point) < 25


def test_boxes():
    assert BOXES.load(documented("box")) == Box(
        id="63614ffe5f40a200200b9db7",
        project="5d9f3ff9200141000647f814",
        draft=False,
        implanted=False,
        pole="63614ffe5f40a200200b9db8",
        name="teste",
    )
    row = BOXES.load(documented("box_row"))
    assert (row.name, row.implanted) == ("POP - 1", True)


def test_splitters():
    splitter = SPLITTERS.load(documented("splitter"))
    assert splitter == Splitter(
        id="5da61e20493d9c000666547c",
        box="5da61e20493d9c0006665479",
        drop=True,
        outputs=(True,) + (False,) * 7,
        blocked=(False,) * 8,
    )
    assert splitter.free_ports == 7
    older = SPLITTERS.load(documented("splitter_without_ports"))
    assert (older.blocked, older.free_ports) == ((), 3)


def test_blocked_and_network_outputs_are_not_free():
    raw = documented("splitter")
    raw["ports"][1]["blocked"] = True
    assert SPLITTERS.load(raw).free_ports == 6
    assert SPLITTERS.load(raw | {"isDrop": False}).free_ports == 0


def test_project():
    raw = documented("project")
    assert PROJECTS.load(raw) == Project("5d9f3ff9200141000647f814", 200)
    assert PROJECTS.load(raw | {"drop": {}}).drop is None
    assert PROJECTS.load(raw | {"drop": None}).drop is None
    del raw["drop"]
    assert PROJECTS.load(raw).drop is None


def test_pole_type_allows_viability_unless_it_says_otherwise():
    raw = {"id": "5d7d2b3fdbc425449801709e", "name": "Poste"}
    assert POLE_TYPES.load(raw).viability_allowed is True
    assert POLE_TYPES.load(raw | {"viabilityAllowed": None}).viability_allowed is True
    assert POLE_TYPES.load(raw | {"viabilityAllowed": False}).viability_allowed is False


def test_radius_viability():
    assert RADIUS_VIABILITY.load(documented("viability_radius")) == RadiusViability(
        viable=True,
        boxes=[
            ViableBox(
                id="5dc06d1275fc7d0006732521",
                distance_m=30.41,
                implanted=True,
                free_ports=6,
                project="5d51a87046cbe700148328bf",
                name="CTO 22-05",
            )
        ],
        refused_boxes=[],
    )


def test_a_reference_may_be_the_object():
    raw = documented("box")
    whole = raw | {"project": documented("project"), "pole": {"_id": raw["pole"], "kind": "POLE"}}
    assert BOXES.load(whole) == BOXES.load(raw)
    pole = documented("pole")
    adjacents = [{"id": id_} for id_ in pole["adjacents"]]
    assert POLES.load(pole | {"adjacents": adjacents}) == POLES.load(pole)


def test_a_name_is_not_needed():
    for schema, name in ((POLES, "pole"), (BOXES, "box")):
        raw = documented(name)
        assert schema.load(raw | {"name": None}).name == ""
        del raw["name"]
        assert schema.load(raw).name == ""
        with pytest.raises(ValidationError, match="name"):
            schema.load(raw | {"name": 7})


NEEDED: list[tuple[Schema, str, list[str]]] = [
    (POLES, "pole", ["id", "coords"]),
    (BOXES, "box", ["id", "project", "implanted"]),
    (SPLITTERS, "splitter", ["id", "parent", "isDrop", "connectables"]),
    (PROJECTS, "project", ["id"]),
    (RADIUS_VIABILITY, "viability_radius", ["viable", "boxes"]),
]


@pytest.mark.parametrize(
    ("schema", "name", "key"), [(schema, name, key) for schema, name, keys in NEEDED for key in keys]
)
def test_a_needed_key_may_not_be_missing_or_of_another_type(schema, name, key):
    raw = documented(name)
    for wrong in ["yes", 7, [None], {"else": 1}, float("nan"), "0" * 24 + "\n"]:
        with pytest.raises(ValidationError, match=key):
            schema.load(raw | {key: wrong})
    del raw[key]
    with pytest.raises(ValidationError, match=key):
        schema.load(raw)


@pytest.mark.parametrize(
    ("schema", "name", "key", "default"),
    [
        (POLES, "pole", "usable", True),
        (POLES, "pole", "adjacents", ()),
        (POLES, "pole", "poleType", None),
        (BOXES, "box", "draft", False),
        (BOXES, "box", "pole", None),
        (SPLITTERS, "splitter", "ports", ()),
    ],
)
def test_what_an_older_record_lacks_has_the_default_of_the_sdk(schema, name, key, default):
    raw = documented(name)
    attribute = next(each for each, field in schema.fields.items() if key in {each, field.data_key})
    for wrong in [7, {"else": 1}]:
        with pytest.raises(ValidationError, match=key):
            schema.load(raw | {key: wrong})
    raw.pop(key, None)
    for spelling in [{}, {key: None}, {key: ""}] if default is None else [{}, {key: None}]:
        assert getattr(schema.load(raw | spelling), attribute) == default


@pytest.mark.parametrize("key", ["id", "distance", "implanted", "availability"])
def test_a_viable_box_needs_its_keys(key):
    raw = documented("viability_radius")
    for wrong in [
        None,
        "30.41",
        -1,
        True if key != "implanted" else "sim",
        2.5 if key == "availability" else {},
    ]:
        raw["boxes"][0][key] = wrong
        with pytest.raises(ValidationError, match=key):
            RADIUS_VIABILITY.load(raw)


@pytest.mark.parametrize(
    "coords",
    [[-48.5], [-48.5, -27.5, 3], [-27.5, -148.5], [181, 0], ["-48.5", "-27.5"], [None, 1], {}, "ab"],
)
def test_coordinates_are_lng_lat_within_the_earth(coords):
    with pytest.raises(ValidationError):
        POLES.load(documented("pole") | {"coords": coords})


@pytest.mark.parametrize("output", [None, "x", [1], [False]])
def test_outputs_of_a_splitter_are_fibers_or_null(output):
    raw = documented("splitter") | {"connectables": {"output": output}}
    with pytest.raises(ValidationError):
        SPLITTERS.load(raw)


@pytest.mark.parametrize("ports", ["x", [1], [{}], [{"blocked": "no"}]])
def test_ports_of_a_splitter_say_whether_they_are_blocked(ports):
    with pytest.raises(ValidationError):
        SPLITTERS.load(documented("splitter") | {"ports": ports})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
SCHEMAS = [RADIUS_VIABILITY, POLES, BOXES, SPLITTERS, PROJECTS]
KEYS = sorted({field.data_key or name for schema in SCHEMAS for name, field in schema.fields.items()})


@given(st.sampled_from(SCHEMAS), st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_any_json_is_a_record_or_a_validation_error(schema, raw):
    try:
        schema.load(raw)
    except ValidationError as error:
        assert error.messages


ROWS = {
    BASE_POINTS: "pole",
    POLES: "pole",
    BOXES: "box_row",
    SPLITTERS: "splitter",
    RADIUS_VIABILITY: "viability_radius",
}
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.text(max_size=2), st.lists(st.none(), max_size=2)
)


def outcome(load: Callable[..., Any], *args: Any) -> Any:
    try:
        return load(*args)
    except ValidationError as error:
        return error.messages


@pytest.mark.parametrize("schema", ROWS, ids=repr)
@given(data=st.data())
def test_the_short_way_reads_as_marshmallow_does(schema, data):
    record = documented(ROWS[schema])
    for key in data.draw(st.lists(st.sampled_from(sorted(record)), max_size=2, unique=True)):
        del record[key]
        if data.draw(st.booleans()):
            record[key] = data.draw(ANYTHING)
    assert outcome(schema.load, record) == outcome(super(RowSchema, schema).load, record)
    rows = [record, data.draw(ANYTHING)] if data.draw(st.booleans()) else [record]
    own = type(schema)(many=True)
    assert outcome(own.load, rows) == outcome(super(RowSchema, own).load, rows)
