"""What an address may be taken for: a house only where its number was asked for and found."""

import pytest

from schemas.countries import Area
from schemas.point import Point
from schemas.tenants import Tenant
from webhook.location.address import Address
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.place import Place, Precision, Rough
from webhook.location.readers.address import parse
from webhook.location.search import AddressSearch
from webhook.location.words import same_street, same_town, state_of
from webhook.net.deadline import Deadline

ISP = Tenant("isp", "http://x", "x", {})
FLORIANOPOLIS = Area(-27.85, -48.56, -27.37, -48.35)
SAO_JOSE = Area(-27.65, -48.70, -27.50, -48.56)


@pytest.fixture
def search(sandbox):
    geocoder = Geocoder(SERVICES["nominatim"], f"{sandbox.url}/nominatim", None, None)
    return AddressSearch(geocoder, Postcodes(f"{sandbox.url}/viacep"))


@pytest.fixture
def find(search):
    return lambda text, tenant=ISP: search.find(parse(text), tenant, Deadline(5))


def test_the_house(find):
    assert find("R. Dona Marina 450, Trindade") == Place(
        Point(-27.5990129, -48.5204417),
        Precision.ADDRESS,
        "Rua Dona Marina, 450 - Trindade, Florianópolis - SC",
    )


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (
            "Rua Dona Marina",
            "Encontrei Rua Dona Marina - Trindade, Florianópolis - SC, mas falta o número da casa."
            " Envie o endereço completo, ou a sua localização pelo aplicativo.",
        ),
        (
            "Rua das Camélias, 100",
            "Encontrei Rua das Camélias - Trindade, Florianópolis - SC, mas o mapa não mostra o número 100."
            " Envie o endereço completo, ou a sua localização pelo aplicativo.",
        ),
    ],
)
def test_a_street_is_no_house_whether_or_not_a_number_was_asked_for(find, text, missing):
    found = find(text)
    assert (found.precision, found.missing) == (Precision.STREET, missing)
    assert not found.is_the_house


@pytest.mark.parametrize(
    ("text", "rough", "detail"),
    [
        (
            "88040-104",
            Rough(Precision.POSTCODE, "Rua Dona Marina - Trindade, Florianópolis - SC"),
            "Encontrei Rua Dona Marina - Trindade, Florianópolis - SC. Falta o número da casa."
            " Envie o endereço completo, ou a sua localização pelo aplicativo.",
        ),
        (
            "88190-000, 45",
            Rough(Precision.CITY, "Governador Celso Ramos - SC"),
            "Encontrei Governador Celso Ramos - SC. Faltam a rua e o número da casa."
            " Envie o endereço completo, ou a sua localização pelo aplicativo.",
        ),
        (
            "Trindade, Florianópolis - SC",
            Rough(Precision.DISTRICT, "Trindade, Florianópolis - SC"),
            "Encontrei Trindade, Florianópolis - SC. Faltam a rua e o número da casa."
            " Envie o endereço completo, ou a sua localização pelo aplicativo.",
        ),
        (
            "Rua das Acácias, 100",
            None,
            "Há esse endereço em Trindade, Florianópolis - SC e Kobrasol, São José - SC. Em qual deles é?"
            " Envie o endereço com o bairro e a cidade.",
        ),
    ],
)
def test_what_is_missing_is_asked_for(find, text, rough, detail):
    answer = find(text)
    assert (answer.outcome.code, answer.result, answer.detail) == ("endereco_impreciso", rough, detail)


def test_a_town_without_house_numbers_may_be_meant_too(search, sandbox):
    numbered, street = _raw("Rua das Flores", "12"), _raw("Rua das Flores", "")
    street |= {"lat": "-26.9", "lon": "-49.1", "address": street["address"] | {"city": "Blumenau"}}
    sandbox.faults.add("/nominatim/search", status=200, body=[numbered, street])
    answer = search.find(parse("Rua das Flores, 12"), ISP, Deadline(5))
    assert "em Trindade, Florianópolis - SC e Trindade, Blumenau - SC." in answer.detail
    for named in (parse("Rua das Flores, 12, Florianópolis - SC"), parse("Rua das Flores, 12, Trindade")):
        found = search.find(named, ISP, Deadline(5))
        assert isinstance(found, Place) is bool(named.city)


def test_of_two_towns_the_tenants_own(find):
    for area, district in ((FLORIANOPOLIS, "Trindade"), (SAO_JOSE, "Kobrasol")):
        tenant = Tenant("isp", "http://x", "x", {}, area=area)
        assert district in find("Rua das Acácias, 100", tenant).address


