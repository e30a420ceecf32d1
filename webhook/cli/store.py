"""python -m webhook migrate, pending: maintenance of the store."""

import argparse
from collections.abc import Callable

from webhook.cli import Commands, pending
from webhook.settings import Settings, load
from webhook.store import Store
from webhook.store.migrate import migrate, prepare

Command = Callable[[Settings, Store, argparse.Namespace], int]


def add_to(commands: Commands) -> None:
    add_command(commands, "migrate", _migrate, "bring the database to this version")
    listing = add_command(commands, "pending", pending.run, "list what is not delivered yet, and why")
    pending.add_options(listing)


def add_command(commands: Commands, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    """A command that needs the store: it is up to date when `command` runs, except for `migrate`."""
    parser = commands.add_parser(name, help=text)
    parser.set_defaults(run=lambda arguments: _run(command, arguments))
    return parser


def _run(command: Command, arguments: argparse.Namespace) -> int:
    settings = load()
    store = Store(settings.database_url)
    if command is not _migrate:
        prepare(store)
    return command(settings, store, arguments)


def _migrate(_: Settings, store: Store, __: argparse.Namespace) -> int:
    migrate(store)
    print("the database is up to date")
    return 0
