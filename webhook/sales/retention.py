"""Personal data leaves the store when its purpose is over (LGPD, Lei 13.709/2018, arts. 15, 16 and 18).

Which columns are personal is said in webhook/store/tables.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, true, update

from schemas.conversation import Conversation
from schemas.tenants import Tenant
from webhook.findme.links import Links
from webhook.sales.phones import numbers_of
from webhook.sales.records import STANDS, WAITS, State
from webhook.store import Store, erase
from webhook.store import conversations as led
from webhook.store import lookups as late_lookups
from webhook.store.conversations import Left
from webhook.store.tables import (
    SALES,
    TABLES,
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

DAY = 86400.0
CONVERSATION: dict[str, ColumnElement[str]] = {
    "links": links.c.platform + ":" + links.c.conversation,
    **{
        table.name: table.c.conversation
        for table in (reservations, prospects, notices, also_asked, conversations)
    },
}
"""Each table that knows the conversation, and the conversation's key in it (schemas/conversation.py)."""

WITH_PHONE = (*SALES.values(), conversations)


@dataclass(frozen=True)
class Purged:
    """How many rows were cleared or deleted."""

    sales: int
    links: int
    left: Sequence[Left] = ()
    """Where customers left the conversations that nobody continued."""


@dataclass(frozen=True)
class Person:
    """Somebody whose data is to be deleted: found by telephone, by conversation, or by both."""

    phone: str | None = None
    """As `number_of` of webhook/sales/phones.py spells it."""
    conversations: Sequence[Conversation] = ()
    """One chat, on every platform that it may be of."""
    tenant: str | None = None
    """Slug of the only ISP to look at. None: all of them."""


@dataclass
class Forgotten:
    """How many rows were deleted, by table, and the codes under which OZmap may have the person."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CONVERSATION, 0))
    clients: list[str] = field(default_factory=list)
    foreign_clients: list[str] = field(default_factory=list)
    """Clients that somebody else made: a reservation only used them."""
    prospects: list[str] = field(default_factory=list)
    erased: bool = True
    """False: the rows are deleted, but the files of SQLite may still hold copies of them."""


class SeveralConversations(Exception):
    """The id is that of several conversations: `found` has each one's tenant and platform."""

    def __init__(self, found: Iterable[tuple[str, Conversation]]) -> None:
        super().__init__("one id, several conversations")
        self.found = sorted((tenant, conversation.platform) for tenant, conversation in found)


def purge(store: Store, tenants: Sequence[Tenant], now: float, conversation_s: float = DAY) -> Purged:
    """Clears what has not changed for each tenant's retention, and what has expired.

    What is still owed to a customer stays until it is delivered or given up. A reservation that stands keeps
    its code and ids, without which it could not be cancelled. `conversation_s` are the seconds after which a
    conversation that nobody continued is forgotten. Raises StoreUnavailable.
    """
    sales = 0
    with store.write() as connection:
        late_lookups.purge(connection)
        for tenant in tenants:
            before = now - tenant.retention_d * DAY
            sales += sum(_purge_sales(connection, tenant.slug, kind, before) for kind in SALES)
            old = and_(notices.c.tenant == tenant.slug, notices.c.changed_at < before)
            waits = exists().where(_work_on("notice"), outbox.c.gave_up_at.is_(None))
            connection.execute(delete(notices).where(old, ~waits))
        left = led.purge(connection, [tenant.slug for tenant in tenants], now, conversation_s)
        _delete_orphans(connection)
    purged = Purged(sales, Links(store).purge(now), left)
    if purged.sales or purged.links or left:
        erase.empty_log(store)
    return purged


def _purge_sales(connection: Connection, tenant: str, kind: str, before: float) -> int:
    table = SALES[kind]
    given_up = exists().where(_work_on(kind), outbox.c.gave_up_at.is_not(None))
    waits = or_(table.c.state.in_(WAITS), exists().where(_work_on(kind), outbox.c.promised))
    old = and_(table.c.tenant == tenant, table.c.changed_at < before, or_(~waits, given_up))
    cleared = 0
    if table is reservations:
        names = personal(table)
        holds_a_port = table.c.state.in_(STANDS | {State.CANCELLING})
        told = or_(*(table.c[name].is_not(None) for name in names))
        clear = update(table).where(old, holds_a_port, told).values(dict.fromkeys(names))
        cleared = connection.execute(clear).rowcount
        old = and_(old, ~holds_a_port)
    return cleared + connection.execute(delete(table).where(old)).rowcount


