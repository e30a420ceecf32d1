"""python -m webhook openapi: docs/openapi.json, with all platforms and the built-in recipes."""

import argparse
import sys
from pathlib import Path

from webhook.cli import Commands
from webhook.platforms import PLATFORMS
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings
from webhook.web.openapi import document

PATH = Path(__file__).parents[2] / "docs" / "openapi.json"


def add_to(commands: Commands) -> None:
    group = commands.add_parser("openapi", help="docs/openapi.json").add_subparsers(
        required=True, metavar="COMMAND"
    )
    group.add_parser("check", help="compare it with the code").set_defaults(run=run_check)
    group.add_parser("write", help="write it from the code").set_defaults(run=run_write)


def run_check(_: argparse.Namespace) -> int:
    """0 if the file is up to date."""
    if PATH.is_file() and PATH.read_text(encoding="utf-8") == _text():
        return 0
    print(
        "docs/openapi.json is not what the code says: .venv/bin/python -m webhook openapi write",
        file=sys.stderr,
    )
    return 1


def run_write(_: argparse.Namespace) -> int:
    PATH.write_text(_text(), encoding="utf-8")
    return 0


def _text() -> str:
    styles = {name: next(iter(platform.styles)) for name, platform in PLATFORMS.items()}
    return document(load_recipes(None), styles, Settings.public_url)
