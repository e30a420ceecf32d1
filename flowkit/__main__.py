"""python -m flowkit: write a flow's build guide, or play a written conversation."""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from flowkit import guide, script
from flowkit.led import Led
from webhook.flows import loading
from webhook.flows.expand import expand
from webhook.flows.export import NoSuchFlow
from webhook.flows.play import JsonReply
from webhook.platforms import PLATFORMS
from webhook.settings import Settings

TIMEOUT = 30.0
"""Seconds for a call of a played conversation."""


def main() -> int:
    """Runs a command; its exit status is 0 on success."""
    parser = argparse.ArgumentParser(prog="python -m flowkit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    guide_of = commands.add_parser("guide", help="how to build a flow by hand, as an HTML page")
    guide_of.set_defaults(run=run_guide)
    play = commands.add_parser("play", help="play a written conversation with a running service")
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
    service = _Service(f"{arguments.url.rstrip('/')}/{arguments.platform}", arguments.key)
    dialogue = loading.built_in().get(arguments.name)
    talk = Led(
        arguments.name,
        f"teste-{secrets.token_hex(4)}",
        service.post,
        time.sleep,
        # Without one it is a conversation of the ISP's own: its steps are not known here.
        expand(dialogue) if dialogue else None,
        note=print,
        form=service.submit,
    )
    written = script.read(arguments.script.read_text(encoding="utf-8"))
    if written.only == script.LOOP or written.platform not in ("", arguments.platform):
        raise script.ScriptFailed("the script is not for a conversation that the service leads here")
    script.run(written, talk, _refuse_scenario)


@dataclass(frozen=True)
class _Service:
    """A running service, called as a platform and as a browser do. `url` ends with the platform's name."""

    url: str
    key: str

    def post(self, action: str, values: Mapping[str, object]) -> JsonReply:
        headers = {"X-Webhook-Key": self.key}
        try:
            response = requests.post(f"{self.url}/{action}", headers=headers, json=values, timeout=TIMEOUT)
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


if __name__ == "__main__":
    sys.exit(main())
