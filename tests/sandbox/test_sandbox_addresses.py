"""The sandbox's geocoder and CEP service: Nominatim's and ViaCEP's shapes over the sample neighbourhood."""

import pytest
import requests


@pytest.fixture
def get(sandbox):
    return lambda path, **query: requests.get(f"{sandbox.url}{path}", params=query, timeout=5)


def search(get, text, **query):
    return get("/nominatim/search", q=text, format="json", addressdetails=1, **query).json()


def test_a_house(get):
    [found] = search(get, "Rua Dona Marina, 450, Trindade, Florianópolis, SC")
    assert found == {
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "lat": "-27.5990129",
        "lon": "-48.5204417",
        "class": "place",
        "type": "house",
        "addresstype": "house",
        "display_name": found["display_name"],
        "address": {
            "house_number": "450",
            "road": "Rua Dona Marina",
            "suburb": "Trindade",
            "city": "Florianópolis",
            "municipality": "Região Geográfica Imediata de Florianópolis",
            "state": "Santa Catarina",
            "ISO3166-2-lvl4": "BR-SC",
            "postcode": "88040-104",
            "country": "Brasil",
            "country_code": "br",
        },
    }


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("rua dona marina", ["residential"]),
        ("rua dona marina, 99999", ["residential"]),
        ("rua das camelias, 100", ["residential"]),
        ("rua das acacias, 100", ["house", "house"]),
        ("rua das acacias, 100, sao jose", ["house"]),
        ("trindade, florianopolis", ["suburb"]),
        ("florianopolis", ["administrative"]),
        ("rua dona marina, blumenau", []),
        ("", []),
    ],
)
def test_all_words_must_be_there(get, text, kinds):
    assert [found["type"] for found in search(get, text)] == kinds


def test_a_limit(get):
    assert len(search(get, "rua das acacias, 100", limit=1)) == 1


def test_reverse(get):
    found = get("/nominatim/reverse", lat=-27.598710, lon=-48.519455, format="json").json()
    assert found["address"]["road"] == "Rua Dona Marina"
    assert get("/nominatim/reverse", lat=0, lon=0).json() == {"error": "Unable to geocode"}


def test_postcodes(get):
    assert get("/viacep/88040104/json/").json() == {
        "cep": "88040-104",
        "logradouro": "Rua Dona Marina",
        "complemento": "",
        "unidade": "",
        "bairro": "Trindade",
        "localidade": "Florianópolis",
        "uf": "SC",
        "estado": "Santa Catarina",
        "regiao": "Sul",
        "ddd": "48",
    }
    assert get("/viacep/99999999/json/").json() == {"erro": "true"}
    assert get("/viacep/1/json/").status_code == 400


def test_faults_hit_them_too(get, sandbox):
    sandbox.faults.add("/viacep", status=503, times=1)
    assert [get("/viacep/88040104/json/").status_code for _ in "12"] == [503, 200]
    assert [call.path for call in sandbox.requests] == ["/viacep/88040104/json/"] * 2
