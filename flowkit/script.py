"""Conversations written down as text: what the customer says, what the bot must say, how it ends.

    # a comment
    mundo: fora            what is the matter from here on: one of WORLDS, most of them with OZmap
    bot: Olá!              the bot has said this, among other words, since the customer's last line
    cliente: Rua X, 12
    variavel: viavel = sim a variable has this value
    chamada: prospect {"nome": "Ana"}    somebody else's call in this conversation
    mapa: -27.5987, -48.5195             confirmed on the location page; or an address, as without JavaScript
    fim: atendente         the step that ended the conversation

docs/pt/flow-format.md describes it for authors.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from webhook.flows.check import KEY, PUBLIC_URL
from webhook.flows.play import Call, Event, Player, told

WORLDS = (
    "normal", "fora", "lento", "lento até a 2ª", "lento até a 3ª", "recusa", "sem mapa", "chave errada",
    "link vencido", "por poste",
)  # fmt: skip
KINDS = ("mundo", "bot", "cliente", "variavel", "chamada", "mapa", "fim")
_PAIR = re.compile(r"(-?[\d.]+), (-?[\d.]+)")


@dataclass(frozen=True)
class Line:
    """A line of a script; `number` counts from 1."""

    number: int
    kind: str
    text: str


class ScriptFailed(Exception):
    """The conversation went another way, or the script cannot be read; the text says where and how."""


def read(text: str) -> list[Line]:
    """The lines that say something. Raises ScriptFailed."""
    lines = []
    for number, written in enumerate(text.splitlines(), start=1):
        if not written.strip() or written.startswith("#"):
            continue
        kind, colon, said = written.partition(":")
        if not colon or kind.strip() not in KINDS:
            raise ScriptFailed(f"line {number}: must begin with one of " + ", ".join(KINDS))
        if kind.strip() == "mundo" and said.strip() not in WORLDS:
            raise ScriptFailed(f"line {number}: mundo must be one of " + ", ".join(WORLDS))
        if kind.strip() == "chamada" and not _is_call(said.strip()):
            raise ScriptFailed(f"line {number}: chamada must be an action and a JSON object")
        lines.append(Line(number, kind.strip(), said.strip()))
    return lines


def run(
    lines: list[Line],
    player: Player,
    world: Callable[[str], None],
    submit: Callable[[str, Mapping[str, str]], None],
) -> Iterator[Line | Event]:
    """Plays the script, giving what is said and done as it happens. Raises ScriptFailed.

    `world` changes what is the matter; `submit` sends a form to an address, as a browser does.
    """
    said: list[str] = []
    started = False
    for line in lines:
        if line.kind == "mundo":
            world(line.text)
            continue
        if line.kind == "chamada":
            player.call(_call(line.text, player))
            continue
        if line.kind == "mapa":
            link = player.call(_call("findme {}", player)) or {}
            submit(f"{link.get('link')}/confirma", _place(line.text))
            continue
        events: list[Event] = []
        if not started:
            events, started = player.start(), True
        if line.kind == "cliente":
            yield from events
            yield line
            said, events = [], _answered(player, line)
        yield from events
        said += [event.text for event in events]
        _expect(line, player, said)


def _is_call(text: str) -> bool:
    try:
        return isinstance(json.loads(text.partition(" ")[2]), dict)
    except ValueError:
        return False


def _call(text: str, player: Player) -> Call:
    """As the flow makes them, and in the same conversation."""
    action, _, body = text.partition(" ")
    own = {name: told(player.variables[name]) for name in player.flow.given if name in player.variables}
    url = f"{PUBLIC_URL}/{player.flow.platform}/{action}"
    return Call("POST", url, {"X-Webhook-Key": KEY}, own | json.loads(body))


def _place(text: str) -> dict[str, str]:
    """The location page's form."""
    if pair := _PAIR.fullmatch(text):
        return {"latitude": pair[1], "longitude": pair[2]}
    return {"endereco": text}


def _answered(player: Player, line: Line) -> list[Event]:
    try:
        return player.answer(line.text.replace("\\n", "\n"))
    except ValueError:
        raise ScriptFailed(f"line {line.number}: nothing was asked; the flow is at {_at(player)}") from None


def _expect(line: Line, player: Player, said: list[str]) -> None:
    if line.kind == "bot" and not any(line.text in text for text in said):
        raise ScriptFailed(f"line {line.number}: the bot did not say {line.text!r}, but {said}")
    if line.kind == "fim" and (not player.ended or _at(player) != line.text):
        raise ScriptFailed(f"line {line.number}: the flow is at {_at(player)}")
    if line.kind == "variavel":
        name, _, value = (part.strip() for part in line.text.partition("="))
        if (there := told(player.variables.get(name))) != value:
            raise ScriptFailed(f"line {line.number}: {name} is {there!r}")


def _at(player: Player) -> str:
    return player.at.id if player.at else ""
