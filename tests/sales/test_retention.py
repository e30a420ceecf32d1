"""Personal data leaves every table that has it: after its time, and when a person asks for it."""

import json
import struct
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Boolean, Double, Integer, Table, insert, select

from schemas.conversation import Conversation
from schemas.tenants import Tenant
from webhook.sales.records import State
from webhook.sales.retention import Person, SeveralConversations, forget, purge
from webhook.store import Store
from webhook.store import conversations as led
from webhook.store.conversations import Kept
from webhook.store.tables import (
    also_asked,
    conversations,
    links,
    lookups,
    metadata,
    notices,
    outbox,
    personal,
    prospects,
    reservations,
)

TENANT = Tenant("isp", "http://127.0.0.1:1", "token", {})
MOBILE = "+5548999887766"
CHAT = Conversation("huggy", "77")
KEPT = Kept('{"variables": {"nome": "Ana Luz"}}', "etapaabc", "contratacao", "nome", False, "48 99988-7766")
OWED = {State.PENDING, State.CANCELLING}
NOT_PERSONAL = {
    # which sale it is, how it stands, and what OZmap says of its network
    *("id", "tenant", "code", "conversation", "platform", "state", "changed_at", "reason", "untold"),
    *("precision", "mode", "radius_m", "wanted_box", "box_id", "box_name", "splitter", "port", "expires_at"),
    *("client_id", "property_id", "prospect_id", "tags_applied", "tags_ignored", "foreign_client"),
    *("posted_at", "sweeps", "posts", "refused_boxes", "unconnected_since", "token", "confirmed_at"),
    # where a conversation stands, and which call has it
    *("flow", "step", "ended", "unheard", "lease", "lease_until"),
}


@pytest.fixture
def store(database_url) -> Store:
    return Store(database_url)


def row_of(table: Table, **given) -> dict[str, object]:
    """A value for every column."""
    values = {Integer: 1, Double: 1.0, Boolean: False}
    made = {
        column.name: values.get(type(column.type), f"{column.name} {time.monotonic_ns()}")
        for column in table.columns
        if column.name != "id"
    }
    return made | ({"tenant": "isp"} if "tenant" in table.c else {}) | given


def put(store: Store, table: Table, **given) -> None:
    with store.write() as connection:
        connection.execute(insert(table).values(row_of(table, **given)))


def rows(store: Store, table: Table):
    with store.read() as connection:
        return connection.execute(select(table).order_by(*table.primary_key)).all()


def codes(store: Store, table: Table = reservations) -> list[str]:
    return sorted(row.code for row in rows(store, table))


@pytest.mark.parametrize("table", [reservations, prospects, links, conversations], ids=str)
def test_every_column_is_personal_or_said_not_to_be(table):
    """A new column is red here until somebody has thought about it."""
    # That of a sale is one word, that of a conversation is all that was said.
    innocent = NOT_PERSONAL - {"state"} if table is conversations else NOT_PERSONAL
    assert sorted(set(table.columns.keys()) - set(personal(table)) - innocent) == []
    assert set(personal(table)) & innocent == set()


def test_after_its_time_nothing_personal_is_left(store):
    for state in State:
        put(store, reservations, state=state)
        put(store, prospects, state=state)
    put(store, links)
    put(store, notices)
    put(store, conversations)
    put(store, conversations, ended=True)
    purge(store, [TENANT], time.time())
    left = {
        (table.name, name, row.state)
        for table in metadata.sorted_tables
        for row in rows(store, table)
        for name in personal(table)
        if row._mapping[name] is not None
    }
    assert {state for _, _, state in left} <= OWED
    assert rows(store, notices) == []
    assert rows(store, conversations) == []


def test_before_its_time_everything_stays(store):
    put(store, reservations, state=State.DONE, changed_at=time.time())
    put(store, prospects, state=State.DONE, changed_at=time.time())
    before = rows(store, reservations), rows(store, prospects)
    assert purge(store, [TENANT], time.time()).sales == 0
    assert before == (rows(store, reservations), rows(store, prospects))


def test_what_refers_to_a_purged_sale_goes_with_it(store):
    put(store, reservations, state=State.CANCELLED)
    put(store, reservations, state=State.DONE)
    for row in rows(store, reservations):
        put(store, also_asked, reservation=row.id)
        put(store, outbox, kind="reservation", sale=row.id, promised=False)
    purge(store, [TENANT], time.time())
    (stands,) = rows(store, reservations)
    assert [row.reservation for row in rows(store, also_asked)] == [stands.id]
    assert [row.sale for row in rows(store, outbox)] == [stands.id]


