"""Feasibility by radius: what is asked of OZmap, and what its answer means."""

import json

import pytest

from schemas.fields import Mode
from schemas.point import Point
from schemas.tenants import Tenant
from tests.viability.town import documented
from webhook import viability
from webhook.location.place import Place, Precision
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient

URL = "http://ozmap/api/v2/ftth-viability/radius"
CUSTOMER = Place(Point(-27.59541234567891, 0.00001), Precision.EXACT)


def check(asked=None, **options):
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="t", keys={}, **options)
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(5))
    return viability.look_up(ozmap, CUSTOMER, Mode.RADIUS, asked, tenant)


def box(name, distance, **changes):
    return documented("viability_radius")["boxes"][0] | {"name": name, "distance": distance, **changes}


def answer(*boxes, refused=()):
    return {"viable": bool(boxes), "boxes": list(boxes), "refused_boxes": list(refused), "properties": []}


def test_the_documented_answer(requests_mock):
    requests_mock.get(URL, json=documented("viability_radius"))
    verdict = check()
    assert (verdict.viable, verdict.outcome.code, verdict.viable_boxes) == (True, "viavel", 1)
    assert (verdict.box.name, verdict.box.distance_m, verdict.box.free_ports) == ("CTO 22-05", 30.41, 6)


@pytest.mark.parametrize(
    ("asked", "tenants", "radius"),
    [(None, None, None), (250.0, None, ["250.0"]), (None, 99.5, ["99.5"]), (250.0, 99.5, ["250.0"])],
)
def test_no_radius_unless_the_request_or_the_tenant_sets_one(requests_mock, asked, tenants, radius):
    mocked = requests_mock.get(URL, json=answer())
    check(asked, radius_m=tenants)
    sent = mocked.last_request.qs
    assert sent.pop("radius", None) == radius
    # All decimals that came, and no exponent.
    assert sent == {"lat": ["-27.59541234567891"], "lng": ["0.00001"]}


def test_the_nearest_box_whatever_the_order(requests_mock):
    requests_mock.get(URL, json=answer(box("B", 80), box("A", 12.5), box("C", 40)))
    verdict = check()
    assert (verdict.box.name, verdict.viable_boxes) == ("A", 3)


def test_boxes_that_are_not_implanted(requests_mock):
    requests_mock.get(URL, json=answer(box("A", 12.5, implanted=False), box("B", 80)))
    assert (check().box.name, check().box.implanted) == ("A", False)
    assert check(implanted_only=True).box.name == "B"
    requests_mock.get(URL, json=answer(box("A", 12.5, implanted=False)))
    assert (check(implanted_only=True).viable, check(implanted_only=True).reason) == (False, "sem_caixa")


@pytest.mark.parametrize(("refused", "reason"), [([], "sem_caixa"), ([{"odd": 1}, None], "sem_porta")])
def test_a_no_has_its_reason(requests_mock, refused, reason):
    requests_mock.get(URL, json=answer(refused=refused))
    verdict = check()
    assert (verdict.viable, verdict.reason, verdict.outcome.code) == (False, reason, "sem_viabilidade")


@pytest.mark.parametrize("refused", [[], [{"odd": 1}]])
def test_viable_without_a_box_is_for_a_person_and_neither_a_yes_nor_a_no(requests_mock, refused):
    requests_mock.get(URL, json=answer(refused=refused) | {"viable": True})
    for verdict in (check(), check(implanted_only=True)):
        assert (verdict.viable, verdict.reason, verdict.box, verdict.viable_boxes) == (None, None, None, None)
        assert verdict.outcome.code == "viavel_sem_caixa"
        assert (verdict.outcome.ok, verdict.outcome.later, verdict.failure) == (False, False, "")


UNREADABLE = [
    {"viable": False, "boxes": [box("A", 1)], "refused_boxes": []},
    {"boxes": [], "refused_boxes": []},
    {"viable": None, "boxes": [], "refused_boxes": []},
    {"viable": False, "boxes": None, "refused_boxes": []},
    {"viable": False, "boxes": "no project compatible", "refused_boxes": []},
    {"viable": False, "boxes": []},
    {"viable": True, "boxes": [box("A", None)], "refused_boxes": []},
    [],
    False,
    None,
    "",
]


@pytest.mark.parametrize("body", UNREADABLE, ids=json.dumps)
def test_what_cannot_be_read_is_undefined_and_never_a_no(requests_mock, body):
    requests_mock.get(URL, json=body)
    verdict = check()
    assert (verdict.viable, verdict.reason, verdict.outcome.code) == (None, None, "ozmap_indisponivel")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_definite_refusal(requests_mock, status):
    requests_mock.get(URL, status_code=status, text="<html>no</html>")
    assert (check().viable, check().outcome.code) == (None, "ozmap_recusou")


@pytest.mark.parametrize("status", [301, 302, 307, 429, 500, 502, 503, 504])
def test_trouble(requests_mock, status):
    requests_mock.get(URL, status_code=status)
    assert (check().viable, check().outcome.code) == (None, "ozmap_indisponivel")
