"""The drawing of the states, and what the code allows."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from schemas.request import Customer, SaleRequest
from webhook.sales.records import NEXT, Prospect, Reservation, State
from webhook.store.tables import SALES, personal

ARCHITECTURE = Path("docs/architecture.md")
NO_COLUMN = {"customer"}
MADE_OF_OTHERS = {"lat", "lng", "address"}
"""Of a Customer: the place that was found."""


def test_the_drawing_has_every_way_from_state_to_state():
    drawn = re.findall(r"^    (\w+) --> (\w+)$", ARCHITECTURE.read_text(), re.MULTILINE)
    allowed = {(before.value, after.value) for before, afters in NEXT.items() for after in afters}
    assert set(drawn) == allowed
    assert NEXT.keys() == set(State)


@pytest.mark.parametrize("record", [Reservation, Prospect])
def test_a_record_has_every_column_and_no_other(record):
    names = {one.name for one in (*fields(record), *fields(Customer))} - NO_COLUMN
    assert names == set(SALES[record.kind].columns.keys())


@pytest.mark.parametrize("table", SALES.values(), ids=SALES)
def test_the_personal_columns_are_those_of_the_customer_and_ozmaps_words(table):
    assert set(personal(table)) == {one.name for one in fields(Customer)} | {"refusal"}


def test_what_a_customer_keeps_of_a_request_is_asked_for():
    asked = {one.name for one in fields(SaleRequest)}
    assert {one.name for one in fields(Customer)} - asked <= MADE_OF_OTHERS
