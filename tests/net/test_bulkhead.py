"""How much is at work at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from webhook.net.bulkhead import Bulkhead, Full


def held(bulkhead: Bulkhead, tenant: str) -> int:
    """Takes all that the tenant can get."""
    taken = 0
    while taken < 1000:
        try:
            bulkhead.take(tenant)
        except Full:
            break
        taken += 1
    return taken


def test_one_tenant_alone_may_have_it_all():
    bulkhead = Bulkhead(200, shared=False)
    assert held(bulkhead, "isp") == 200
    with pytest.raises(Full) as refused:
        bulkhead.take("isp")
    assert refused.value.reason == "full"
    bulkhead.give_back("isp")
    with bulkhead.place("isp"), pytest.raises(Full):
        bulkhead.take("isp")
    assert held(bulkhead, "isp") == 1, "a place is free again after its block"


def test_a_slow_tenant_leaves_room_for_the_others():
    bulkhead = Bulkhead(200, shared=True)
    assert held(bulkhead, "slow") == 100
    with pytest.raises(Full) as refused:
        bulkhead.take("slow")
    assert refused.value.reason == "tenant"
    assert held(bulkhead, "slow too") == 50
    assert held(bulkhead, "third") == 25


def test_a_block_that_fails_gives_its_place_back():
    bulkhead = Bulkhead(1, shared=False)
    for _ in range(3):
        with pytest.raises(KeyError), bulkhead.place("isp"):
            raise KeyError


def test_threads_do_not_get_more_than_there_is():
    bulkhead, together = Bulkhead(10, shared=False), Barrier(32)

    def try_it(_: int) -> bool:
        together.wait()
        try:
            bulkhead.take("isp")
        except Full:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(try_it, range(32))) == 10
