"""python -m webhook pending: what is promised and not done, what was given up, who was not told."""

import argparse
import time
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from webhook.settings import Settings
from webhook.store import Store
from webhook.store.tables import SALES, TABLES, outbox


def add_options(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--retry", metavar="ID", type=int, nargs="*", help="try these again now, or all")
    which.add_argument(
        "--untold", action="store_true", help="promised, ended, and not heard of by the customer"
    )


def run(_: Settings, store: Store, arguments: argparse.Namespace) -> int:
    if arguments.retry is not None:
        return _retry(store, arguments.retry)
    return _untold(store) if arguments.untold else _list(store)


def _list(store: Store) -> int:
    with store.read() as connection:
        rows = connection.execute(select(outbox).where(_waits()).order_by(outbox.c.id)).all()
        for row in rows:
            table = TABLES[row.kind]
            sale = connection.execute(select(table).where(table.c.id == row.sale)).mappings().one()
            state = "gave up" if row.gave_up_at else "waiting"
            words = f" (OZmap says: {sale['refusal']})" if sale.get("refusal") else ""
            reason = f"{row.reason or 'not tried yet'}{words}"
            whose = sale.get("code") or sale["conversation"]
            print(f"{row.id}  {row.tenant}  {row.kind}  {whose}  {state} since {_time(row.since)}: {reason}")
    print(f"{len(rows)} pending, {sum(row.gave_up_at is not None for row in rows)} of them given up")
    return 0


def _waits() -> ColumnElement[bool]:
    return or_(outbox.c.promised, outbox.c.gave_up_at.is_not(None))


def _untold(store: Store) -> int:
    count = 0
    with store.read() as connection:
        for kind, table in SALES.items():
            rows = connection.execute(select(table).where(table.c.untold).order_by(table.c.id)).all()
            count += len(rows)
            for row in rows:
                whose = f"{row.code}  {row.conversation or ''}".rstrip()
                print(f"{row.tenant}  {kind}  {whose}  {row.state} since {_time(row.changed_at)}")
    print(f"{count} not told")
    return 0


def _retry(store: Store, ids: Collection[int]) -> int:
    wanted = _waits() if not ids else outbox.c.id.in_(ids)
    now = time.time()
    anew = {"gave_up_at": None, "due_at": now, "since": now, "attempts": 0, "refusals": 0}
    with store.write() as connection:
        _count_anew(connection, wanted)
        count = connection.execute(update(outbox).where(wanted).values(**anew)).rowcount
    print(f"{count} will be tried again now")
    return 0 if count or not ids else 1


def _count_anew(connection: Connection, wanted: ColumnElement[bool]) -> None:
    for kind, table in SALES.items():
        again = select(outbox.c.sale).where(wanted, outbox.c.kind == kind)
        connection.execute(update(table).where(table.c.id.in_(again)).values(posts=0))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
