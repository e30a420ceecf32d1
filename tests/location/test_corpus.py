"""The corpus of locations, and what holds for any text."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.countries import COUNTRIES
from schemas.point import Point, distance_m
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.place import HOUSE_M, Place
from webhook.location.readers import address, read
from webhook.location.resolve import Locator
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.net.deadline import Deadline
from webhook.outcomes import Answer

CASES = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text())["case"]
BRAZIL = COUNTRIES["br"].area


class Links(ShortLinks):
    """Lead where the case says; following them has tests of its own."""

    def __init__(self, leads_to):
        super().__init__()
        self._leads_to = leads_to

    def follow(self, link, deadline):
        return self._leads_to


class NoPostcodes(Postcodes):
    """Know none."""

    def __init__(self):
        super().__init__("http://127.0.0.1:1")

    def address(self, postcode, deadline):
        return None


ISP = Tenant("isp", "http://x", "x", {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("text", case.get("json")))[:60])
def test_corpus(case, sandbox):
    search = AddressSearch(
        Geocoder(SERVICES["nominatim"], f"{sandbox.url}/nominatim", None, None),
        Postcodes(f"{sandbox.url}/viacep"),
    )
    isp = Tenant("isp", "http://x", "x", {}, country=COUNTRIES[case.get("country", "br")])
    request = LocationRequest(location=case.get("text", case.get("json")))
    locator = Locator(Links(case.get("leads_to", [])), search, lambda *_: None)
    found = locator.resolve(request, isp, "huggy", Deadline(10))
    if "query" in case:
        asked = [call.query["q"] for call in sandbox.requests if call.path == "/nominatim/search"]
        assert asked[0] == case["query"]
    if "at" in case:
        assert not isinstance(found, Answer), found
        assert distance_m(found.point, Point(*case["at"])) < 15
        assert found.precision == case.get("precision", "exata")
    else:
        assert isinstance(found, Answer), found
        assert found.outcome.code == case.get("code", "localizacao_nao_entendida")


@pytest.mark.parametrize("text", ["oi, quero internet", "bom dia", "João da Silva", "gostaria de saber se"])
def test_chat_beside_an_address_goes_to_no_map(text, sandbox):
    """What an earlier step of the flow asked for does not make an address of what the customer wrote now."""
    geocoder = Geocoder(SERVICES["nominatim"], f"{sandbox.url}/nominatim", None, None)
    locator = Locator(Links([]), AddressSearch(geocoder, NoPostcodes()), lambda *_: None)
    request = LocationRequest(location=text, number="45", city="Florianópolis", state="SC")
    assert locator.resolve(request, ISP, "huggy", Deadline(10)).outcome.code == "localizacao_nao_entendida"
    assert not sandbox.requests


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
    assert found is None or BRAZIL.holds(found.point)
    assert read(text, BRAZIL) == found


@pytest.mark.parametrize("whole", [str, lambda text: f"Rua {text}, 12", lambda text: f"88040-104 {text}"])
@given(text=st.text(max_size=4000) | st.text("0123456789.,-/ºnsR$ruaAvbdPlc", max_size=300))
@example(text=" " * 4000)
@example(text="rua " * 1000)
@example(text="SHIS " * 800)
@example(text="1 " * 2000)
def test_any_text_has_an_answer_without_network(whole, text):
    """Neither a defect nor, without a geocoder, a place that is not in the text itself."""
    locator = Locator(Links([]), AddressSearch(None, NoPostcodes()), lambda *_: None)
    request = LocationRequest(location=whole(text)[:4096])
    found = locator.resolve(request, ISP, "huggy", Deadline(10))
    assert found == locator.resolve(request, ISP, "huggy", Deadline(10))
    known = {"localizacao_nao_entendida", "endereco_nao_encontrado", "geocoder_indisponivel"}
    assert found.precision == "exata" if isinstance(found, Place) else found.outcome.code in known


@given(st.text(max_size=300))
def test_the_parts_of_an_address_are_lines_of_it(text):
    found = address.parse(text)
    assert found == address.parse(text)
    assert found.number == "" or found.number[0].isdigit()
    assert not found.postcode or len(found.postcode) == 8
    assert all(part == " ".join(part.split()) for part in (found.street, found.city))


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
        assert distance_m(found.point, place) < 1, spelling


dashes = st.sampled_from([*"-\u2212\u2013\u2014\u2012\u2010\u2011\u207b\uff0d", "&minus;"])
invisible = st.text("\u200e\u200f\u200b\u2060\ufeff\u202a\u202c\u00ad", max_size=2)
southern = st.builds(
    Point,
    st.floats(0.01, 5).map(lambda degrees: -round(degrees, 6)),
    st.floats(35, 73.9).map(lambda degrees: -round(degrees, 6)),
)


@given(
    southern,
    st.tuples(dashes, dashes),
    st.text(" \t\u00a0-()'\"", max_size=3) | invisible,
    st.sampled_from(["", "Casa ", "Casa", "lat", "lat ", "Latitude: ", "1. ", "\u2022 ", "Maria -", "("]),
    st.sampled_from([", ", ",", " ", "; ", " / ", "", " - ", ", long "]),
)
def test_no_text_turns_a_southern_place_into_a_northern_one(place, signs, apart, words, between):
    """Near the Equator both halves are in the country: nothing but the sign tells them apart."""
    (dash, other), (lat, lng) = signs, (f"{abs(degrees):.6f}" for degrees in place)
    for text in (
        f"{words}{dash}{apart}{lat}{between}{other}{apart}{lng}",
        f"{words}{dash}{apart}{lat.replace('.', ',')}{between}{other}{apart}{lng.replace('.', ',')}",
        f"https://maps.google.com/?q={dash}{apart}{lat},{other}{apart}{lng}",
        f"{words}{lat}{apart} S{between}{lng}{apart} W",
        f"{words}{sexagesimal(place.lat, 'NS')}{between}{sexagesimal(place.lng, 'LO')}",
    ):
        found = read(text, BRAZIL)
        assert found is None or found.point.lat < 0, text


wide = st.one_of(
    st.floats(2, 14.9).map(lambda zoom: (f"{zoom:.1f}z", f"zoom={zoom:.1f}", f"{zoom:.2f}")),
    st.integers(2, 14).map(lambda zoom: (f"{zoom}z", f"z={zoom}", f"{zoom}")),
    st.integers(2001, 9_000_000).map(lambda metres: (f"{metres}m", f"spn={metres / 111320:.5f},0.5", "5")),
)


@given(places, wide, st.sampled_from(["", "&hl=pt-BR", "&t=k", "&entry=gps"]))
def test_no_link_with_a_wide_picture_is_a_house(place, width, more):
    lat, lng = f"{place.lat:.6f}", f"{place.lng:.6f}"
    at, parameter, zoom = width
    for link in (
        f"https://www.google.com/maps/@{lat},{lng},{at}?x=1{more}",
        f"https://www.google.com/maps/@{lat},{lng},{at}/data=!3m1!1e3?x=1{more}",
        f"https://maps.google.com/maps?ll={lat},{lng}&{parameter}{more}",
        f"https://maps.google.com/maps?{parameter}&amp;ll={lat},{lng}{more}",
        f"https://maps.apple.com/?ll={lat},{lng}&{parameter}{more}",
        f"https://www.google.com/maps/@?api=1&map_action=map&center={lat}%2C{lng}&{parameter}{more}",
        f"https://www.openstreetmap.org/?lat={lat}&lon={lng}&{parameter}{more}",
        f"https://www.openstreetmap.org/#map={zoom}/{lat}/{lng}",
        f"https://www.google.com/url?q=https://maps.google.com/maps?ll%3D{lat},{lng}%26{parameter}&sa=D",
    ):
        assert read(link, BRAZIL) is None, link


@given(places, st.floats(0, 20_000), st.sampled_from(["accuracy", "horizontal_accuracy", "accuracyInMeters"]))
def test_the_metres_decide_whether_a_pin_is_a_house(place, metres, key):
    pin = {"location": {"latitude": place.lat + 1e-7, "longitude": place.lng, key: metres}}
    found = Locator(Links([]), AddressSearch(None, NoPostcodes()), lambda *_: None).resolve(
        LocationRequest(location=pin), ISP, "huggy", Deadline(10)
    )
    assert isinstance(found, Place) == (metres < HOUSE_M)
    assert isinstance(found, Answer) or found.metres >= metres
