"""Written conversations: what the customer says, what the bot must say, how the conversation ends.

    # a comment
    plataforma: huggy      only for this platform; without the line, for all that have the conversation
    so: conversa           only where the webhook leads; `so: laco`: only through the loop of a flow
    mundo: fora            the scenario from here on: one of SCENARIOS, most of them faults of OZmap
    bot: Olá!              the bot has said this, among other words, since the customer's last line
    cliente: Rua X, 12
    variavel: viavel = sim a variable of the conversation has this value
    chamada: prospect {"nome": "Ana"}    a call for the same customer that the conversation does not make
    mapa: -27.5987, -48.5195             confirmed on the location page; or an address, as without JavaScript
    fim: atendente         the step that ended the conversation

`plataforma` and `so` stand above all other lines. A customer's `\\n` begins a new line.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from webhook.flows.play import JsonReply
from webhook.platforms import PLATFORMS

SCENARIOS = (
    "normal", "fora", "lento", "lento até a 2ª", "lento até a 3ª", "lento ao criar", "volta na pausa",
    "desiste na pausa", "recusa", "viável sem caixa", "cliente do ERP", "sem mapa", "ocupado",
    "sinal ocupado", "link vencido", "por poste", "chave errada", "limite", "sem resposta", "some na pausa",
)  # fmt: skip
LED, LOOP = "conversa", "laco"
HEAD: Mapping[str, Sequence[str]] = {"plataforma": tuple(PLATFORMS), "so": (LED, LOOP)}
"""What stands above a script, and its values."""
KINDS = ("mundo", "bot", "cliente", "variavel", "chamada", "mapa", "fim")
_PAIR = re.compile(r"(-?[\d.]+), (-?[\d.]+)")


class ScriptFailed(Exception):
    """The conversation differs from the script, or the script cannot be read. The text has the line."""


class Talk(Protocol):
    """A conversation that a script is played with, whoever asks the questions."""

    @property
    def at(self) -> str:
        """Where it is; empty before the start."""
        ...

    def start(self) -> list[str]:
        """What the bot says first."""
        ...

    def answer(self, said: str) -> list[str]:
        """What the bot says to an answer. Raises ValueError if it has not asked."""
        ...

    def call(self, action: str, values: Mapping[str, object]) -> JsonReply:
        """Calls an action for the same customer."""
        ...

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        """Sends a form, as a browser does."""
        ...

    def ended_at(self, step: str) -> bool:
        """Whether the conversation is over, and ended with this step."""
        ...

    def value_of(self, variable: str) -> str | None:
        """A variable's value as text; None if nobody can say."""
        ...


@dataclass(frozen=True)
class Line:
    """A line of a script; `number` counts from 1."""

    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class Script:
    """A written conversation. Without `platform` it is for all of them, without `only` for all ways."""

    lines: tuple[Line, ...]
    platform: str = ""
    only: str = ""


def read(text: str) -> Script:
    """Reads a script. Raises ScriptFailed."""
    head: dict[str, str] = {}
    lines: list[Line] = []
    for number, written in enumerate(text.splitlines(), start=1):
        if not written.strip() or written.startswith("#"):
            continue
        kind, colon, rest = (part.strip() for part in written.partition(":"))
        if not colon or kind not in (*HEAD, *KINDS):
            raise ScriptFailed(f"line {number}: must begin with one of " + ", ".join((*HEAD, *KINDS)))
        if problem := _problem(kind, rest, is_head=not lines):
            raise ScriptFailed(f"line {number}: {kind} {problem}")
        if kind in HEAD:
            head[kind] = rest
        else:
            lines.append(Line(number, kind, rest))
    return Script(tuple(lines), head.get("plataforma", ""), head.get("so", ""))


def run(script: Script, talk: Talk, set_scenario: Callable[[str], None]) -> None:
    """Plays the script. Raises ScriptFailed."""
    texts: list[str] = []
    """What the bot sent since the customer's last line."""
    for line in script.lines:
        match line.kind:
            case "mundo":
                set_scenario(line.text)
            case "chamada":
                action, _, body = line.text.partition(" ")
                talk.call(action, json.loads(body))
            case "mapa":
                reply = talk.call("findme", {}) or {}
                talk.submit(f"{reply.get('link')}/confirma", _location_form(line.text))
            case _:
                # Not before: the lines above may set up what the first steps meet.
                if not talk.at:
                    texts = talk.start()
                if line.kind == "cliente":
                    texts = _answer(talk, line)
                _expect(line, talk, texts)


def _problem(kind: str, rest: str, is_head: bool) -> str:
    """What is wrong with a line; empty if nothing is."""
    allowed = HEAD.get(kind, SCENARIOS if kind == "mundo" else ())
    if allowed and rest not in allowed:
        return "must be one of " + ", ".join(allowed)
    if kind in HEAD and not is_head:
        return "must stand above all other lines"
    return "must be an action and a JSON object" if kind == "chamada" and not _is_call(rest) else ""


def _is_call(text: str) -> bool:
    try:
        return isinstance(json.loads(text.partition(" ")[2]), dict)
    except ValueError:
        return False


def _location_form(text: str) -> dict[str, str]:
    if pair := _PAIR.fullmatch(text):
        return {"latitude": pair[1], "longitude": pair[2]}
    return {"endereco": text}


def _answer(talk: Talk, line: Line) -> list[str]:
    try:
        return talk.answer(line.text.replace("\\n", "\n"))
    except ValueError:
        raise ScriptFailed(
            f"line {line.number}: nothing was asked; the conversation is at {talk.at}"
        ) from None


def _expect(line: Line, talk: Talk, texts: list[str]) -> None:
    match line.kind:
        case "bot":
            if not any(line.text in text for text in texts):
                raise ScriptFailed(f"line {line.number}: the bot did not say {line.text!r}, but {texts}")
        case "fim":
            if not talk.ended_at(line.text):
                raise ScriptFailed(f"line {line.number}: the conversation is at {talk.at}")
        case "variavel":
            name, _, expected = (part.strip() for part in line.text.partition("="))
            value = talk.value_of(name)
            if value is not None and value != expected:
                raise ScriptFailed(f"line {line.number}: {name} is {value!r}")
