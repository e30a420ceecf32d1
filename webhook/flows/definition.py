"""A flow template: its steps, its entry in index.toml, and how their files are read.

The file formats of Huggy and 5Hub are not public, so a definition describes what a person builds there: its
steps have the names of Huggy's screens (help.huggy.io, "Lista de ações do Flow").
docs/pt/flow-format.md describes the files for their authors.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from marshmallow import RAISE, ValidationError, fields, post_load, validate

from schemas.record import RecordSchema, key, record, schema_of

FORMAT = 1
ELSE = "senão"
"""The label of a condition's edge that is taken when no case matches."""
_VARIABLE = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")


def variables_in(text: str) -> Iterator[str]:
    """The `{variables}` of a text, without the `{{PLACEHOLDERS}}` that an export fills in."""
    return (match[1] for match in _VARIABLE.finditer(text))


class _Schema(RecordSchema[object]):
    """Loads lists as tuples. These are files of this project: an unknown key is a mistake in them."""

    class Meta:
        unknown = RAISE

    @post_load
    def _make(self, values: Mapping[str, object], **_: object) -> object:
        return super()._make({k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


_NAME = validate.Regexp(re.compile(r"[a-z][a-z0-9_]*\Z"), error="must be a name of a-z, 0-9 and _")
_NOT_EMPTY = validate.Length(min=1)


def _name() -> fields.String:
    return fields.String(validate=_NAME)


def _texts() -> fields.Dict:
    return fields.Dict(fields.String(), fields.String())


@record
class Step:
    """`next` is the id of the following step; it is empty in a step that ends the conversation."""

    action: ClassVar[str]
    id: str = key(_name())
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


@record
class Message(Step):
    """Sends `text` to the customer."""

    action = "Enviar mensagem"
    next: str = key(_name(), "depois")
    text: str = key(fields.String(validate=_NOT_EMPTY), "texto")

    @property
    def reads(self) -> set[str]:
        return set(variables_in(self.text))


@record
class Question(Message):
    """Asks, and stores the answer in a variable. `expected` is the type that the platform checks."""

    action = "Enviar pergunta"
    name: str = key(fields.String(), "nome")
    variable: str = key(_name(), "variavel")
    expected: str = key(fields.String(), "resposta", default="qualquer")
    buttons: tuple[str, ...] = key(fields.List(fields.String(validate=_NOT_EMPTY)), "botoes", default=())

    @property
    def sets(self) -> set[str]:
        return {self.variable}


@record
class Request(Step):
    """Calls this service over HTTP; the reply's keys in `captures` become variables."""

    action = "Enviar requisição"
    next: str = key(_name(), "depois")
    method: str = key(fields.String(), "metodo")
    url: str = key(fields.String())
    headers: Mapping[str, str] = key(_texts(), "cabecalho")
    captures: tuple[str, ...] = key(fields.List(_name()), "processar_resposta")
    body: Mapping[str, str] = key(_texts(), "corpo", default_factory=dict)

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


@record
class Case:
    """An edge of a condition, taken when the variable is one of `values`. Upper and lower case are equal."""

    values: tuple[str, ...] = key(fields.List(fields.String(), validate=_NOT_EMPTY), "valores")
    next: str = key(_name(), "depois")

    @property
    def label(self) -> str:
        """The edge's label in `Step.edges`."""
        return ", ".join(self.values)


@record
class Condition(Step):
    """Branches on a variable; `next` is the step for all values that no case has."""

    action = "Condicional"
    next: str = key(_name(), "senao")
    variable: str = key(_name(), "variavel")
    cases: tuple[Case, ...] = key(fields.List(fields.Nested(schema_of(Case, _Schema))), "casos")

    @property
    def edges(self) -> Mapping[str, str]:
        return {case.label: case.next for case in self.cases} | {ELSE: self.next}

    @property
    def reads(self) -> set[str]:
        return {self.variable}


@record
class Pause(Step):
    """Waits `seconds`."""

    action = "Pausas"
    next: str = key(_name(), "depois")
    seconds: int = key(fields.Integer(strict=True, validate=validate.Range(1, 60)), "segundos")


@record
class HandOver(Step):
    """Ends the flow: a person takes over the chat."""

    action = "Transferir para atendente"


@record
class End(Step):
    """Ends the flow and the chat."""

    action = "Finalizar atendimento"


_STEPS = {
    kind.action: schema_of(kind, _Schema)()
    for kind in (Message, Question, Request, Condition, Pause, HandOver, End)
}


class _AnyStep(fields.Field[Step]):
    """A step of the kind that its `acao` names."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Step:
        settings = dict(value) if isinstance(value, dict) else {}
        # An unhashable `acao` is no action either.
        schema = _STEPS.get(str(settings.pop("acao", None)))
        if schema is None:
            raise ValidationError("acao must be one of: " + " | ".join(_STEPS))
        return schema.read_one(settings)


@record
class Flow:
    """A conversation. `platform_variables` need no question: name to a description for the flow's author."""

    format: int = key(fields.Integer(validate=validate.Equal(FORMAT)), "formato")
    platform: str = key(fields.String(), "plataforma")
    name: str = key(_name(), "nome")
    title: str = key(fields.String(), "titulo")
    start: str = key(_name(), "inicio")
    steps: tuple[Step, ...] = key(fields.List(_AnyStep()), "passos")
    platform_variables: Mapping[str, str] = key(
        fields.Dict(_name(), fields.String()), "variaveis_da_plataforma", default_factory=dict
    )

    @property
    def by_id(self) -> dict[str, Step]:
        """Each step by its id."""
        return {step.id: step for step in self.steps}

    @property
    def sets(self) -> list[str]:
        """All variables that its steps set, sorted."""
        return sorted({name for step in self.steps for name in step.sets})


@record
class IndexEntry:
    """A flow's entry in the index.toml of its folder."""

    title: str = key(fields.String(), "titulo")
    purpose: str = key(fields.String(), "para_que")
    collects: tuple[str, ...] = key(fields.List(fields.String()), "coleta")
    sets: tuple[str, ...] = key(fields.List(_name()), "define")
    version: str = key(fields.String(), "versao")
    date: datetime.date = key(fields.Date(), "data")


FLOW = schema_of(Flow, _Schema)()
INDEX_ENTRY = schema_of(IndexEntry, _Schema)()
