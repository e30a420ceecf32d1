"""Whose call runs when."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Event, Lock

import pytest

from webhook.net.bulkhead import Full
from webhook.net.turns import Turns


class Order:
    """Calls that write down who they are; the first of each tenant holds its thread until `go`."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.go = Event()
        self._lock = Lock()

    def held(self) -> None:
        self.go.wait(30)

    def note(self, name: str) -> Callable[[], str]:
        def call() -> str:
            with self._lock:
                self.names.append(name)
            return name

        return call


@pytest.fixture
def order() -> Order:
    return Order()


def test_each_tenant_and_each_of_its_conversations_has_its_turn(order):
    turns = Turns(threads=1, at_once=1, most=100, shared=False)
    turns.submit("a", "0", order.held)
    asked = [("a", "1"), ("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]
    done = [turns.submit(tenant, talk, order.note(tenant + talk)) for tenant, talk in asked]
    order.go.set()
    assert [one.result(30) for one in done] == ["a1", "a1", "a1", "a2", "b1", "b2"]
    assert order.names == ["a1", "b1", "a2", "b2", "a1", "a1"]


def test_a_tenant_that_hangs_leaves_threads_for_the_others(order):
    turns = Turns(threads=4, at_once=4, most=100, shared=True)
    hang = [turns.submit("slow", str(n), order.held) for n in range(20)]
    assert turns.submit("other", "1", order.note("other")).result(30) == "other"
    assert turns.submit("third", "1", order.note("third")).result(30) == "third"
    order.go.set()
    assert not wait(hang, 30).not_done


def test_no_more_of_a_tenant_at_once(order):
    turns = Turns(threads=8, at_once=2, most=100, shared=False)
    running = [0, 0]
    lock = Lock()

    def count() -> None:
        with lock:
            running[0] += 1
            running[1] = max(running)
        order.go.wait(0.02)
        with lock:
            running[0] -= 1

    assert not wait([turns.submit("a", str(n), count) for n in range(30)], 30).not_done
    assert running == [0, 2]


def test_the_queue_has_a_bound_and_each_tenant_its_part_of_it(order):
    turns = Turns(threads=1, at_once=1, most=8, shared=True)
    taken: list[Future[None]] = []
    with pytest.raises(Full):
        taken.extend(turns.submit("a", str(n), order.held) for n in range(20))
    first = turns.submit("b", "1", order.note("b"))
    order.go.set()
    assert first.result(30) == "b"
    for n in range(50):
        assert turns.submit("a", str(n), order.note("a")).result(30) == "a", "what has ended holds no place"


def test_what_fails_fails_alone():
    turns = Turns(threads=1, at_once=1, most=3, shared=False)

    def broken() -> None:
        raise KeyError

    for _ in range(5):
        with pytest.raises(KeyError):
            turns.submit("a", "1", broken).result(30)
    assert turns.submit("a", "1", lambda: 1).result(30) == 1
