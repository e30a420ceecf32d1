"""python -m webhook COMMAND"""

import argparse
import sys

from webhook.cli import check, demand, flows, locate, openapi, personal_data, recipe, store, worker
from webhook.flows.export import NoSuchFlow
from webhook.settings import SettingsError
from webhook.store import StoreUnavailable
from webhook.store.migrate import WrongStore


def main() -> int:
    """Runs a command; its exit status is 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m webhook")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (check, worker, store, personal_data, demand, flows, recipe, locate, openapi):
        group.add_to(commands)
    arguments = parser.parse_args()
    try:
        status: int = arguments.run(arguments)
    except (SettingsError, StoreUnavailable, WrongStore, NoSuchFlow) as error:
        print(error, file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