@pytest.mark.parametrize("stored", [MOBILE, "+554899887766", "554899887766", "+48999887766"])
def test_a_person_is_found_by_every_spelling(store, stored):
    put(store, reservations, phone=stored, code="theirs")
    put(store, prospects, phone=stored, code="theirs too")
    put(store, reservations, phone="+5548999887767", code="another's")
    forgotten = forget(store, Person(MOBILE))
    assert (forgotten.clients, forgotten.prospects) == (["theirs"], ["theirs too"])
    assert codes(store) == ["another's"]
    assert codes(store, prospects) == []


@pytest.mark.parametrize(
    "typed",
    [
        "48 99988-7766",
        "(48) 99988-7766",
        "+55 48 99988-7766",
        "48999887766",
        "é o 48 99988 7766",
        "048 99988-7766",
    ],
)
def test_a_person_is_found_by_what_they_typed_in_a_conversation(store, typed):
    put(store, conversations, phone=typed, conversation="fivehub:theirs")
    put(store, conversations, phone="48 99988-7767", conversation="fivehub:another's")
    put(store, conversations, phone=None, conversation="fivehub:nobody's")
    assert forget(store, Person(MOBILE)).rows["conversations"] == 1
    left = {row.conversation for row in rows(store, conversations)}
    assert left == {"fivehub:another's", "fivehub:nobody's"}


def test_whom_a_conversation_names_loses_all_of_it(store):
    """The telephone was said in the chat: what else is stored of the chat goes too."""
    put(store, conversations, phone="48 99988-7766", conversation=CHAT.key)
    put(store, links, platform=CHAT.platform, conversation=CHAT.id)
    put(store, notices, conversation=CHAT.key)
    forget(store, Person(MOBILE))
    assert rows(store, conversations) + rows(store, links) + rows(store, notices) == []


def test_a_call_at_work_brings_nothing_back(store):
    lease = led.claim(store, "isp", CHAT.key, 60, 3600).lease
    assert led.save(store, "isp", CHAT.key, lease, KEPT)
    lease = led.claim(store, "isp", CHAT.key, 60, 3600).lease
    assert forget(store, Person(conversations=[CHAT])).rows["conversations"] == 1
    assert not led.save(store, "isp", CHAT.key, lease, KEPT)
    assert rows(store, conversations) == []


def test_a_conversation_that_nobody_continued_is_deleted_after_its_time(store):
    now = time.time()
    for hours, ended in ((0.9, True), (1.1, True), (1.1, False), (5.9, False), (6.1, False)):
        at = now - hours * 3600
        put(store, conversations, conversation=f"huggy:{hours} {ended}", changed_at=at, ended=ended)
    left = purge(store, [TENANT], now, 6 * 3600).left
    stay = {row.conversation for row in rows(store, conversations)}
    assert stay == {"huggy:0.9 True", "huggy:1.1 False", "huggy:5.9 False"}
    assert [one.rows for one in left] == [1]


def test_where_customers_left_is_said_by_step(store):
    other = replace(TENANT, slug="other")
    steps = [("huggy", "nome"), ("huggy", "nome"), ("fivehub", "nome"), ("fivehub", "telefone")]
    for n, (platform, step) in enumerate(steps):
        at = {"conversation": f"{platform}:{n}", "flow": "contratacao", "step": step, "changed_at": 0.0}
        put(store, conversations, **at)
    put(store, conversations, conversation="huggy:new", flow=None, step=None, changed_at=0.0)
    put(store, conversations, conversation="huggy:1", tenant="other", flow="x", step="y", changed_at=0.0)
    put(store, conversations, conversation="huggy:1", tenant="no more", changed_at=0.0)
    left = purge(store, [TENANT, other], time.time()).left
    assert sorted((one.platform, one.flow, one.step, one.rows) for one in left) == [
        ("fivehub", "contratacao", "nome", 1),
        ("fivehub", "contratacao", "telefone", 1),
        ("huggy", "", "", 1),
        ("huggy", "contratacao", "nome", 2),
        ("huggy", "x", "y", 1),
    ]
    assert [row.tenant for row in rows(store, conversations)] == ["no more"]


def put_everywhere(store: Store, tenant: str, chat: Conversation, phone: str) -> None:
    """A row in each table, and work on those that have some; they also asked for the first reservation."""
    sale = {"tenant": tenant, "conversation": chat.key, "phone": phone}
    put(store, reservations, **sale)
    put(store, prospects, **sale)
    put(store, links, tenant=tenant, platform=chat.platform, conversation=chat.id)
    put(store, notices, tenant=tenant, conversation=chat.key)
    put(store, conversations, tenant=tenant, conversation=chat.key, phone=None)
    for kind, table in (("reservation", reservations), ("prospect", prospects), ("notice", notices)):
        put(store, outbox, tenant=tenant, kind=kind, sale=rows(store, table)[-1].id)
    reservation = rows(store, reservations)[0].id
    put(store, also_asked, tenant=tenant, conversation=chat.key, reservation=reservation)


