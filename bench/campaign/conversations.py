"""Conversations of a chatbot: who asks for what, and how a flow repeats, doubles and reorders its calls."""

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bench.campaign.places import RADIUS_M, Places
from schemas.point import Point
from webhook.outcomes import LATER

RESERVE, ASK, CANCEL, PROSPECT = "reserva", "reserva/consulta", "reserva/cancelamento", "prospect"
SITES = ("norte", "norte", "sul", "vizinha")
"""Whose customer is which, in turns. `norte` and `sul` share an installation, all share one OZmap."""
CERTAIN = 0.03
"""Share of the customers whose three nearest boxes refuse and whose fourth takes them."""
PAUSE = 0.5
"""Seconds before a flow calls again."""
TRIES = 30
"""Of one call that gets no answer, or `later` for one."""


class Taken(Enum):
    """What OZmap knows of a `codigo_cliente` before its customer comes."""

    NO = "nothing"
    SOLD = "somebody's client has it, and a property"
    ALONE = "somebody's client has it, and no property"
    ACTIVE = "somebody's client has it, no property, and is implanted"
    REFUSED = "nobody has it, and OZmap refuses it"


CODES = {Taken.NO: 0.08, Taken.SOLD: 0.03, Taken.ALONE: 0.03, Taken.ACTIVE: 0.01, Taken.REFUSED: 0.01}
"""Shares of the customers whose flow sends a `codigo_cliente`."""


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
    site: str = "norte"
    taken: Taken = Taken.NO
    certain: bool = False
    """Whether there is a box that takes this customer, whatever the nearest ones say."""
    heard: list[list[Heard]] = field(default_factory=list)
    """Of each step."""
    at_last: Heard | None = None
    """The answer to a `consulta` at the end of the campaign, when nothing is left to be done."""


Call = Callable[[Conversation, str], Heard]


def conversation(number: int, seed: int, places: Places) -> Conversation:
    """The `number`-th customer of this seed. Customers of different sites share ids of conversations."""
    chance = random.Random(f"{seed} {number}")
    turn, of_site = divmod(number, len(SITES))
    site = SITES[of_site]
    values: dict[str, Any] = {
        "conversa_id": f"c-{seed}-{turn * SITES.count(site) + SITES[:of_site].count(site)}",
        "nome": f"Cliente {seed}-{number}",
        "telefone": f"48 9{9_000_0000 + number}",
        "tags": "Sem viabilidade",
    }
    luck = chance.random()
    if certain := luck < CERTAIN:
        point = chance.choice(places.fourth)
        values |= {"raio_m": RADIUS_M, "modo": "raio"}
    else:
        point = places.without_fibre if luck < CERTAIN + 0.05 else chance.choice([*places.crowded.values()])
    values |= _door(chance, point)
    taken = Taken.NO
    luck = chance.random()
    if not certain and luck < sum(CODES.values()):
        taken = chance.choices([*CODES], [*CODES.values()])[0]
        values["codigo_cliente"] = f"ERP-{seed}-{number}-x"
    platform = chance.choice(("huggy", "fivehub"))
    steps = ((RESERVE,) * chance.choice((1, 2)), (RESERVE,)) if certain else _steps(chance)
    return Conversation(values["nome"], platform, values, steps, site, taken, certain)


def _door(chance: random.Random, point: Point) -> dict[str, float]:
    """A different one for each customer, within a few metres."""
    lat, lng = (round(degrees + chance.uniform(-5e-5, 5e-5), 6) for degrees in (point.lat, point.lng))
    return {"latitude": lat, "longitude": lng}


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


def ask_at_last(talk: Conversation, call: Call) -> None:
    """Has the customer of a reservation ask how it ended."""
    if any(RESERVE in step for step in talk.steps):
        talk.at_last = _until_answered(talk, ASK, call)[-1]


def _until_answered(talk: Conversation, action: str, call: Call) -> list[Heard]:
    tries: list[Heard] = []
    while len(tries) < TRIES:
        tries.append(call(talk, action))
        if tries[-1].code not in {"", *LATER}:
            break
        time.sleep(PAUSE)
    return tries
