"""A flow template as dataclasses: its steps, and its entry in index.toml.

The file formats of Huggy and 5Hub are not public, so a definition describes what a person builds there: its
steps have the names of Huggy's screens (help.huggy.io, "Lista de ações do Flow").
docs/pt/flow-format.md describes the files for their authors.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

FORMAT = 1
ELSE = "senão"
"""The label of a condition's edge that is taken when no case matches."""
_VARIABLE = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")


def variables_in(text: str) -> Iterator[str]:
    """The `{variables}` of a text, without the `{{PLACEHOLDERS}}` that an export fills in."""
    return (match[1] for match in _VARIABLE.finditer(text))


@dataclass(frozen=True)
class Step:
    """`next` is the id of the following step; it is empty in a step that ends the conversation."""

    action: ClassVar[str]
    id: str
    next: str = ""

    @property
    def edges(self) -> Mapping[str, str]:
        """Label to the id of the step that the edge leads to. The only edge of a step has no label."""
        return {"": self.next} if self.next else {}

    @property
    def reads(self) -> set[str]:
        """Variables that must have a value before this step."""
        return set()

    @property
    def sets(self) -> set[str]:
        """Variables that have a value after this step."""
        return set()


@dataclass(frozen=True)
class Message(Step):
    """Sends `text` to the customer."""

    action = "Enviar mensagem"
    text: str = ""

    @property
    def reads(self) -> set[str]:
        return set(variables_in(self.text))


@dataclass(frozen=True)
class Question(Message):
    """Asks, and stores the answer in a variable. `expected` is the type that the platform checks."""

    action = "Enviar pergunta"
    name: str = ""
    variable: str = ""
    expected: str = "qualquer"
    buttons: tuple[str, ...] = ()

    @property
    def sets(self) -> set[str]:
        return {self.variable}


@dataclass(frozen=True)
class Request(Step):
    """Calls this service over HTTP; the reply's keys in `captures` become variables."""

    action = "Enviar requisição"
    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    captures: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the request that may have variables in it."""
        return (self.url, *self.headers.values(), *self.body.values())

    @property
    def reads(self) -> set[str]:
        return {name for text in self.texts for name in variables_in(text)}

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
    variable: str = ""
    cases: tuple[Case, ...] = ()

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
    seconds: int = 1


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
    """A conversation. `platform_variables` need no question: name to a description for the flow's author."""

    platform: str
    name: str
    title: str
    start: str
    steps: tuple[Step, ...]
    platform_variables: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def by_id(self) -> dict[str, Step]:
        """Each step by its id."""
        return {step.id: step for step in self.steps}

    @property
    def sets(self) -> list[str]:
        """All variables that its steps set, sorted."""
        return sorted({name for step in self.steps for name in step.sets})


@dataclass(frozen=True)
class IndexEntry:
    """A flow's entry in the index.toml of its folder."""

    title: str
    purpose: str
    collects: tuple[str, ...]
    sets: tuple[str, ...]
    version: str
    date: datetime.date
