"""Both modes all over the sample network, against the records themselves."""

import random

import pytest

from sandbox import PLACES, Sandbox
from schemas.fields import Mode
from schemas.point import Point
from schemas.tenants import Tenant
from tests.viability.oracle import Oracle
from webhook import viability
from webhook.location.place import Place, Precision
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient

NEIGHBOURHOOD = [point for point, _ in PLACES.values()]


@pytest.fixture(scope="module")
def oracle(_shared_sandbox: Sandbox) -> Oracle:
    return Oracle(_shared_sandbox.store)


@pytest.fixture
def check(sandbox: Sandbox, tenant: Tenant):
    account = OzmapAccount(OzmapClient(tenant, Breaker()))

    def check(point: Point, mode: Mode):
        ozmap = Ozmap(account, Deadline(10))
        return viability.look_up(ozmap, Place(point, Precision.EXACT), mode, None, tenant), ozmap.calls

    return check


def test_by_pole_everywhere(check, oracle):
    chance = random.Random(7)
    lats, lngs = zip(*NEIGHBOURHOOD, strict=True)
    points = NEIGHBOURHOOD + [
        Point(chance.uniform(min(lats), max(lats)), chance.uniform(min(lngs), max(lngs))) for _ in range(150)
    ]
    check(points[0], Mode.POLE)  # projects and pole types are read once
    seen = set()
    for point in points:
        verdict, calls = check(point, Mode.POLE)
        box, reason = oracle.by_pole(point)
        assert (verdict.box and verdict.box.name, verdict.reason) == (box, reason), point
        assert verdict.viable is (box is not None)
        if box:
            assert sorted(call.operation for call in calls) == ["base-points", "boxes", "poles", "splitters"]
        else:
            assert len(calls) <= 7
        seen.add(reason)
    assert seen == {None, "sem_poste", "sem_caixa", "sem_porta", "distancia"}


@pytest.mark.parametrize(
    ("place", "by_pole", "by_radius"),
    [
        ("viable", "CTO 04-04", "CTO 04-04"),
        ("no_fibre_street", "sem_caixa", "sem_caixa"),
        ("full_boxes", "sem_porta", "sem_porta"),
        ("too_far", "distancia", "sem_caixa"),
        ("blocked_port", "sem_porta", "sem_porta"),
        ("nowhere", "sem_poste", "sem_caixa"),
        ("draft_only", "sem_caixa", "sem_caixa"),
        ("not_implanted", "CTO 35-01", "CTO 35-01"),
        ("ornamental", "CTO 36-01", "CTO 36-01"),
        ("island", "sem_caixa", "CTO 34-01"),
    ],
)
def test_the_named_places(check, place, by_pole, by_radius):
    found = []
    for mode in (Mode.POLE, Mode.RADIUS):
        verdict, _ = check(PLACES[place].point, mode)
        found.append(verdict.box.name if verdict.viable else verdict.reason)
    assert found == [by_pole, by_radius]