def chats(store: Store) -> dict[str, list[str]]:
    """Whose rows are left, by table."""
    tables = (reservations, prospects, links, notices, also_asked, conversations)
    return {table.name: [row.conversation for row in rows(store, table)] for table in tables}


@pytest.mark.parametrize(
    "person",
    [Person(MOBILE), Person(conversations=[CHAT]), Person(MOBILE, [CHAT])],
    ids=["phone", "chat", "both"],
)
def test_everything_about_their_conversations_goes(store, person):
    put_everywhere(store, "isp", Conversation("huggy", "78"), "+5548999887767")
    put_everywhere(store, "isp", CHAT, MOBILE)
    put(store, lookups, key="of anybody")
    forget(store, person)
    assert chats(store) == {
        "reservations": ["huggy:78"],
        "prospects": ["huggy:78"],
        "links": ["78"],
        "notices": ["huggy:78"],
        "also_asked": ["huggy:78"],
        "conversations": ["huggy:78"],
    }
    assert rows(store, lookups) == []
    assert len(rows(store, outbox)) == 3


def test_an_id_that_several_conversations_have_deletes_nothing(store):
    put_everywhere(store, "isp", CHAT, MOBILE)
    put_everywhere(store, "other", CHAT, MOBILE)
    before = chats(store)
    with pytest.raises(SeveralConversations) as stop:
        forget(store, Person(conversations=[CHAT]))
    assert stop.value.found == [("isp", "huggy"), ("other", "huggy")]
    assert chats(store) == before
    forget(store, Person(conversations=[CHAT], tenant="other"))
    assert {row.tenant for row in rows(store, reservations) + rows(store, links)} == {"isp"}


def test_a_client_that_somebody_else_made_is_told_apart(store):
    put(store, reservations, phone=MOBILE, code="of the ERP", foreign_client=True)
    put(store, reservations, phone=MOBILE, code="ours")
    forgotten = forget(store, Person(MOBILE))
    assert (forgotten.clients, forgotten.foreign_clients) == (["ours"], ["of the ERP"])
    assert forgotten.rows["reservations"] == 2


def test_a_reservation_that_its_conversation_replaced_is_theirs_too(shop):
    shop.reserve("c1")
    shop.code("reserva/cancelamento", "c1")
    shop.reserve("c1", codigo_cliente="ERP-1")
    assert len(codes(shop.store)) == 2
    forget(shop.store, Person(conversations=[Conversation("fivehub", "c1")]))
    assert codes(shop.store) == []


def files_of(store: Store) -> bytes:
    path = Path(str(store.url.database))
    return b"".join(Path(f"{path}{end}").read_bytes() for end in ("", "-wal", "-shm"))


def test_the_files_forget_as_well(sqlite_url):
    """In all versions of all rows, while the service has its connections open."""
    store, service = Store(sqlite_url), Store(sqlite_url)
    lat = -27.123456789
    theirs = {"phone": MOBILE, "lat": lat}
    with service.write() as connection:
        people = [
            row_of(reservations, name=f"name {number}", **(theirs if number % 3 == 0 else {}))
            for number in range(1500)
        ]
        connection.execute(insert(reservations), people)
        for number in Random(7).sample(range(1500), 1200):  # rows grow, and pages split
            longer = reservations.update().where(reservations.c.id == number)
            connection.execute(longer.values(address="x" * (number * 37 % 900)))
    put(store, conversations, state=KEPT.state, phone="48 99988-7766", conversation=CHAT.key)
    traces = [MOBILE.encode(), struct.pack(">d", lat), b"Ana Luz", b"48 99988-7766"]
    assert all(trace in files_of(store) for trace in traces)
    assert forget(store, Person(MOBILE)).erased
    assert len(rows(service, reservations)) == 1000
    assert [trace for trace in traces if trace in files_of(store)] == []


def test_a_worker_purges_by_the_setting_and_logs_where_customers_left(shop, capsys):
    now = time.time()
    for key, hours in (("fivehub:old", 25), ("fivehub:new", 23)):
        at = {"conversation": key, "flow": "contratacao", "step": "nome", "changed_at": now - hours * 3600}
        put(shop.store, conversations, **at)
    shop.worker._purge()
    assert [row.conversation for row in rows(shop.store, conversations)] == ["fivehub:new"]
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "given up" in line]
    said = {name: line[name] for name in ("event", "platform", "flow", "step", "rows")}
    assert said == {
        "event": "conversations given up",
        "platform": "fivehub",
        "flow": "contratacao",
        "step": "nome",
        "rows": 1,
    }
    assert "old" not in str(line)
