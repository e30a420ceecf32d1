"""A flow: the steps that a platform plays one after the other, each of them one block of its builder.

Made from a conversation (webhook/flows/dialogue.py) by webhook/flows/expand.py. The file formats of Huggy and
5Hub are not public, so the steps have the names of Huggy's screens (help.huggy.io, "Lista de ações do Flow").
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

ELSE = "senão"
"""The label of a condition's edge that is taken when no case matches."""
PLATFORM_VARIABLES = {"conversa_id": "o identificador do atendimento"}
"""Variables that a platform has without asking."""
TEXT, PLACE, NAME, PHONE, ANYTHING = "texto", "localizacao", "nome", "telefone", "qualquer"
KINDS = (TEXT, PLACE, NAME, PHONE, ANYTHING)
"""What a question may need. ANYTHING takes every answer as it is, TEXT with options only one of those."""
TENANT_VARIABLES = {
    "provedor": "o nome do seu provedor",
    "dias": "por quantos dias o serviço guarda os dados (`retencao_dias`)",
}
"""Variables that the ISP's settings fill in where the webhook leads; elsewhere the flow's author does."""

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with values, as they are, in place of its variables. One without a value stays."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def split_at_variables(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of a text: pairs of a fixed text and the variable after it, which is empty at the end."""
    pieces = _VARIABLE.split(text)
    yield from zip(pieces[::2], [*pieces[1::2], ""], strict=True)


def reachable(starts: Iterable[str], neighbours: Mapping[str, Iterable[str]]) -> set[str]:
    """The steps that ways from `starts` lead to, and those themselves."""
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        id_ = waiting.pop()
        if id_ not in reached:
            reached.add(id_)
            waiting += neighbours.get(id_, [])
    return reached


@dataclass(frozen=True)
class Step:
    """`next` is the id of the following step; it is empty in a step that ends the conversation."""

    action: ClassVar[str]
    id: str
    origin: str
    """The step of the conversation that it was made from."""
    next: str = ""

    @property
    def edges(self) -> Mapping[str, str]:
        """Label to the id of the step that the edge leads to. The only edge of a step has no label."""
        return {"": self.next} if self.next else {}

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that may have variables in it."""
        return ()

    @property
    def reads(self) -> set[str]:
        """Variables that must have a value before this step."""
        return {name for text in self.texts for _, name in split_at_variables(text) if name}

    @property
    def sets(self) -> set[str]:
        """Variables that have a value after this step."""
        return set()


@dataclass(frozen=True)
class Message(Step):
    """Sends `text` to the customer."""

    action = "Enviar mensagem"
    text: str = field(kw_only=True)

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


@dataclass(frozen=True)
class Question(Message):
    """Asks, and stores the answer in a variable."""

    action = "Enviar pergunta"
    variable: str = field(kw_only=True)
    needs: str = field(kw_only=True)
    """One of KINDS."""
    options: tuple[str, ...] = ()
    help: str = ""
    """What to say of an answer that cannot be used; empty: the words of its kind."""

    @property
    def buttons(self) -> tuple[str, ...]:
        """The options where nothing else is an answer. Beside buttons some chats refuse what is typed."""
        return self.options if self.needs == TEXT else ()

    @property
    def sets(self) -> set[str]:
        return {self.variable}


@dataclass(frozen=True)
class Request(Step):
    """Calls an action of this service; the reply's keys in `captures` become variables."""

    action = "Enviar requisição"
    calls: str = field(kw_only=True)
    """The action's name: the part of its route behind the platform's."""
    values: Mapping[str, str] = field(kw_only=True)
    captures: tuple[str, ...] = field(kw_only=True)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self.values.values())

    @property
    def sets(self) -> set[str]:
        return set(self.captures)


@dataclass(frozen=True)
class Case:
    """An edge of a condition, taken when the variable is one of `values`. Upper and lower case are equal."""

    values: tuple[str, ...]
    next: str

    @property
    def label(self) -> str:
        """The edge's label in `Step.edges`."""
        return ", ".join(self.values)


@dataclass(frozen=True)
class Condition(Step):
    """Branches on a variable; `next` is the step for all values that no case has."""

    action = "Condicional"
    variable: str = field(kw_only=True)
    cases: tuple[Case, ...] = field(kw_only=True)

    @property
    def edges(self) -> Mapping[str, str]:
        return {case.label: case.next for case in self.cases} | {ELSE: self.next}

    @property
    def reads(self) -> set[str]:
        return {self.variable}


@dataclass(frozen=True)
class Pause(Step):
    """Waits `seconds`."""

    action = "Pausas"
    seconds: int = field(kw_only=True)


@dataclass(frozen=True)
class HandOver(Step):
    """Ends the flow: a person takes over the chat."""

    action = "Transferir para atendente"


@dataclass(frozen=True)
class End(Step):
    """Ends the flow and the chat."""

    action = "Finalizar atendimento"


@dataclass(frozen=True)
class Flow:
    """The steps of one conversation, in the order in which they are built. The first one begins it."""

    name: str
    title: str
    steps: tuple[Step, ...]
    hand_over_words: tuple[str, ...] = ()

    @property
    def start(self) -> str:
        """The id of the first step."""
        return self.steps[0].id

    @cached_property
    def by_id(self) -> dict[str, Step]:
        """Each step by its id."""
        return {step.id: step for step in self.steps}

    @property
    def sets(self) -> list[str]:
        """All variables that its steps set, sorted."""
        return sorted({name for step in self.steps for name in step.sets})

    @property
    def reads(self) -> set[str]:
        """All variables that its steps read."""
        return {name for step in self.steps for name in step.reads}