@pytest.mark.parametrize(
    ("around", "fits"),
    [
        ("Trindade", True),
        ("Florianópolis", True),
        ("Carvoeira, Florianópolis - SC", True),
        ("Blumenau", False),
        ("Trindade, Blumenau - SC", False),
        ("São José, Florianópolis - SC", True),
        ("Florianópolis - RS", False),
    ],
)
def test_a_result_in_another_town_is_none(search, sandbox, around, fits):
    sandbox.faults.add("/nominatim/search", status=200, body=[_raw("Rua Dona Marina", "450")])
    answer = search.find(parse(f"Rua Dona Marina, 450, {around}"), ISP, Deadline(5))
    assert isinstance(answer, Place) is fits


@pytest.mark.parametrize(("road", "fits"), [("Rua Dona Mariana", True), ("Rua Dona Carmela", False)])
def test_a_street_of_another_name_is_another_street(search, sandbox, road, fits):
    sandbox.faults.add("/nominatim/search", status=200, body=[_raw(road, "450")])
    answer = search.find(parse("Rua Dona Marina, 450"), ISP, Deadline(5))
    assert isinstance(answer, Place) is fits


def test_another_country_is_not_found(search, sandbox):
    abroad = _raw("Rua Dona Marina", "450") | {"lat": "38.7", "lon": "-9.1"}
    sandbox.faults.add("/nominatim/search", status=200, body=[abroad])
    answer = search.find(parse("Rua Dona Marina, 450"), ISP, Deadline(5))
    assert answer.outcome.code == "endereco_nao_encontrado"


def test_a_district_that_the_map_does_not_know_is_left_out(search, sandbox):
    found = search.find(parse("Rua Dona Marina, 450, Carvoeira, Florianópolis - SC"), ISP, Deadline(5))
    assert found.precision is Precision.STREET
    assert [call.query["q"] for call in sandbox.requests] == [
        "Rua Dona Marina, 450, Carvoeira, Florianópolis, SC",
        "Rua Dona Marina, 450, Florianópolis, SC",
    ]


def test_the_postcode_names_the_town_of_a_street_that_two_have(find):
    assert "São José" in find("Rua das Acácias, 100, 88102-100").address


OLIVIA = {"logradouro": "Rua Olívia - até 99", "bairro": "Piedade", "localidade": "Florianópolis", "uf": "SC"}


@pytest.mark.parametrize(
    ("number", "around", "precision"),
    [
        ("10", "Piedade / 20756-330", Precision.ADDRESS),
        ("10", "Piedade / ", Precision.ADDRESS),
        ("10", " / ", Precision.ADDRESS),
        # Maps and post offices differ about districts, not about a CEP.
        ("10", "Santa Cruz / 20756-330", Precision.ADDRESS),
        ("10", "Santa Cruz / ", Precision.STREET),
        # The CEP of a whole town.
        ("10", "Piedade / 20756-000", Precision.ADDRESS),
        ("10", "Santa Cruz / 23590-240", None),
        ("10", "Piedade / 23590-240", None),
        ("10", " / 23590-240", None),
        # A long street has several.
        ("", "Piedade / 20756-331", Precision.STREET),
        ("", "Santa Cruz / 23590-240", None),
    ],
)
def test_a_house_has_the_postcode_that_was_asked_for(search, sandbox, number, around, precision):
    sandbox.faults.add("/viacep", status=200, body=OLIVIA)
    suburb, _, postcode = around.partition(" / ")
    raw = _raw("Rua Olívia", number)
    address = raw["address"] | {"suburb": suburb, "postcode": postcode}
    raw["address"] = {name: part for name, part in address.items() if part}
    sandbox.faults.add("/nominatim/search", status=200, body=[raw])
    found = search.find(parse("20756-330, 10"), ISP, Deadline(5))
    assert sandbox.requests[1].query["q"] == "Rua Olívia, 10, Piedade, Florianópolis, SC"
    if precision:
        assert found.precision is precision
    else:
        assert found.outcome.code == "endereco_nao_encontrado"


def test_a_house_beside_a_typed_street_has_its_postcode_too(search, sandbox):
    sandbox.faults.add("/viacep", status=200, body=OLIVIA)
    raw = _raw("Rua Olívia", "10")
    raw["address"]["postcode"] = "23590-240"
    sandbox.faults.add("/nominatim/search", status=200, body=[raw])
    answer = search.find(parse("Rua Olívia, 10, 20756-330"), ISP, Deadline(5))
    assert answer.outcome.code == "endereco_nao_encontrado"


