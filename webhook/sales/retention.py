"""Personal data leaves the store when its purpose is over (LGPD, Lei 13.709/2018, arts. 15, 16 and 18)."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update

from schemas.tenants import Tenant
from webhook.sales.records import OVER, State
from webhook.sales.reserving import FORGOTTEN
from webhook.store import Store, lookups
from webhook.store.outbox import SALES
from webhook.store.tables import notices, outbox, prospects, reservations

DAY = 86400.0


def purge(store: Store, tenants: Iterable[Tenant], now: float) -> int:
    """Clears what has not changed for each tenant's retention; how many sales that were.

    What is still owed to a customer stays until it is delivered. A reservation that stands keeps its code
    and ids, without which it could not be cancelled.
    """
    count = 0
    with store.write() as connection:
        lookups.purge(connection)
        for tenant in tenants:
            for kind, table in SALES.items():
                old = and_(
                    table.c.tenant == tenant.slug,
                    table.c.changed_at < now - tenant.retention_d * DAY,
                    table.c.state.not_in([State.PENDING, State.CANCELLING]),
                    ~exists().where(outbox.c.kind == kind, outbox.c.sale == table.c.id, outbox.c.promised),
                )
                if table is reservations:
                    over = or_(*(table.c.state == state for state in OVER))
                    personal = or_(*(table.c[name].is_not(None) for name in FORGOTTEN))
                    cleared = update(table).where(old, ~over, personal).values(**FORGOTTEN)
                    count += connection.execute(cleared).rowcount
                    old = and_(old, over)
                gone = select(table.c.id).where(old)
                connection.execute(delete(outbox).where(outbox.c.kind == kind, outbox.c.sale.in_(gone)))
                count += connection.execute(delete(table).where(old)).rowcount
            _forget_notices(
                connection,
                notices.c.tenant == tenant.slug,
                notices.c.changed_at < now - tenant.retention_d * DAY,
                exists().where(
                    outbox.c.kind == "notice", outbox.c.sale == notices.c.id, outbox.c.gave_up_at.is_not(None)
                ),
            )
    return count


def forget(store: Store, phone: str) -> tuple[int, int, list[str]]:
    """Deletes one person's sales: how many reservations, prospects, and their client codes in OZmap."""
    counts = []
    codes: list[str] = []
    with store.write() as connection:
        for kind, table in (("reservation", reservations), ("prospect", prospects)):
            theirs = table.c.phone == phone
            _forget_notices(
                connection,
                exists().where(
                    theirs, table.c.tenant == notices.c.tenant, table.c.conversation == notices.c.conversation
                ),
            )
            codes += connection.execute(select(table.c.code).where(theirs)).scalars()
            ids = select(table.c.id).where(theirs)
            connection.execute(delete(outbox).where(outbox.c.kind == kind, outbox.c.sale.in_(ids)))
            counts.append(connection.execute(delete(table).where(theirs)).rowcount)
    return counts[0], counts[1], codes


def _forget_notices(connection: Connection, *which: ColumnElement[bool]) -> None:
    gone = connection.execute(delete(notices).where(*which).returning(notices.c.id)).scalars().all()
    connection.execute(delete(outbox).where(outbox.c.kind == "notice", outbox.c.sale.in_(gone)))
