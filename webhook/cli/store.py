"""python -m webhook migrate, pending: maintenance of the store."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from webhook.cli import pending
from webhook.settings import Settings, SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import StoreBehind, migrate, prepare

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[Settings, Store, argparse.Namespace], int]


def add_to(commands: "Commands") -> None:
    add_command(commands, "migrate", _migrate, "bring the database to this version")
    listing = add_command(commands, "pending", pending.run, "list what is not delivered yet, and why")
    pending.add_options(listing)


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
