"""python -m flowkit: write a flow's build guide, or play a written conversation."""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from flowkit import guide, script
from webhook.flows import export, loading
from webhook.flows.check import KEY, PUBLIC_URL
from webhook.flows.definition import Question
from webhook.flows.export import NoSuchFlow
from webhook.flows.play import Event, HttpCall, JsonReply, Player
from webhook.platforms import PLATFORMS
from webhook.settings import Settings

TIMEOUT = 30.0
"""Seconds for a call of a played flow."""


def main() -> int:
    """Runs a command; its exit status is 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m flowkit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    guide_of = commands.add_parser("guide", help="how to build a flow by hand, as an HTML page")
    guide_of.set_defaults(run=run_guide)
    play = commands.add_parser("play", help="play a written conversation against a running service")
    play.set_defaults(run=run_play)
    for command in (guide_of, play):
        command.add_argument("platform", choices=PLATFORMS)
        command.add_argument("name")
    guide_of.add_argument("--out", required=True, type=Path, help="the file")
    guide_of.add_argument(
        "--url", default=os.environ.get("PUBLIC_URL", Settings.public_url), help="PUBLIC_URL, without it"
    )
    play.add_argument("--script", required=True, type=Path, help="a file with the conversation")
    play.add_argument("--url", default="http://127.0.0.1:15000", help="where the service is")
    play.add_argument("--key", required=True, help="the key that flows send")
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except (NoSuchFlow, script.ScriptFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_guide(arguments: argparse.Namespace) -> None:
    """Writes the guide. The key stays a placeholder."""
    page = guide.page(arguments.platform, arguments.name, arguments.url.rstrip("/"))
    arguments.out.write_text(page, encoding="utf-8")
    print(f"{arguments.out}, for {arguments.url}")


def run_play(arguments: argparse.Namespace) -> None:
    """Prints the conversation while it runs. Raises ScriptFailed when it differs from the script."""
    flow = loading.parse(export.definition(arguments.platform, arguments.name, PUBLIC_URL))
    service = _Service(arguments.url.rstrip("/"), arguments.key)
    lines = script.read(arguments.script.read_text(encoding="utf-8"))
    variables: dict[str, object] = {name: f"teste-{secrets.token_hex(4)}" for name in flow.platform_variables}
    player = Player(flow, service.send, variables, pause=time.sleep)
    for happened in script.run(lines, player, _refuse_scenario, service.submit):
        _print(happened)


@dataclass(frozen=True)
class _Service:
    """A running service, called as a platform and as a browser do."""

    url: str
    key: str

    def send(self, call: HttpCall) -> JsonReply:
        headers = {name: value.replace(KEY, self.key) for name, value in call.headers.items()}
        url = call.url.replace(PUBLIC_URL, self.url)
        try:
            response = requests.request(
                call.method, url, headers=headers, json=dict(call.body), timeout=TIMEOUT
            )
            reply: JsonReply = response.json()
        except (requests.RequestException, ValueError):
            return None
        return reply

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        try:
            requests.post(url, data=form, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise script.ScriptFailed(f"mapa: {url} cannot be reached: {type(error).__name__}") from None


def _refuse_scenario(name: str) -> None:
    if name != "normal":
        raise script.ScriptFailed(f"mundo: {name} is for the tests, which have a sandbox to themselves")


def _print(happened: script.Line | Event) -> None:
    if isinstance(happened, script.Line):
        print(f"cliente: {happened.text}")
    elif call := happened.call:
        sent, got = (json.dumps(part, ensure_ascii=False) for part in (call.body, happened.reply))
        print(f"  {call.method} {call.url} {sent}\n  {got}")
    elif happened.text:
        buttons = happened.step.buttons if isinstance(happened.step, Question) else ()
        print(f"bot: {happened.text}{f'  {list(buttons)}' if buttons else ''}")
    else:
        print(f"fim: {happened.step.id}")


if __name__ == "__main__":
    sys.exit(main())
