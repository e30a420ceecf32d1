"""OZmap's customers load; what an answer does not show stays unknown."""

import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.ozmap_customers import (
    CLIENTS,
    PROPERTIES,
    PROPERTIES_OF_CLIENT,
    PROSPECTS,
    TAGS,
    Client,
    Connection,
    Prospect,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ozmap"
ID, CLIENT, SPLITTER = "6390ba3be0e3780014620fde", "6390ba3be0e3780014620fdb", "5da6241af003e8132800002a"


def documented(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.mark.parametrize("shown", [{}, {"implanted": None}])
def test_a_client_that_is_read_itself_is_not_implanted_unless_it_says_so(shown):
    assert CLIENTS.load({"id": CLIENT, **shown}) == Client(CLIENT, implanted=False)


@pytest.mark.parametrize("client", [CLIENT, {"id": CLIENT}, {"_id": CLIENT, "implanted": None, "code": None}])
@pytest.mark.parametrize("schema", [PROPERTIES, PROPERTIES_OF_CLIENT])
def test_what_a_property_does_not_show_of_its_client_stays_unknown(schema, client):
    assert schema.load({"id": ID, "client": client}).client == Client(CLIENT, implanted=None, code=None)


def test_a_client_in_a_property():
    shown = {"_id": CLIENT, "implanted": True, "code": "3066", "name": "Maria", "observation": "x"}
    assert PROPERTIES.load({"id": ID, "client": shown}).client == Client(CLIENT, True, "Maria", "3066", "x")


@pytest.mark.parametrize("none", [None, ""])
def test_a_property_may_have_no_client_but_must_say_so(none):
    assert PROPERTIES.load({"id": ID, "client": none}).client is None
    with pytest.raises(ValidationError, match="client"):
        PROPERTIES.load({"id": ID})
    assert PROPERTIES_OF_CLIENT.load({"id": ID}).client is None


@pytest.mark.parametrize(
    "rest", [{}, {"connections": None, "box": None, "observation": None, "coords": None}]
)
def test_what_a_property_lacks_is_none(rest):
    found = PROPERTIES.load({"id": ID, "client": CLIENT, **rest})
    assert (found.connections, found.box, found.observation, found.point) == ([], None, "", None)


def test_a_box_that_is_empty_text_is_none():
    assert PROPERTIES.load({"id": ID, "client": CLIENT, "box": ""}).box is None


@pytest.mark.parametrize(
    ("sent", "port"),
    [(3, 3), ("3", 3), (" 03 ", 3), (3.0, 3), (2**31 - 1, 2**31 - 1), (2**31, None), ("9999999999", None)],
)
def test_a_port_is_a_number_or_text_and_a_connection_with_any_number_stands(sent, port):
    raw = {"id": ID, "client": CLIENT, "connections": [{"id": SPLITTER, "port": sent, "name": "S"}]}
    assert PROPERTIES.load(raw).connections == [Connection(SPLITTER, port, "S")]


@pytest.mark.parametrize("port", ["A3", "", "٣", "1_0", -1, "-1", 2.5, True, None, [3], float("inf")])
def test_what_is_no_port_is_unreadable(port):
    raw = {"id": ID, "client": CLIENT, "connections": [{"id": SPLITTER, "port": port}]}
    with pytest.raises(ValidationError, match="port"):
        PROPERTIES.load(raw)


@pytest.mark.parametrize("connections", ["x", 7, {}, [None], [7]])
def test_connections_that_are_no_list_of_records_are_unreadable(connections):
    with pytest.raises(ValidationError, match="connections"):
        PROPERTIES.load({"id": ID, "client": CLIENT, "connections": connections})


def test_prospects():
    assert PROSPECTS.load(documented("prospect_created")) == Prospect(
        "638a09aee0e378001461eb90", "150", "Proximo ao mercado"
    )
    assert PROSPECTS.load({"_id": ID, "code": None, "observation": None}) == Prospect(ID, "", "")


def test_texts_are_clean_and_a_code_is_never_cleaned_into_another():
    text = "a\ud83d \0b\udfff😀"
    client = CLIENTS.load({"id": CLIENT, "name": text, "observation": text, "code": "BOT\0-1\ud83d"})
    assert client == Client(CLIENT, False, "a b😀", "BOT\ufffd-1\ufffd", "a b😀")
    assert PROSPECTS.load({"id": ID, "code": "BOT\0-1"}).code == "BOT\ufffd-1"
    tag = TAGS.load({"id": ID, "name": text, "allowedTypes": ["prospect"]})
    assert tag.name == "a b😀"
