"""python -m webhook worker: delivers what was promised, until SIGTERM."""

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from webhook.process.worker import Worker
from webhook.settings import SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import StoreBehind, prepare

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: "Commands") -> None:
    """The command's place on the command line."""
    parser = commands.add_parser("worker", help="deliver what was promised, until it is told to stop")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """0 after SIGTERM or SIGINT; 1 when it cannot start."""
    try:
        settings = load()
        prepare(Store(settings.database_url))
    except (SettingsError, StoreUnavailable, StoreBehind) as error:
        print(error, file=sys.stderr)
        return 1
    worker = Worker(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    return 0
