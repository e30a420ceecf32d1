"""Who is led, through which conversation, and what each customer answers to which question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bench.processes import ROOT
from sandbox import PLACES, Sandbox
from sandbox.ports import free_ports
from sandbox.records import point_of
from schemas.conversation import Conversation
from schemas.point import Point
from webhook.flows import loading
from webhook.flows.definition import Flow, Question, split_at_variables
from webhook.flows.expand import expand

PLATFORM = "fivehub"
FLOWS = ROOT / "bench" / "flows"
SPARE_PORTS = 4
"""Ports of a box that nobody takes: the way to the next box would be another conversation's."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Customers who go the same way. `choices` are the options that they take, by question."""

    name: str
    flow: str
    choices: Mapping[str, str] = field(default_factory=dict)
    fibre: bool = False
    clients: int = 0
    """Clients, and properties, that OZmap has of such a customer at the end."""
    prospects: int = 0


FIBRE = Kind(
    "with fibre", "contratacao", {"confirma": "Sim", "oferta": "Quero reservar"}, fibre=True, clients=1
)
KINDS = (
    FIBRE,
    FIBRE,
    Kind("without fibre", "contratacao", {"confirma": "Sim", "sem_fibra": "Quero ser avisado"}, prospects=1),
    Kind("prospect", "prospect", {"confirma": "Sim"}, prospects=1),
    Kind("questions", "contato"),
)
"""Whose turn it is, one customer after the other."""


@dataclass
class Customer:
    """One customer, and what the chatbot of this one heard."""

    name: str
    kind: Kind
    place: Point
    phone: str
    by_number: bool = False
    """Answers with an option's number."""
    asked: list[str] = field(default_factory=list)
    """The questions, one after the other; one that was asked again is in it once."""
    used: dict[str, str] = field(default_factory=dict)
    """By variable, the value of each answer that was followed by something else than its question."""
    ended: Mapping[str, Any] | None = None
    """The last reply."""
    waits: int = 0
    repeated: int = 0
    """Questions that were asked again."""
    unanswered: int = 0
    """Calls that got no reply."""
    refused: int = 0
    """Calls that were answered `ocupado`."""
    odd: list[str] = field(default_factory=list)
    """Replies that no customer should get."""

    calls: list[str] = field(default_factory=list)
    """What was sent when, and what came back."""

    @property
    def story(self) -> str:
        return "\n    ".join(["", *sorted(self.calls)])

    @property
    def conversation(self) -> Conversation:
        return Conversation(PLATFORM, self.name.replace(" ", "-"))

    @property
    def own(self) -> dict[str, str]:
        """Variables whose values are this customer's own, and no other's."""
        place = {"localizacao": f"{self.place.lat}, {self.place.lng}"}
        words = {name: f"{name} de {self.name}" for name in ("assunto", "quando", "recado")}
        return {"nome": self.name, "telefone": self.phone, **place, **words}

    def answer_to(self, question: Question) -> str:
        """What the customer types."""
        value = self.value_of(question)
        return str(question.buttons.index(value) + 1) if self.by_number and question.buttons else value

    def value_of(self, question: Question) -> str:
        """What the variable of the question holds then.

        To a question that its kind does not expect a customer says yes, which is the first option.
        """
        expected = self.kind.choices.get(question.origin) or self.own.get(question.variable)
        return expected or question.options[0]


@cache
def flow_of(name: str) -> Flow:
    """As the service expands it."""
    own = FLOWS / f"{name}.toml"
    return expand(loading.load(own) if own.exists() else loading.built_in()[name])


def question_in(flow: str, message: str) -> Question | None:
    """The question that a message ends with. The same words may stand at several blocks of one question."""
    found = (one for one, pattern in _questions(flow) if pattern.search(message))
    return next(found, None)


@cache
def _questions(flow: str) -> Sequence[tuple[Question, re.Pattern[str]]]:
    """By their last paragraph, the longest one first."""
    questions = [step for step in flow_of(flow).steps if isinstance(step, Question)]
    pairs = []
    for question in questions:
        pieces = split_at_variables(question.text.split("\n\n")[-1])
        pairs.append((question, "".join(re.escape(text) + (".*" if name else "") for text, name in pieces)))
    pairs.sort(key=lambda pair: len(pair[1]), reverse=True)
    return [(question, re.compile(pattern)) for question, pattern in pairs]


def customers_of(sandbox: Sandbox, how_many: int) -> list[Customer]:
    """All of them, after one of each kind who is led alone. Raises ValueError if the network is too small."""
    store = sandbox.store
    boxes = [
        point
        for box in store["boxes"].values()
        if (point := point_of(box))
        and box["implanted"]
        and not box["draft"]
        and len(free_ports(store, box["id"], sandbox.behaviour)) > SPARE_PORTS
    ]
    kinds = [*dict.fromkeys(KINDS), *(KINDS[number % len(KINDS)] for number in range(how_many))]
    if sum(kind.fibre for kind in kinds) > len(boxes):
        raise ValueError(f"{how_many} customers need more boxes than {len(boxes)}")
    places = iter(boxes)
    return [
        Customer(
            name=f"Cliente {_word(number)}",
            kind=kind,
            place=next(places) if kind.fibre else PLACES["no_fibre_street"].point,
            phone=f"48 9{9_000_0000 + number}",
            by_number=number % 2 == 1,
        )
        for number, kind in enumerate(kinds)
    ]


def _word(number: int) -> str:
    """A name of letters: a question that needs a name takes no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}").capitalize()
