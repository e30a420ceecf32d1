"""The corpus of locations, and what holds for any text."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.countries import COUNTRIES
from schemas.point import Point, distance_m
from webhook.location.readers import read

CASES = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text())["case"]
BRAZIL = COUNTRIES["br"].area


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("text", case.get("json")))[:60])
def test_corpus(case):
    found = read(case.get("text", case.get("json")), COUNTRIES[case.get("country", "br")].area)
    if "at" in case:
        assert found, "not read"
        assert distance_m(found, Point(*case["at"])) < 15
    else:
        assert found is None


@given(st.text(max_size=4000) | st.text("0123456789.,-°'\"SONLEW latng:{}[]", max_size=200))
@example("-" * 4000)
@example("1" * 4000)
@example("1 " * 2000)
@example("-27.5 " * 600)
@example("[" * 4000)
@example("https://a/dir/" + "dir/" * 1000)
@example('{"a":' * 600 + "1" + "}" * 600)
def test_any_text_is_a_point_in_the_country_or_none(text):
    found = read(text, BRAZIL)
    assert found is None or BRAZIL.holds(found)
    assert read(text, BRAZIL) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["latitude", "longitude", "lat", "lng", "location"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_too(value):
    assert read(value, BRAZIL) == read(json.loads(json.dumps(value)), BRAZIL)


places = st.builds(
    Point,
    st.floats(-33.5, 5).map(lambda degrees: round(degrees, 6)),
    st.floats(-73.9, -35).map(lambda degrees: round(degrees, 6)),
)


def sexagesimal(value: float, letters: str) -> str:
    minutes, seconds = divmod(abs(value) * 3600, 60)
    degrees, minutes = divmod(int(minutes), 60)
    return f"{degrees}°{minutes:02}'{seconds:05.2f}\"{letters[value < 0]}"


@given(
    places,
    st.sampled_from([", ", ",", " ", "; ", " / ", "\n"]),
    st.sampled_from(["{}", "({})", "[{}]", "vem: {} valeu"]),
)
def test_every_spelling_of_a_pair_comes_back(place, between, around):
    lat, lng = f"{place.lat:.6f}", f"{place.lng:.6f}"
    spellings = [
        f"{lat}{between}{lng}",
        f"{lat.replace('.', ',')}{between}{lng.replace('.', ',')}",
        f"lat: {lat}{between}lng: {lng}",
        f"lng: {lng}{between}lat: {lat}",
        f"{abs(place.lat):.6f} {'NS'[place.lat < 0]}{between}{abs(place.lng):.6f} O",
        f"{sexagesimal(place.lat, 'NS')}{between}{sexagesimal(place.lng, 'LO')}",
    ]
    for spelling in spellings:
        found = read(around.format(spelling), BRAZIL)
        assert found, spelling
        assert distance_m(found, place) < 1, spelling
