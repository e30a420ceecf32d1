"""python -m webhook flows: check, list, show, export and play the flow templates."""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from flowkit import script
from webhook.flows import bundle, export
from webhook.flows.check import KEY, PUBLIC_URL, Route, check
from webhook.flows.play import Call, Event, Player, Reply
from webhook.platforms import PLATFORMS
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings
from webhook.web.actions import actions_of

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PATIENCE = 30.0
"""Seconds for a call of a played flow."""


def add_to(commands: "Commands") -> None:
    """The commands' place on the command line."""
    group = commands.add_parser("flows", help="the flow templates").add_subparsers(
        required=True, metavar="COMMAND"
    )
    group.add_parser("check", help="do they hold together?").set_defaults(run=run_check)
    group.add_parser("list", help="what there is").set_defaults(run=run_list)
    show = group.add_parser("show", help="a flow's definition")
    show.set_defaults(run=run_show)
    exported = group.add_parser("export", help="a flow with your address, and a guide to build it")
    exported.set_defaults(run=run_export)
    exported.add_argument(
        "--out", required=True, type=Path, help="the file; the guide goes beside it, as .html"
    )
    exported.add_argument(
        "--url", default=os.environ.get("PUBLIC_URL", Settings.public_url), help="PUBLIC_URL, without it"
    )
    play = group.add_parser("play", help="play a written conversation against a running service")
    play.set_defaults(run=run_play)
    play.add_argument("--script", required=True, help="a file with the conversation")
    play.add_argument("--url", default="http://127.0.0.1:15000", help="where the service is")
    play.add_argument("--key", required=True, help="the key that flows send")
    for parser in (show, exported, play):
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
    loaded = bundle.load()
    findings = check(loaded, routes())
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"flows: {len(loaded.flows)} read, {len(findings)} finding(s)")
    return 1 if findings else 0


def run_list(_: argparse.Namespace) -> int:
    """A line per flow."""
    for (platform, name), entry in bundle.load().entries.items():
        print(f"{platform} {name} (versão {entry.version}, {entry.date}): {entry.purpose}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """The definition as it stands in its file."""
    try:
        print(export.definition(arguments.platform, arguments.name, PUBLIC_URL), end="")
    except export.NoSuchFlow:
        return _no_flow(arguments)
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Writes the definition, and its guide beside it. The key stays a placeholder."""
    out: Path = arguments.out
    try:
        text = export.definition(arguments.platform, arguments.name, arguments.url.rstrip("/"))
        guide = export.guide(export.read(text), bundle.load().entries[arguments.platform, arguments.name])
        out.write_text(text, encoding="utf-8")
        out.with_suffix(".html").write_text(guide, encoding="utf-8")
    except export.NoSuchFlow:
        return _no_flow(arguments)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{out} and {out.with_suffix('.html')}, for {arguments.url}")
    return 0


def run_play(arguments: argparse.Namespace) -> int:
    """Prints the conversation as it goes; 1 when it goes another way than written."""
    flow = bundle.load().flows.get((arguments.platform, arguments.name))
    if flow is None:
        return _no_flow(arguments)

    def make(call: Call) -> Reply:
        headers = {name: value.replace(KEY, arguments.key) for name, value in call.headers.items()}
        url = call.url.replace(PUBLIC_URL, arguments.url.rstrip("/"))
        body = dict(call.body)
        try:
            answer = requests.request(call.method, url, headers=headers, json=body, timeout=PATIENCE)
            reply: Reply = answer.json()
        except (requests.RequestException, ValueError):
            return None
        return reply

    def submit(url: str, form: Mapping[str, str]) -> None:
        try:
            requests.post(url, data=form, timeout=PATIENCE)
        except requests.RequestException as error:
            raise script.ScriptFailed(f"mapa: {url} cannot be reached: {type(error).__name__}") from None

    def world(name: str) -> None:
        if name != "normal":
            raise script.ScriptFailed(f"mundo: {name} is for the tests, which have a sandbox to themselves")

    try:
        lines = script.read(Path(arguments.script).read_text(encoding="utf-8"))
        own = {name: f"teste-{secrets.token_hex(4)}" for name in flow.given}
        player = Player(flow, make, own, pause=time.sleep)
        for happened in script.run(lines, player, world, submit):
            _print(happened)
    except (OSError, script.ScriptFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _no_flow(arguments: argparse.Namespace) -> int:
    print(f"no flow {arguments.name} of {arguments.platform}: see flows list", file=sys.stderr)
    return 1


def _print(happened: script.Line | Event) -> None:
    if isinstance(happened, script.Line):
        print(f"cliente: {happened.text}")
    elif happened.call:
        sent, got = (json.dumps(part, ensure_ascii=False) for part in (happened.call.body, happened.reply))
        print(f"  {happened.call.method} {happened.call.url} {sent}\n  {got}")
    elif happened.text:
        buttons = getattr(happened.step, "buttons", ())
        print(f"bot: {happened.text}{f'  {list(buttons)}' if buttons else ''}")
    else:
        print(f"fim: {happened.step.id}")