def test_a_street_is_never_what_a_town_is(search, sandbox):
    """A town's name is also that of streets, in other towns and in itself."""
    sandbox.faults.add("/nominatim/search", status=200, body=[_raw("Rua Florianópolis", "")])
    for text in ("Florianópolis", "Trindade, Florianópolis", "Florianópolis - SC"):
        answer = search.find(parse(text), ISP, Deadline(5))
        assert answer.outcome.code == "endereco_impreciso"
        assert "Rua" not in answer.result.address
        assert "Faltam a rua e o número" in answer.detail


def test_a_town_that_the_map_does_not_know_lacks_its_street_too(search, sandbox):
    sandbox.faults.add("/nominatim/search", status=200, body=[])
    answer = search.find(parse("Trindade, Florianópolis"), ISP, Deadline(5))
    assert answer.outcome.code == "endereco_impreciso"
    assert answer.detail.startswith("Faltam a rua e o número da casa.")


def test_in_the_federal_district_the_region_is_the_town(search, sandbox):
    raw = _raw("Rua 10", "5")
    raw["address"] |= {"suburb": "Vicente Pires", "city": "Brasília", "ISO3166-2-lvl4": "BR-DF"}
    sandbox.faults.add("/nominatim/search", status=200, body=[raw])
    found = search.find(parse("Rua 10, 5, Vicente Pires - DF"), ISP, Deadline(5))
    assert found.precision is Precision.ADDRESS


def test_services_in_trouble_are_never_a_no(find, sandbox):
    for path, text in (("/nominatim", "Rua Dona Marina, 450"), ("/viacep", "88040-104, 450")):
        sandbox.faults.add(path, status=503)
        assert find(text).outcome.code == "geocoder_indisponivel"
        sandbox.faults.clear()


def test_a_street_is_found_without_the_postcode_service(find, sandbox):
    sandbox.faults.add("/viacep", status=503)
    assert find("Rua Dona Marina, 450, 88040-104").precision is Precision.ADDRESS


def test_without_a_geocoder_an_address_is_not_understood(sandbox):
    search = AddressSearch(None, Postcodes(f"{sandbox.url}/viacep"))
    asked = parse("Rua Dona Marina, 450")
    assert search.find(asked, ISP, Deadline(5)).outcome.code == "geocoder_indisponivel"
    place = Place(Point(-27.5, -48.5), Precision.EXACT)
    assert search.with_address(place, Deadline(5)) == place


@pytest.mark.parametrize(
    ("asked", "found", "same"),
    [
        ("Rua das Araucárias", "Rua das Araucárias", True),
        ("rua araucaria", "Rua das Araucárias", True),
        ("Rua das Acácias", "Rua das Araucárias", False),
        ("lauro linares", "Rua Lauro Linhares", True),
        ("rua antonio edu vieira", "Rua Deputado Antônio Edu Vieira", True),
        ("Rua João da Silva", "Rua José da Silva", False),
        ("Rua São João", "Rua São José", False),
        ("Rua 2300", "Rua 2310", False),
        ("Rua 2300", "Rua 2300", True),
        ("av pres vargas", "Avenida Presidente Vargas", True),
    ],
)
def test_names_of_streets(asked, found, same):
    assert same_street(asked, found) is same


def test_names_of_towns_and_states():
    assert same_town("centro florianopolis", "Florianópolis")
    assert same_town("Floripa", "Florianópolis")
    assert not same_town("Blumenau", "Florianópolis")
    assert not same_town("São José dos Campos", "São José")
    assert not same_town("São José", "São José dos Campos")
    assert [state_of(text) for text in ("sc", "Santa Catarina", "Estado de São Paulo", "XX", "")] == [
        "SC", "SC", "SP", "", "",
    ]  # fmt: skip


def _raw(road, number):
    place = {"suburb": "Trindade", "city": "Florianópolis", "ISO3166-2-lvl4": "BR-SC"}
    house = {"lat": "-27.599", "lon": "-48.5204", "class": "place", "type": "house"}
    return house | {"display_name": "x", "address": {"road": road, "house_number": number} | place}


def test_an_address_as_people_write_it():
    assert Address("Rua X", "1", "", "Y", "SC").in_one_line() == "Rua X, 1 - Y - SC"
    assert Address("Rua X").in_one_line() == "Rua X"
    assert Address().in_one_line() == ""
