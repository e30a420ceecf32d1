"""Feasibility by pole, on small networks with one question each, over real HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import Sandbox
from schemas.tenants import Tenant
from tests.viability.town import BARRED, SPAN, at, box, id_, pole, street
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapUnreadable
from webhook.viability.pole import by_pole
from webhook.viability.verdict import Verdict

CUSTOMER = at(0, north_m=15)
"""15 m from pole 0."""


@pytest.fixture
def look() -> Iterator[Callable[..., Verdict]]:
    """Looks from CUSTOMER in a network; `reads` of the function then lists what was read."""
    sandboxes = []

    def look(network: dict[str, Any], /, **tenant_options: Any) -> Verdict:
        sandbox = Sandbox(token="t", network=network).__enter__()
        sandboxes.append(sandbox)
        tenant = Tenant(slug="isp", ozmap_url=sandbox.url, ozmap_token="t", keys={}, **tenant_options)
        account = OzmapAccount(OzmapClient(tenant, Breaker()))
        look.ozmap = Ozmap(account, Deadline(10))
        try:
            return by_pole(look.ozmap, CUSTOMER, tenant)
        finally:
            look.reads = [received.path for received in sandbox.requests]

    yield look
    for sandbox in sandboxes:
        sandbox.__exit__(None, None, None)


TOPOLOGY = ["/projects", "/pole-types"]
PIECE = ["/poles", "/base-points", "/boxes"]


def without_topology(reads: list[str]) -> list[str]:
    return sorted(read for read in reads if read not in TOPOLOGY)


def test_the_nearest_box_along_the_poles(look):
    verdict = look(street(8, box(3, free=2), box(2, free=5), box(1, free=0)))
    assert verdict.viable is True
    assert (verdict.box.name, verdict.box.free_ports, verdict.viable_boxes) == ("CTO 2", 5, 2)
    assert verdict.box.distance_m == pytest.approx(2 * SPAN, abs=0.1)
    assert verdict.pole.name == "P_0"
    assert verdict.pole_distance_m == pytest.approx(15, abs=0.1)
    assert without_topology(look.reads) == sorted([*PIECE, "/splitters"])


def test_the_way_counts_and_not_the_straight_line(look):
    # Pole 1 is next door, but only joined by way of pole 4.
    network = street(0, box(1), box(3))
    network["poles"] = [pole(0, [2]), pole(2, [0, 3]), pole(3, [2, 4]), pole(4, [3, 1]), pole(1, [4])]
    verdict = look(network, drop_max_m=300)
    assert verdict.box.name == "CTO 3"
    assert verdict.box.distance_m == pytest.approx(3 * SPAN, abs=0.1)


def test_one_side_naming_the_other_joins_them(look):
    network = street(0, box(2))
    network["poles"] = [pole(0, []), pole(1, [0, 2]), pole(2, [])]
    assert look(network).viable is True


def test_points_and_junction_boxes_carry_the_way(look):
    network = street(0, box(2))
    point = {key: pole(1)[key] for key in ("id", "coords", "adjacents", "createdAt", "updatedAt")}
    network["points"] = [point | {"kind": "Point"}]
    network["poles"] = [pole(0), pole(2)]
    assert look(network).viable is True


def test_without_a_pole_near_enough(look):
    verdict = look(street(8, box(2)), pole_max_m=14)
    assert (verdict.viable, verdict.reason, verdict.pole) == (False, "sem_poste", None)
    assert without_topology(look.reads) == sorted(PIECE)


def test_unusable_and_barred_poles_start_no_sale_but_carry_the_way(look):
    network = street(5, box(0))
    network["poles"][0] |= {"usable": False}
    network["poles"][1] |= {"poleType": BARRED}
    verdict = look(network)
    assert verdict.pole.name == "P_2"
    assert verdict.box.distance_m == pytest.approx(2 * SPAN, abs=0.1)


def test_a_pole_without_a_type_is_not_barred(look):
    network = street(5, box(0))
    network["poles"][0] |= {"poleType": None}
    assert look(network).pole.name == "P_0"


def test_boxes_in_project_and_boxes_without_a_pole_are_not_reached(look):
    network = street(20, box(1, draft=True), box(2, pole=None))
    verdict = look(network)
    assert (verdict.viable, verdict.reason) == (False, "sem_caixa")
    assert without_topology(look.reads) == sorted(PIECE * 2)


def test_boxes_that_are_not_implanted_count_unless_the_tenant_skips_them(look):
    network = street(8, box(1, implanted=False), box(2))
    assert look(network).box.name == "CTO 1"
    assert look(network, implanted_only=True).box.name == "CTO 2"


def test_full_boxes_near_enough(look):
    verdict = look(street(20, box(1, free=0), box(5)))
    assert (verdict.viable, verdict.reason) == (False, "sem_porta")
    assert without_topology(look.reads) == sorted([*PIECE, "/splitters"])


def test_a_network_splitter_serves_nobody(look):
    network = street(8, box(1))
    network["splitters"][0] |= {"isDrop": False}
    assert look(network).reason == "sem_porta"


def test_ports_of_all_splitters_of_a_box_add_up(look):
    network = street(8, box(1, free=2))
    network["splitters"].append(network["splitters"][0] | {"id": id_(3, 99)})
    assert look(network).box.free_ports == 4


def test_a_free_port_within_twice_the_way(look):
    verdict = look(street(20, box(5)))
    assert (verdict.viable, verdict.reason) == (False, "distancia")
    assert without_topology(look.reads) == sorted([*PIECE, *PIECE, "/splitters"])


@pytest.mark.parametrize("hung", [[box(5, free=0)], [box(7)], []])
def test_nothing_within_reach(look, hung):
    verdict = look(street(20, *hung))
    assert (verdict.viable, verdict.reason, verdict.viable_boxes) == (False, "sem_caixa", 0)
    assert len(without_topology(look.reads)) <= 7


def test_each_box_has_the_limit_of_its_own_project(look):
    network = street(20, box(3, project=id_(5, 2)), box(4))
    network["projects"].append(network["projects"][0] | {"id": id_(5, 2), "drop": {"maxSize": 50}})
    network["projects"][0]["drop"]["maxSize"] = 150
    assert look(network).box.name == "CTO 4"
    assert look(network, drop_max_m=100).box.name == "CTO 3"


def test_a_cap_that_cuts_the_search_short_leaves_it_undefined(look):
    verdict = look(street(40, box(10), drop=400), reach_max_m=200)
    assert (verdict.viable, verdict.reason, verdict.outcome.code) == (None, None, "busca_incompleta")
    assert verdict.pole.name == "P_0"
    full_box_near = look(street(40, box(1, free=0), drop=400), reach_max_m=200)
    assert full_box_near.viable is None, "a free one may be beyond the cap"
    assert look(street(40, box(2), drop=400), reach_max_m=200).viable is True
    assert look(street(40, box(10)), drop_max_m=400, reach_max_m=200).viable is None


def test_a_project_without_a_limit_leaves_its_boxes_undefined(look):
    assert look(street(20, box(2), drop=None)).viable is None
    assert look(street(20, box(2), drop=None), drop_max_m=100).viable is True
    unknown_project = look(street(20, box(2, project=id_(5, 9))))
    assert unknown_project.viable is None
    beside = look(street(20, box(2, project=id_(5, 9)), box(3)))
    assert (beside.viable, beside.box.name) == (True, "CTO 3")


def test_a_limit_that_is_not_on_record_is_looked_for_beyond_the_known_ones(look):
    # 150 m along the poles: beyond the 100 m of the known project, and beyond twice the way from it.
    for way in (5, 10):
        network = street(30, box(way, project=id_(5, 2)))
        network["projects"].append(network["projects"][0] | {"id": id_(5, 2), "drop": {}})
        assert look(network).viable is None
        network["splitters"][0] |= {"connectables": {"input": [], "output": [id_(4, 1)] * 8}}
        verdict = look(network)
        assert (verdict.viable, verdict.reason) == (False, "sem_caixa"), "a full box is no yes in any project"


def test_a_box_of_a_project_that_cannot_be_seen_is_no_proof_of_a_no(look):
    assert look(street(20, box(5, project=id_(5, 9)))).viable is None
    assert look(street(20, box(5, free=0, project=id_(5, 9)))).reason == "sem_caixa"


def test_a_limit_of_zero_is_none(look):
    assert look(street(20, box(1), drop=0)).viable is None
    assert look(street(20, box(1), drop=0), drop_max_m=100).viable is True


def test_a_pole_type_that_cannot_be_seen_may_be_a_barred_one(look):
    network = street(5, box(2))
    network["poles"][0] |= {"poleType": id_(6, 1)}
    with pytest.raises(OzmapUnreadable, match="poles: a type that pole-types does not have"):
        look(network)
    network["poles"][0] |= {"usable": False}
    assert look(network).viable is True, "a pole that sells nothing may be of any type"


def test_more_boxes_than_ids_fit_in_a_call(look):
    crowd = [box(1, free=0, id=id_(2, 1000 + number)) for number in range(150)]
    network = street(8, *crowd, box(2))
    network["splitters"] = [
        splitter | {"id": id_(3, number)} for number, splitter in enumerate(network["splitters"])
    ]
    verdict = look(network)
    assert (verdict.viable, verdict.viable_boxes) == (True, 1)
    assert look.reads.count("/splitters") == 2


@pytest.mark.parametrize("older_lists", [False, True])
def test_pages_are_read_to_their_end(older_lists):
    network = street(300, box(200), drop=9000)
    with Sandbox(token="t", network=network) as sandbox:
        sandbox.behaviour.max_page_size = 40
        sandbox.behaviour.older_lists = older_lists
        tenant = Tenant(slug="isp", ozmap_url=sandbox.url, ozmap_token="t", keys={}, reach_max_m=9000)
        account = OzmapAccount(OzmapClient(tenant, Breaker()))
        assert by_pole(Ozmap(account, Deadline(20)), CUSTOMER, tenant).box.name == "CTO 200"
        reads = [received.path for received in sandbox.requests]
        assert reads.count("/poles") == (9 if older_lists else 8)


def test_a_server_without_pages_must_have_given_all(requests_mock):
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="t", keys={})
    rows = [pole(1), pole(2)]
    for total, complete in ((2, True), (3, False)):
        requests_mock.get("http://ozmap/api/v2/poles", json={"rows": rows, "total": total})
        ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(5))
        if complete:
            assert len(ozmap.poles_near(CUSTOMER, 100)) == 2
        else:
            with pytest.raises(OzmapUnreadable, match="2 rows of 3"):
                ozmap.poles_near(CUSTOMER, 100)


@pytest.mark.parametrize(
    "answer",
    [
        {"total": 500, "rows": [], "hasNextPage": False},
        {"total": 2, "rows": [box(1)[0][1]], "hasNextPage": False},
        {"total": 1, "rows": []},
    ],
)
def test_fewer_rows_than_there_are_is_unreadable(requests_mock, answer):
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="t", keys={})
    requests_mock.get("http://ozmap/api/v2/boxes", json=answer)
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(5))
    with pytest.raises(OzmapUnreadable, match=r"boxes: \d rows of \d"):
        ozmap.boxes_near(CUSTOMER, 100)


@pytest.mark.parametrize(
    "answer", [[], {"rows": None, "total": 0}, {"rows": {}, "total": 0}, {"rows": []}, "no", None]
)
def test_a_list_answer_without_rows_is_unreadable(requests_mock, answer):
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="t", keys={})
    requests_mock.get("http://ozmap/api/v2/boxes", json=answer)
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(5))
    with pytest.raises(OzmapUnreadable, match="boxes: not a list"):
        ozmap.boxes_near(CUSTOMER, 100)


def test_the_way_to_a_wrong_key_is_named(requests_mock):
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="t", keys={})
    rows = [box(1)[0][1], box(2)[0][1] | {"draft": "no"}]
    requests_mock.get("http://ozmap/api/v2/boxes", json={"rows": rows, "total": 2})
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(5))
    with pytest.raises(OzmapUnreadable, match=r"boxes: 1.draft not a boolean"):
        ozmap.boxes_near(CUSTOMER, 100)


def test_projects_and_pole_types_are_remembered_and_free_ports_are_not():
    with Sandbox(token="t", network=street(8, box(1))) as sandbox:
        tenant = Tenant(slug="isp", ozmap_url=sandbox.url, ozmap_token="t", keys={})
        account = OzmapAccount(OzmapClient(tenant, Breaker()))
        assert by_pole(Ozmap(account, Deadline(10)), CUSTOMER, tenant).viable is True
        sandbox.requests.clear()
        splitter = next(iter(sandbox.store["splitters"]))
        sandbox.store["splitters"].change(splitter, connectables={"input": [], "output": [id_(4, 1)] * 8})
        assert by_pole(Ozmap(account, Deadline(10)), CUSTOMER, tenant).reason == "sem_porta"
        reads = [received.path for received in sandbox.requests]
        assert sorted(reads) == sorted([*PIECE, "/splitters"])
