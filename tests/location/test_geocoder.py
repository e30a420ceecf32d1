"""The geocoder as many threads and processes use it: once per question, no faster than allowed."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from schemas.countries import COUNTRIES
from schemas.point import Point
from webhook.location.cep import Postcodes
from webhook.location.geocoder import Geocoder
from webhook.location.geocoders import SERVICES
from webhook.location.outside import ServiceUnavailable
from webhook.net.deadline import Deadline
from webhook.net.rate import Throttle

BRAZIL = COUNTRIES["br"]


@pytest.fixture
def geocoder(sandbox):
    return Geocoder(SERVICES["nominatim"], f"{sandbox.url}/nominatim", None, None)


def searches(sandbox):
    return [call.query["q"] for call in sandbox.requests if call.path == "/nominatim/search"]


def test_a_hundred_who_ask_for_one_cold_address_make_one_call(geocoder, sandbox):
    sandbox.faults.add("/nominatim/search", delay=0.3)
    with ThreadPoolExecutor(100) as threads:
        found = list(
            threads.map(
                lambda _: geocoder.find("Rua Dona Marina, 450", BRAZIL, None, Deadline(10)), range(100)
            )
        )
    assert len(searches(sandbox)) == 1
    assert all(matches == found[0] and matches[0].address.number == "450" for matches in found)


def test_an_answer_is_remembered_a_failure_is_not(geocoder, sandbox):
    sandbox.faults.add("/nominatim", status=503, times=1)
    with pytest.raises(ServiceUnavailable):
        geocoder.find("Rua Dona Marina, 450", BRAZIL, None, Deadline(5))
    for _ in range(3):
        assert geocoder.find("Rua Dona Marina, 450", BRAZIL, None, Deadline(5))
        assert geocoder.find("Rua Nenhuma, 1", BRAZIL, None, Deadline(5)) == []
    assert searches(sandbox) == ["Rua Dona Marina, 450", "Rua Dona Marina, 450", "Rua Nenhuma, 1"]


def test_the_neighbour_has_the_same_address(geocoder, sandbox):
    point = Point(-27.598710, -48.519455)
    found = geocoder.address_at(point, Deadline(5))
    assert found.address.in_one_line() == "Rua Dona Marina, 548 - Trindade, Florianópolis - SC"
    assert geocoder.address_at(Point(point.lat + 1e-6, point.lng), Deadline(5)) is found
    assert geocoder.address_at(Point(-27.608389, -48.528206), Deadline(5)) is None
    assert len(sandbox.requests) == 2


def test_a_slow_service_is_given_up(geocoder, sandbox):
    sandbox.faults.add("/", drip=0.2)
    for ask in (
        lambda: geocoder.find("Rua Dona Marina, 450", BRAZIL, None, Deadline(0.5)),
        lambda: Postcodes(f"{sandbox.url}/viacep").address("88040104", Deadline(0.5)),
    ):
        with pytest.raises(ServiceUnavailable):
            ask()


def test_a_turn_that_comes_too_late_is_refused_at_once():
    throttle = Throttle(60)
    assert throttle.wait(Deadline(1))
    assert not throttle.wait(Deadline(1))
    assert not throttle.wait(Deadline(59))


def test_the_pace_is_one_for_all_processes():
    throttle = Throttle(60)
    forked = get_context("fork").Process(target=throttle.wait, args=(Deadline(1),))
    forked.start()
    forked.join()
    assert not throttle.wait(Deadline(1))


def test_only_the_public_nominatim_has_a_pace(monkeypatch):
    monkeypatch.setattr("webhook.net.rate.Throttle.wait", lambda *_: False)
    public = Geocoder(SERVICES["nominatim"], None, None, None)
    with pytest.raises(ServiceUnavailable):
        public.find("Rua Dona Marina, 450", BRAZIL, None, Deadline(5))


CEP = {
    "88040104": ("Rua Dona Marina", "Trindade", "Florianópolis", "SC"),
    "88190000": ("", "", "Governador Celso Ramos", "SC"),
}


def test_postcodes(sandbox):
    postcodes = Postcodes(f"{sandbox.url}/viacep")
    for _ in range(2):
        for cep, expected in CEP.items():
            found = postcodes.address(cep, Deadline(5))
            assert (found.street, found.district, found.city, found.state) == expected
            assert (found.postcode, found.number) == (cep, "")
        assert postcodes.address("88999999", Deadline(5)) is None
    assert [call.path for call in sandbox.requests] == [f"/viacep/{cep}/json/" for cep in (*CEP, "88999999")]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"status": 200, "body": "<html>"},
        {"status": 200, "body": []},
        {"status": 200, "body": {"logradouro": "Rua X"}},
        {"status": 200, "body": {"localidade": 7, "uf": "SC"}},
        {"broken": "reset"},
    ],
    ids=str,
)
def test_a_postcode_service_in_trouble(sandbox, fault):
    sandbox.faults.add("/viacep", **fault)
    with pytest.raises(ServiceUnavailable):
        Postcodes(f"{sandbox.url}/viacep").address("88040104", Deadline(5))


def test_a_postcode_that_does_not_exist_in_both_spellings(sandbox):
    for body in ({"erro": True}, {"erro": "true"}):
        sandbox.faults.add("/viacep", status=200, body=body, times=1)
        assert Postcodes(f"{sandbox.url}/viacep").address("88040104", Deadline(5)) is None