def forget(store: Store, person: Person) -> Forgotten:
    """Deletes a person's sales, also those pending, and what else is stored of their conversations.

    All that lookups left is deleted: only a digest says whose it is. It lives for minutes, and whoever comes
    back for it gets another lookup.

    Raises StoreUnavailable, and SeveralConversations before anything is deleted.
    """
    phones = _spellings(store, person.phone) if person.phone else []
    forgotten = Forgotten()
    with store.write() as connection:
        for tenant, chat in _conversations(connection, person, phones):
            for name in CONVERSATION:
                of_tenant = metadata.tables[name].c.tenant == tenant
                _forget(connection, name, and_(of_tenant, _is_of(name, chat)), forgotten)
        for table in WITH_PHONE:
            theirs = and_(_of_tenant(table.name, person), table.c.phone.in_(phones))
            _forget(connection, table.name, theirs, forgotten)
        connection.execute(delete(lookups))
        _delete_orphans(connection)
    forgotten.erased = erase.rewrite(store)
    return forgotten


def _spellings(store: Store, phone: str) -> list[str]:
    """The telephone number as it stands in the store, in any spelling."""
    stored: set[str] = set()
    with store.read() as connection:
        for table in WITH_PHONE:
            known = select(table.c.phone).where(table.c.phone.is_not(None)).distinct()
            stored |= set(connection.execute(known).scalars())
    return [one for one in stored if phone in numbers_of(one)]


def _conversations(
    connection: Connection, person: Person, phones: Sequence[str]
) -> set[tuple[str, Conversation]]:
    """The person's conversations, each with its tenant."""
    found = {
        (tenant, chat)
        for chat in person.conversations
        for name in CONVERSATION
        for tenant in connection.execute(
            select(metadata.tables[name].c.tenant)
            .where(_of_tenant(name, person), _is_of(name, chat))
            .distinct()
        ).scalars()
    }
    if len(found) > 1:
        raise SeveralConversations(found)
    for table in WITH_PHONE:
        theirs = and_(
            _of_tenant(table.name, person), table.c.phone.in_(phones), table.c.conversation.is_not(None)
        )
        rows = connection.execute(select(table.c.tenant, table.c.conversation).where(theirs))
        found |= {(tenant, Conversation.of_key(key)) for tenant, key in rows}
    return found


def _of_tenant(table: str, person: Person) -> ColumnElement[bool]:
    return metadata.tables[table].c.tenant == person.tenant if person.tenant else true()


def _is_of(table: str, chat: Conversation) -> ColumnElement[bool]:
    """Also a reservation that the conversation replaced by another: only its code still says whose it was."""
    named = CONVERSATION[table] == chat.key
    if table != reservations.name:
        return named
    word = "%-" + chat.code_word.replace("_", "/_")
    coded = or_(*(reservations.c.code.like(end, escape="/") for end in (word, f"{word}-______")))
    return or_(named, and_(reservations.c.conversation.is_(None), coded))


def _forget(connection: Connection, name: str, which: ColumnElement[bool], into: Forgotten) -> None:
    table = metadata.tables[name]

    def deleted(*more: ColumnElement[bool]) -> list[str]:
        told = table.c.code if table in SALES.values() else table.c.tenant
        gone = connection.execute(delete(table).where(which, *more).returning(told)).scalars().all()
        into.rows[name] += len(gone)
        return list(gone)

    if table is reservations:
        into.foreign_clients += deleted(reservations.c.foreign_client)
        into.clients += deleted()
    elif table is prospects:
        into.prospects += deleted()
    else:
        deleted()


def _work_on(kind: str) -> ColumnElement[bool]:
    """The outbox row of a sale or a notice, for `exists`."""
    return and_(outbox.c.kind == kind, outbox.c.sale == TABLES[kind].c.id)


def _delete_orphans(connection: Connection) -> None:
    """Deletes what refers to a row that is gone."""
    for kind, table in TABLES.items():
        gone = ~exists(select(table.c.id).where(_work_on(kind)))
        connection.execute(delete(outbox).where(outbox.c.kind == kind, gone))
    gone = ~exists().where(reservations.c.id == also_asked.c.reservation)
    connection.execute(delete(also_asked).where(gone))
