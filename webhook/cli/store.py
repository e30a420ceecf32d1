"""python -m webhook migrate, pending: maintenance of the store."""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from webhook.settings import Settings, SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import StoreBehind, migrate, prepare
from webhook.store.tables import notices, outbox, prospects, reservations

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

KNOWN_BY = {
    "reservation": reservations.c.code,
    "prospect": prospects.c.code,
    "notice": notices.c.conversation,
}
Command = Callable[[Settings, Store, argparse.Namespace], int]


def add_to(commands: "Commands") -> None:
    add_command(commands, "migrate", _migrate, "bring the database to this version")
    pending = add_command(commands, "pending", _pending, "list what is not delivered yet, and why")
    pending.add_argument("--retry", metavar="ID", type=int, nargs="*", help="try these again now, or all")


def add_command(commands: "Commands", name: str, command: Command, text: str) -> argparse.ArgumentParser:
    """A command that needs the store: it is up to date when `command` runs, except for `migrate`."""
    parser = commands.add_parser(name, help=text)
    parser.set_defaults(run=lambda arguments: _run(command, arguments))
    return parser


def _run(command: Command, arguments: argparse.Namespace) -> int:
    try:
        settings = load()
        store = Store(settings.database_url)
        if command is not _migrate:
            prepare(store)
        return command(settings, store, arguments)
    except (SettingsError, StoreUnavailable, StoreBehind) as error:
        print(error, file=sys.stderr)
        return 1


def _migrate(_: Settings, store: Store, __: argparse.Namespace) -> int:
    migrate(store)
    print("the database is up to date")
    return 0


def _pending(_: Settings, store: Store, arguments: argparse.Namespace) -> int:
    if arguments.retry is not None:
        return _retry(store, arguments.retry)
    with store.read() as connection:
        rows = connection.execute(select(outbox).where(outbox.c.promised).order_by(outbox.c.id)).all()
        for row in rows:
            column = KNOWN_BY[row.kind]
            code = connection.execute(select(column).where(column.table.c.id == row.sale)).scalar()
            since = datetime.fromtimestamp(row.since, UTC).isoformat(timespec="seconds")
            state = "gave up" if row.gave_up_at else "waiting"
            reason = row.reason or "not tried yet"
            print(f"{row.id}  {row.tenant}  {row.kind}  {code}  {state} since {since}: {reason}")
    print(f"{len(rows)} pending, {sum(row.gave_up_at is not None for row in rows)} of them given up")
    return 0


def _retry(store: Store, ids: list[int]) -> int:
    wanted = outbox.c.promised if not ids else outbox.c.id.in_(ids)
    now = time.time()
    with store.write() as connection:
        again = {"gave_up_at": None, "due_at": now, "since": now, "attempts": 0}
        count = connection.execute(update(outbox).where(wanted).values(**again)).rowcount
    print(f"{count} will be tried again now")
    return 0 if count or not ids else 1
