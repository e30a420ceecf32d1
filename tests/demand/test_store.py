"""Open and closed days in the store, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from schemas.funnel import FunnelStep
from webhook.store import Store, demand
from webhook.store.demand import GRACE, CellCount, Seen, Whose, day_of
from webhook.store.tables import demand_cells, demand_days, demand_open, demand_steps

NOON = 1_800_000_000.0
TODAY = day_of(NOON)
DAY = 86400.0
HERE, THERE = "89a91b4762fffff", "89a91b47627ffff"
NO = Seen(HERE, "sem_viabilidade", "sem_caixa", frozenset({FunnelStep.PLACE}))
YES = Seen(THERE, "viavel", "", frozenset({FunnelStep.PLACE, FunnelStep.VIABLE}))


@pytest.fixture
def store(database_url):
    return Store(database_url)


def rows(store, table):
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(select(table)).all()]


def who(conversation, day=TODAY, tenant="isp"):
    return Whose(day, tenant, conversation)


def test_a_conversation_counts_once_a_day_at_its_last_verdict(store):
    for seen in (NO, NO, YES, Seen(steps=frozenset({FunnelStep.RESERVED}))):
        demand.save(store, {who("huggy:1"): seen})
    demand.save(store, {who("huggy:2"): NO, who("huggy:2", tenant="other"): NO})
    counted = sorted(demand.cells(store, TODAY, ["isp"]))
    assert counted == [
        CellCount("isp", THERE, "viavel", "", 1),
        CellCount("isp", HERE, "sem_viabilidade", "sem_caixa", 1),
    ]
    assert demand.steps(store, TODAY, ["isp"]) == {
        FunnelStep.PLACE: 2,
        FunnelStep.VIABLE: 1,
        FunnelStep.RESERVED: 1,
        FunnelStep.PROSPECT: 0,
        FunnelStep.HANDED_OVER: 0,
    }


def test_closing_a_day_changes_no_count_and_leaves_no_digest(store):
    demand.save(store, {who(f"huggy:{n}"): NO if n % 3 else YES for n in range(1300)})
    before = demand.cells(store, TODAY, ["isp"]), demand.steps(store, TODAY, ["isp"])
    demand.purge(store, NOON)
    assert len(rows(store, demand_open)) == 1300, "the day is open"
    demand.purge(store, NOON + DAY)
    assert rows(store, demand_open) == rows(store, demand_days) == []
    assert sorted(demand.cells(store, TODAY, ["isp"])) == sorted(before[0])
    assert demand.steps(store, TODAY, ["isp"]) == before[1]


def test_a_day_stays_open_for_what_is_still_to_be_written(store):
    demand.save(store, {who("huggy:1"): NO})
    midnight = NOON // DAY * DAY + DAY
    demand.purge(store, midnight + GRACE - 1)
    assert len(rows(store, demand_open)) == len(rows(store, demand_days)) == 1
    demand.purge(store, midnight + GRACE + 1)
    assert rows(store, demand_open) == rows(store, demand_days) == []


def test_what_comes_after_the_day_was_closed_is_added(store):
    for conversation in ("huggy:1", "huggy:2"):
        demand.save(store, {who(conversation): NO})
        demand.purge(store, NOON + DAY)
    assert rows(store, demand_cells) == [("isp", TODAY, HERE, "sem_viabilidade", "sem_caixa", 2)]
    assert rows(store, demand_days) == []


def test_two_workers_close_a_day_once(database_url):
    stores = [Store(database_url) for _ in range(2)]
    demand.save(stores[0], {who(f"huggy:{n}"): NO for n in range(600)})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: demand.purge(one, NOON + DAY), stores))
    demand.purge(stores[0], NOON + DAY)
    assert rows(stores[0], demand_cells) == [("isp", TODAY, HERE, "sem_viabilidade", "sem_caixa", 600)]


def test_counts_are_kept_for_24_months(store):
    demand.save(store, {who("huggy:1"): NO})
    demand.purge(store, NOON + 729 * DAY)
    assert rows(store, demand_cells)
    assert rows(store, demand_steps)
    demand.purge(store, NOON + 733 * DAY)
    assert rows(store, demand_cells) == rows(store, demand_steps) == []


def test_no_table_has_the_conversation(store):
    demand.save(store, {who("huggy:5548999887766"): NO})
    demand.purge(store, NOON)
    text = repr([rows(store, table) for table in (demand_open, demand_days, demand_cells, demand_steps)])
    assert "5548999887766" not in text
    (first,) = rows(store, demand_open)
    demand.save(store, {who("huggy:5548999887766", day=day_of(NOON + DAY)): NO})
    assert len({row[0] for row in rows(store, demand_open)} | {first[0]}) == 2, "each day has its own salt"
