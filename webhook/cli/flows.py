"""python -m webhook flows: check, list, show and export the flow templates."""

import argparse
import os
import sys
from pathlib import Path

from webhook.cli import Commands
from webhook.flows import export, loading
from webhook.flows.check import PUBLIC_URL, Route, check
from webhook.platforms import PLATFORMS
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings
from webhook.web.actions import actions_of


def add_to(commands: Commands) -> None:
    """Adds the commands to the command line."""
    group = commands.add_parser("flows", help="the flow templates").add_subparsers(
        required=True, metavar="COMMAND"
    )
    group.add_parser("check", help="do they hold together?").set_defaults(run=run_check)
    group.add_parser("list", help="what there is").set_defaults(run=run_list)
    show = group.add_parser("show", help="a flow's definition")
    show.set_defaults(run=run_show)
    exported = group.add_parser("export", help="a flow's definition with your address")
    exported.set_defaults(run=run_export)
    exported.add_argument("--out", required=True, type=Path, help="the file")
    exported.add_argument(
        "--url", default=os.environ.get("PUBLIC_URL", Settings.public_url), help="PUBLIC_URL, without it"
    )
    for parser in (show, exported):
        parser.add_argument("platform", choices=PLATFORMS)
        parser.add_argument("name")


def routes() -> dict[str, Route]:
    """Every path that a flow may call: the actions, and the recipes that ship with the service."""
    recipes = load_recipes(None)
    return {
        f"/{platform}/{action.name}": Route(frozenset(action.methods), frozenset(action.reply().fields))
        for platform in PLATFORMS
        for action in actions_of(recipes, platform)
    }


def run_check(_: argparse.Namespace) -> int:
    """Prints every finding; 0 when there is none."""
    templates = loading.load()
    findings = check(templates, routes())
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"flows: {len(templates.flows)} read, {len(findings)} finding(s)")
    return 1 if findings else 0


def run_list(_: argparse.Namespace) -> int:
    """Prints a line for each flow."""
    for (platform, name), entry in loading.load().entries.items():
        print(f"{platform} {name} (versão {entry.version}, {entry.date}): {entry.purpose}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Prints the definition as it is in its file."""
    print(export.definition(arguments.platform, arguments.name, PUBLIC_URL), end="")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Writes the definition with the address in it. The key stays a placeholder."""
    text = export.definition(arguments.platform, arguments.name, arguments.url.rstrip("/"))
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{arguments.out}, for {arguments.url}; how to build it: python -m flowkit guide")
    return 0
