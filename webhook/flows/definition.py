"""Flow definitions: the steps of a chatbot conversation, in a format of our own.

The file formats of Huggy and 5Hub are not public, so a definition is a neutral description of what to build
there: its steps are called what Huggy's screens call them (help.huggy.io, "Lista de ações do Flow").
docs/pt/flow-format.md describes the format for its authors.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

FORMAT = 1
ELSE = "senão"
"""The way of everything else."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")


def variables_in(text: str) -> Iterator[str]:
    """The `{variables}` of a text, and not the `{{PLACEHOLDERS}}` that an export fills in."""
    return (found[1] for found in _VARIABLE.finditer(text))


@dataclass(frozen=True)
class Step:
    """`next` is the id of the step that follows; empty in a step that ends the conversation."""

    action: ClassVar[str]
    id: str
    next: str = ""

    @property
    def edges(self) -> Mapping[str, str]:
        """The ways out: what is said of each, to the step that it leads to."""
        return {"": self.next} if self.next else {}

    @property
    def reads(self) -> set[str]:
        """Variables that must have a value by now."""
        return set()

    @property
    def sets(self) -> set[str]:
        """Variables that have a value afterwards."""
        return set()


@dataclass(frozen=True)
class Message(Step):
    """`text` goes to the customer."""

    action = "Enviar mensagem"
    text: str = ""

    @property
    def reads(self) -> set[str]:
        return set(variables_in(self.text))


@dataclass(frozen=True)
class Question(Message):
    """Asks, and keeps the answer in a variable. `expected` is the type of answer that the platform checks."""

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
    """An HTTP call of this service; the keys in `captures` become variables."""

    action = "Enviar requisição"
    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    captures: tuple[str, ...] = ()

    @property
    def reads(self) -> set[str]:
        texts = (self.url, *self.headers.values(), *self.body.values())
        return {name for text in texts for name in variables_in(text)}

    @property
    def sets(self) -> set[str]:
        return set(self.captures)


@dataclass(frozen=True)
class Case:
    """One way out of a condition: taken when the variable is one of `values`, whatever their case."""

    values: tuple[str, ...]
    next: str

    @property
    def way(self) -> str:
        """What the way is called."""
        return ", ".join(self.values)


@dataclass(frozen=True)
class Condition(Step):
    """Branches on a variable; `next` is the way of everything else (senão)."""

    action = "Condicional"
    variable: str = ""
    cases: tuple[Case, ...] = ()

    @property
    def edges(self) -> Mapping[str, str]:
        return {case.way: case.next for case in self.cases} | {ELSE: self.next}

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
    """A person goes on with the chat."""

    action = "Transferir para atendente"


@dataclass(frozen=True)
class End(Step):
    """The chat is over."""

    action = "Finalizar atendimento"


@dataclass(frozen=True)
class Flow:
    """One conversation. `given` are the variables that the platform itself has, each with what it is."""

    platform: str
    name: str
    title: str
    start: str
    steps: tuple[Step, ...]
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class IndexEntry:
    """What a folder's index.toml says of a flow."""

    title: str
    purpose: str
    collects: tuple[str, ...]
    sets: tuple[str, ...]
    version: str
    date: Any


class _Name(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise ValidationError("must be a name of a-z, 0-9 and _")
        return value


class _Record(Schema):
    """Loads into `record`; an unknown key is a mistake in our own file."""

    record: ClassVar[type]

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        return self.record(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


class _StepSchema(_Record):
    action = fields.String(data_key="acao", load_only=True)
    id = _Name(required=True)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        values.pop("action", None)
        return super()._make(values)


class _Onward(_StepSchema):
    next = _Name(required=True, data_key="depois")


class _MessageSchema(_Onward):
    record: ClassVar[type] = Message
    text = fields.String(required=True, data_key="texto", validate=validate.Length(min=1))


class _QuestionSchema(_MessageSchema):
    record = Question
    name = fields.String(required=True, data_key="nome")
    variable = _Name(required=True, data_key="variavel")
    expected = fields.String(data_key="resposta")
    buttons = fields.List(fields.String(validate=validate.Length(min=1)), data_key="botoes")


class _RequestSchema(_Onward):
    record = Request
    method = fields.String(required=True, data_key="metodo")
    url = fields.String(required=True)
    headers = fields.Dict(fields.String(), fields.String(), required=True, data_key="cabecalho")
    body = fields.Dict(fields.String(), fields.String(), data_key="corpo")
    captures = fields.List(_Name(), required=True, data_key="processar_resposta")


class _CaseSchema(_Record):
    record = Case
    values = fields.List(fields.String(), required=True, data_key="valores", validate=validate.Length(min=1))
    next = _Name(required=True, data_key="depois")


class _ConditionSchema(_StepSchema):
    record = Condition
    variable = _Name(required=True, data_key="variavel")
    cases = fields.List(fields.Nested(_CaseSchema), required=True, data_key="casos")
    next = _Name(required=True, data_key="senao")


class _PauseSchema(_Onward):
    record = Pause
    seconds = fields.Integer(required=True, strict=True, data_key="segundos", validate=validate.Range(1, 60))


class _HandOverSchema(_StepSchema):
    record = HandOver


class _EndSchema(_StepSchema):
    record = End


_STEPS: dict[str, Schema] = {
    schema.record.action: schema()  # type: ignore[attr-defined]
    for schema in (
        _MessageSchema, _QuestionSchema, _RequestSchema, _ConditionSchema, _PauseSchema, _HandOverSchema,
        _EndSchema,
    )
}  # fmt: skip


class _AnyStep(fields.Field[Step]):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Step:
        schema = _STEPS.get(str(value.get("acao"))) if isinstance(value, dict) else None
        if schema is None:
            raise ValidationError("acao must be one of: " + " | ".join(_STEPS))
        step: Step = schema.load(value)
        return step


class FlowSchema(_Record):
    """A flow's file."""

    record = Flow
    format = fields.Integer(
        required=True, data_key="formato", validate=validate.Equal(FORMAT), load_only=True
    )
    platform = fields.String(required=True, data_key="plataforma")
    name = _Name(required=True, data_key="nome")
    title = fields.String(required=True, data_key="titulo")
    given = fields.Dict(_Name(), fields.String(), data_key="variaveis_da_plataforma")
    start = _Name(required=True, data_key="inicio")
    steps = fields.List(_AnyStep(), required=True, data_key="passos")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        values.pop("format")
        return super()._make(values)


class IndexEntrySchema(_Record):
    """A table of index.toml, named like the flow."""

    record = IndexEntry
    title = fields.String(required=True, data_key="titulo")
    purpose = fields.String(required=True, data_key="para_que")
    collects = fields.List(fields.String(), required=True, data_key="coleta")
    sets = fields.List(_Name(), required=True, data_key="define")
    version = fields.String(required=True, data_key="versao")
    date = fields.Raw(required=True, data_key="data")
