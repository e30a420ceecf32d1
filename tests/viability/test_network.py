"""What is remembered of the poles: never wrong for the customer, and two reads cheaper."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import PLACES, Sandbox
from schemas.point import Point, distance_m
from schemas.tenants import Tenant
from tests.viability.oracle import Oracle
from tests.viability.town import at, box, id_, pole, street
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapAmbiguous, OzmapUnreadable
from webhook.viability.network import Tiles
from webhook.viability.pole import by_pole
from webhook.viability.verdict import Verdict

CUSTOMER = at(0, north_m=15)


class Town:
    """A sandbox that is asked again and again, by one process's memory."""

    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.sandbox, self.tenant, self.tiles = sandbox, tenant, Tiles()
        self.account = OzmapAccount(OzmapClient(tenant, Breaker()))

    def look(self, point: Point = CUSTOMER, seconds: float = 10) -> Verdict:
        self.sandbox.requests.clear()
        return by_pole(Ozmap(self.account, Deadline(seconds)), point, self.tenant, self.tiles)

    @property
    def reads(self) -> list[str]:
        return sorted(received.path for received in self.sandbox.requests)


@pytest.fixture
def town() -> Iterator[Callable[..., Town]]:
    open_now = []

    def make(network: dict[str, Any], **options: Any) -> Town:
        sandbox = Sandbox(token="t", network=network).__enter__()
        open_now.append(sandbox)
        return Town(sandbox, Tenant("isp", sandbox.url, "t", {}, **options))

    yield make
    for sandbox in open_now:
        sandbox.__exit__(None, None, None)


def test_a_second_look_reads_boxes_and_splitters_only(town):
    here = town(street(8, box(2, free=5)))
    first = here.look()
    assert here.reads == ["/base-points", "/boxes", "/pole-types", "/poles", "/projects", "/splitters"]
    assert here.look() == first
    assert here.reads == ["/boxes", "/splitters"]


def test_ports_and_boxes_are_those_of_now(town):
    here = town(street(8, box(2), box(3)))
    assert here.look().box.name == "CTO 2"
    here.sandbox.store["splitters"].change(id_(3, 2), connectables={"input": [], "output": [id_(4, 1)] * 8})
    assert here.look().box.name == "CTO 3"
    here.sandbox.store["boxes"].change(id_(2, 3), draft=True)
    assert here.look().reason == "sem_porta"


def test_a_no_is_never_said_from_memory(town):
    here = town(street(2, box(3)))
    assert here.look().reason == "sem_caixa", "the way to pole 3 is not built yet"
    for record in (pole(2), pole(3)):
        here.sandbox.store["poles"].add(record)
    verdict = here.look()
    assert (verdict.viable, verdict.box.name) == (True, "CTO 3")


def test_a_no_is_said_after_no_more_waits_than_without_a_memory(town):
    here = town(street(20))
    assert here.look().reason == "sem_caixa"
    assert here.look().reason == "sem_caixa"
    assert here.reads == ["/base-points", "/boxes", "/boxes", "/poles"]


def test_a_pole_type_that_is_new_is_known_at_the_next_look(town):
    here = town(street(8, box(2)))
    here.look()
    here.sandbox.store["pole-types"].add({"id": id_(6, 1), "name": "Novo", "viabilityAllowed": True})
    here.sandbox.store["poles"].change(id_(1, 0), poleType=id_(6, 1))
    here.tiles = Tiles()
    with pytest.raises(OzmapUnreadable, match="pole-types"):
        here.look()
    assert here.look().viable is True


def test_a_failed_read_is_not_remembered(town):
    here = town(street(8, box(2)))
    here.sandbox.faults.add("/base-points", status=500)
    with pytest.raises(OzmapAmbiguous, match="500"):
        here.look()
    here.sandbox.faults.clear()
    assert here.look().viable is True


def test_tenants_do_not_share(town):
    one, other = town(street(8, box(2))), town(street(8))
    other.tiles = one.tiles
    other.tenant = Tenant("other", other.sandbox.url, "t", {})
    assert one.look().viable is True
    assert other.look().reason == "sem_caixa"


@given(lat=st.floats(-89.9, 89.9), lng=st.floats(-180, 180), radius=st.floats(1, 1000))
def test_a_tile_holds_all_around_every_point_of_it(lat, lng, radius):
    point = Point(lat, lng)
    tile = Tiles().around(Tenant("isp", "http://x", "t", {}), point, radius)
    assert distance_m(tile.centre, point) <= tile.radius_m - radius + 0.001
    if abs(lat) < 60:
        assert tile.radius_m <= radius + 200


def test_memory_changes_no_verdict_anywhere(sandbox, tenant):
    oracle, chance = Oracle(sandbox.store), random.Random(11)
    lats, lngs = zip(*[point for point, _ in PLACES.values()], strict=True)
    everywhere = Town(sandbox, tenant)
    for _ in range(150):
        point = Point(chance.uniform(min(lats), max(lats)), chance.uniform(min(lngs), max(lngs)))
        verdict = everywhere.look(point)
        assert (verdict.box and verdict.box.name, verdict.reason) == oracle.by_pole(point), point
