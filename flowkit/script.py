"""Written conversations: what the customer says, what the bot must say, how the flow ends.

    # a comment
    mundo: fora            the scenario from here on: one of SCENARIOS, most of them faults of OZmap
    bot: Olá!              the bot has said this, among other words, since the customer's last line
    cliente: Rua X, 12
    variavel: viavel = sim a variable has this value
    chamada: prospect {"nome": "Ana"}    a call in this conversation that the flow itself does not make
    mapa: -27.5987, -48.5195             confirmed on the location page; or an address, as without JavaScript
    fim: atendente         the step that ended the conversation

docs/pt/flow-format.md describes it for authors.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from webhook.flows.check import KEY, PUBLIC_URL
from webhook.flows.play import Event, HttpCall, Player, as_text

SCENARIOS = (
    "normal", "fora", "lento", "lento até a 2ª", "lento até a 3ª", "lento ao criar", "volta na pausa",
    "desiste na pausa", "recusa", "viável sem caixa", "cliente do ERP", "sem mapa", "chave errada",
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
    """The conversation differs from the script, or the script cannot be read. The text has the line."""


def read(text: str) -> list[Line]:
    """The lines of a script without comments. Raises ScriptFailed."""
    lines = []
    for number, written in enumerate(text.splitlines(), start=1):
        if not written.strip() or written.startswith("#"):
            continue
        kind, colon, rest = (part.strip() for part in written.partition(":"))
        if not colon or kind not in KINDS:
            raise ScriptFailed(f"line {number}: must begin with one of " + ", ".join(KINDS))
        if kind == "mundo" and rest not in SCENARIOS:
            raise ScriptFailed(f"line {number}: mundo must be one of " + ", ".join(SCENARIOS))
        if kind == "chamada" and not _is_call(rest):
            raise ScriptFailed(f"line {number}: chamada must be an action and a JSON object")
        lines.append(Line(number, kind, rest))
    return lines


def run(
    lines: list[Line],
    player: Player,
    set_scenario: Callable[[str], None],
    submit: Callable[[str, Mapping[str, str]], None],
) -> Iterator[Line | Event]:
    """Plays the script and yields the customer's lines and the flow's events. Raises ScriptFailed.

    `submit` sends a form to a URL, as a browser does.
    """
    texts: list[str] = []
    """What the bot sent since the customer's last line."""
    for line in lines:
        match line.kind:
            case "mundo":
                set_scenario(line.text)
            case "chamada":
                player.send(_call(line.text, player))
            case "mapa":
                reply = player.send(_call("findme {}", player)) or {}
                submit(f"{reply.get('link')}/confirma", _location_form(line.text))
            case _:
                # Not before: the lines above may set up what the flow's first steps meet.
                if player.at is None:
                    events = player.start()
                    texts = [event.text for event in events]
                    yield from events
                if line.kind == "cliente":
                    yield line
                    events = _answer(player, line)
                    texts = [event.text for event in events]
                    yield from events
                _expect(line, player, texts)


def _is_call(text: str) -> bool:
    try:
        return isinstance(json.loads(text.partition(" ")[2]), dict)
    except ValueError:
        return False


def _call(text: str, player: Player) -> HttpCall:
    """A call as the flow makes them, with the platform's variables of the same conversation."""
    action, _, body = text.partition(" ")
    names = player.flow.platform_variables.keys() & player.variables.keys()
    variables = {name: as_text(player.variables[name]) for name in names}
    url = f"{PUBLIC_URL}/{player.flow.platform}/{action}"
    return HttpCall("POST", url, {"X-Webhook-Key": KEY}, variables | json.loads(body))


def _location_form(text: str) -> dict[str, str]:
    if pair := _PAIR.fullmatch(text):
        return {"latitude": pair[1], "longitude": pair[2]}
    return {"endereco": text}


def _answer(player: Player, line: Line) -> list[Event]:
    try:
        return player.answer(line.text.replace("\\n", "\n"))
    except ValueError:
        raise ScriptFailed(f"line {line.number}: nothing was asked; the flow is at {_at(player)}") from None


def _expect(line: Line, player: Player, texts: list[str]) -> None:
    match line.kind:
        case "bot":
            if not any(line.text in text for text in texts):
                raise ScriptFailed(f"line {line.number}: the bot did not say {line.text!r}, but {texts}")
        case "fim":
            if not player.ended or _at(player) != line.text:
                raise ScriptFailed(f"line {line.number}: the flow is at {_at(player)}")
        case "variavel":
            name, _, expected = (part.strip() for part in line.text.partition("="))
            if (value := as_text(player.variables.get(name))) != expected:
                raise ScriptFailed(f"line {line.number}: {name} is {value!r}")


def _at(player: Player) -> str:
    return player.at.id if player.at else ""
