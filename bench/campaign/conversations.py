"""Conversations of a chatbot: who asks for what, and how a flow repeats, doubles and reorders its calls."""

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from schemas.point import Point
from webhook.outcomes import LATER

RESERVE, ASK, CANCEL, PROSPECT = "reserva", "reserva/consulta", "reserva/cancelamento", "prospect"
PAUSE = 0.5
"""Seconds before a flow calls again."""
TRIES = 30
"""Of one call that gets no answer: a web process that was killed is back within seconds."""


@dataclass(frozen=True)
class Heard:
    """What came back of one call; no reply when the connection broke, which tells the caller nothing."""

    action: str
    reply: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.reply.get("codigo", ""))


@dataclass
class Conversation:
    """One customer. The name is nobody else's: by it the audit knows what in OZmap is this customer's."""

    name: str
    platform: str
    values: Mapping[str, Any]
    steps: tuple[tuple[str, ...], ...]
    """One after the other; the calls within one are made at the same time."""
    heard: list[list[Heard]] = field(default_factory=list)
    """Of each step."""


Call = Callable[[Conversation, str], Heard]


def conversation(number: int, seed: int, crowded: list[Point], without_fibre: Point) -> Conversation:
    """The `number`-th customer of this seed, near a crowded box or in a street without fibre."""
    chance = random.Random(f"{seed} {number}")
    point = without_fibre if chance.random() < 0.05 else chance.choice(crowded)
    values = {
        "conversa_id": f"c-{seed}-{number}",
        "nome": f"Cliente {seed}-{number}",
        "telefone": f"48 9{9_000_0000 + number}",
        # A different door for each, within a few metres.
        "latitude": round(point.lat + chance.uniform(-5e-5, 5e-5), 6),
        "longitude": round(point.lng + chance.uniform(-5e-5, 5e-5), 6),
        "tags": "Sem viabilidade",
    }
    if chance.random() < 0.15:
        values["codigo_cliente"] = f"ERP-{seed}-{number}"
    platform = chance.choice(("huggy", "fivehub"))
    return Conversation(values["nome"], platform, values, _steps(chance))


def _steps(chance: random.Random) -> tuple[tuple[str, ...], ...]:
    wanted = PROSPECT if chance.random() < 0.25 else RESERVE
    steps = [(ASK,)] if wanted == RESERVE and chance.random() < 0.1 else []
    steps.append((wanted,) * chance.choices((1, 2, 4), (60, 25, 15))[0])
    steps += [(wanted,)] * chance.choices((0, 1, 2), (50, 35, 15))[0]
    if wanted == PROSPECT:
        return tuple(steps)
    if chance.random() < 0.3:
        steps.append((ASK,))
    luck = chance.random()
    if luck < 0.12:
        steps.append((CANCEL,))
        if luck < 0.06:
            steps.append((RESERVE,) * chance.choice((1, 2)))
    elif luck < 0.15:
        steps.append((CANCEL, RESERVE))
    return tuple(steps)


def hold(talk: Conversation, call: Call) -> None:
    """Has the whole conversation; who hears that there is no port becomes a prospect, as in the guides.

    Of calls made at the same time a flow goes by the last one's reply, as if the others' had been lost.
    """
    with ThreadPoolExecutor(max(map(len, talk.steps))) as at_once:
        for step in talk.steps:
            tries = at_once.map(lambda action: _until_answered(talk, action, call), step)
            talk.heard.append([heard for each in tries for heard in each])
        last = [heard for step in talk.heard for heard in step if heard.action == RESERVE][-1:]
        if any(heard.code == "sem_viabilidade" for heard in last):
            talk.heard.append(_until_answered(talk, PROSPECT, call))


def _until_answered(talk: Conversation, action: str, call: Call) -> list[Heard]:
    tries: list[Heard] = []
    while len(tries) < TRIES:
        tries.append(call(talk, action))
        if tries[-1].code not in {"", *LATER}:
            break
        time.sleep(PAUSE)
    return tries
