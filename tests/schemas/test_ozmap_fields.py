"""Whatever OZmap sends, its field types read a value that a reply and a database take, or refuse it."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.ozmap_fields import Amount, Code, Coordinates, Count, Flag, Id, Ids, Port, Text, clean

ANY_TEXT = st.text(st.characters(codec=None), max_size=8)
"""With NUL and lone surrogates."""
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3)
)
READERS = [Amount(), Code(), Coordinates(), Count(), Flag(), Id(), Ids(), Port(), Text()]


@given(ANY_TEXT)
def test_clean_text_has_everything_but_nul_and_half_characters(text):
    cleaned = clean(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert cleaned == "".join(sign for sign in text if sign != "\0" and not "\ud800" <= sign <= "\udfff")
    assert clean(cleaned) == cleaned


@given(ANY_TEXT, ANY_TEXT)
@example("BOT-1", "BOT\0-1")
def test_a_code_equals_no_other_code_that_a_flow_could_send(sent, kept):
    if sent == clean(sent, "\ufffd") and "\ufffd" not in sent:
        assert (Code().read(kept) == sent) == (kept == sent)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: type(reader).__name__)
@given(value=JSON)
@example(value=10**400)
@example(value=-(10**400))
@example(value=float("nan"))
@example(value=1e308)
def test_any_value_is_read_or_refused(reader, value):
    try:
        read = reader.read(value)
    except ValidationError:
        return
    json.dumps(read, ensure_ascii=False, allow_nan=False).encode()
    if isinstance(reader, Port):
        assert read is None or 0 <= read < 2**31


@given(st.integers(0, 2**31 - 1))
def test_a_port_may_be_text(number):
    assert Port().read(number) == Port().read(str(number)) == Port().read(float(number)) == number


@given(st.integers(2**31, 10**99 - 1))
def test_a_port_beyond_31_bits_has_no_number(number):
    assert Port().read(number) is Port().read(str(number)) is None


@given(st.floats(0, allow_infinity=False) | st.integers(0, 10**300))
def test_an_amount_stays_as_it_is(value):
    assert Amount().read(value) == value
    assert math.isfinite(Amount().read(value))
