"""A conversation as its author writes it: a TOML file with steps that name actions, and no platform.

docs/pt/flow-format.md describes the files for ISPs' own editors.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeAlias, TypeVar

from marshmallow import RAISE, ValidationError, fields, post_load, validate

from schemas.record import RecordSchema, key, record, schema_of
from webhook.flows.definition import KINDS, TEXT

Edges: TypeAlias = Mapping[str, str]
"""Label to the step that the edge leads to; without a label where there is only one."""


class _Schema(RecordSchema[object]):
    """Loads lists as tuples. An unknown key is a mistake of the file's author."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "is no key here: remove it or correct its name", "type": "must be a table"}

    @post_load
    def _make(self, values: Mapping[str, object], **_: object) -> object:
        return super()._make({k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


_NAME = validate.Regexp(re.compile(r"[a-z][a-z0-9_]*\Z"), error="must be a name of a-z, 0-9 and _")
_NOT_EMPTY = validate.Length(min=1, error="must not be empty")
_KIND = validate.OneOf(KINDS, error="must be one of: " + " | ".join(KINDS))
_MISSING = "is missing"


class _Text(fields.String):
    default_error_messages = {"required": _MISSING, "invalid": "must be a text in quotes"}


class _List(fields.List[str]):
    default_error_messages = {"required": _MISSING, "invalid": 'must be a list: ["one", "another"]'}


class _Table(fields.Dict):
    default_error_messages = {"required": _MISSING, "invalid": "must be a table"}


_name = partial(_Text, validate=_NAME)
_text = partial(_Text, validate=_NOT_EMPTY)


def _whole(least: int, most: int) -> fields.Integer:
    between = f"must be a whole number from {least} to {most}"
    return fields.Integer(
        strict=True, validate=validate.Range(least, most, error=between), error_messages={"invalid": between}
    )


_DATE = fields.Date(error_messages={"required": _MISSING, "invalid": "must be a date: 2026-11-27"})


@record
class Piece:
    """A step of a conversation. `id` is the name of its table."""

    verb: ClassVar[str]
    """The key that says which kind of step a table is."""
    id: str = ""

    @property
    def edges(self) -> Edges:
        return {}


P = TypeVar("P", bound=Piece)


@record
class Say(Piece):
    """Shows a text."""

    verb = "diga"
    text: str = key(_text(), "diga", kw_only=True)
    next: str = key(_name(), "depois", kw_only=True)

    @property
    def edges(self) -> Edges:
        return {"": self.next}


@record
class Repeated(Piece):
    """A step that a customer meets `times` times at most, and `exhausted` after that. 0: no limit."""

    times: int = key(_whole(1, 10), "tentativas", default=0)
    exhausted: str = key(_name(), "esgotou", default="")
    next: str = key(_name(), "depois", default="")

    @property
    def edges(self) -> Edges:
        ways = {"": self.next, "esgotou": self.exhausted}
        return {label: target for label, target in ways.items() if target}


@record
class Ask(Repeated):
    """Asks. An option leads where it says, every other answer that can be used leads to `next`."""

    verb = "pergunte"
    text: str = key(_text(), "pergunte", kw_only=True)
    again: str = key(_text(), "de_novo", default="")
    """The text from the second time on."""
    help: str = key(_text(), "se_nao_entender", default="")
    variable: str = key(_name(), "variavel", kw_only=True)
    needs: str = key(_Text(validate=_KIND), "precisa", default=TEXT)
    options: Mapping[str, str] = key(_Table(_text(), _name()), "opcoes", default_factory=dict)

    @property
    def edges(self) -> Edges:
        return {**self.options, **super().edges}


@record
class Branching(Piece):
    """Leads to the step whose list has the value, and to `otherwise` where none has it."""

    cases: Mapping[str, tuple[str, ...]] = key(
        _Table(_name(), _List(_Text(), validate=_NOT_EMPTY)), "casos", default_factory=dict
    )
    otherwise: str = key(_name(), "senao", default="")

    @property
    def edges(self) -> Edges:
        ways = {", ".join(values): target for target, values in self.cases.items()}
        return ways | ({"senão": self.otherwise} if self.otherwise else {})


@record
class Call(Branching):
    """Calls an action. Leads on by the reply's `codigo`, or always to `next`."""

    verb = "chame"
    action: str = key(_text(), "chame", kw_only=True)
    sends: tuple[str, ...] = key(_List(_name()), "envie", default=())
    """Variables that are sent under their own names."""
    fixed: Mapping[str, str] = key(_Table(_name(), _Text()), "com", default_factory=dict)
    """Further keys, each with its text."""
    captures: tuple[str, ...] = key(_List(_name()), "guarde", default=())
    """Keys of the reply that become variables, beside `codigo` and `mensagem`."""
    next: str = key(_name(), "depois", default="")

    @property
    def edges(self) -> Edges:
        return {"": self.next} if self.next else super().edges


@record
class Choose(Branching):
    """Leads on by the value of a variable."""

    verb = "conforme"
    variable: str = key(_name(), "conforme", kw_only=True)


@record
class Wait(Repeated):
    """Waits `seconds`, after a text if there is one."""

    verb = "espere"
    seconds: int = key(_whole(3, 10), "espere", kw_only=True)
    text: str = key(_text(), "diga", default="")
    next: str = key(_name(), "depois", kw_only=True)


@record
class ToPerson(Piece):
    """Ends the conversation: a person takes over, after a text if there is one."""

    verb = "transfira"
    text: str = key(_Text(), "transfira", kw_only=True)


@record
class Finish(Piece):
    """Ends the conversation, after a text if there is one."""

    verb = "encerre"
    text: str = key(_Text(), "encerre", kw_only=True)


_PIECES = {kind.verb: schema_of(kind, _Schema)() for kind in (Ask, Call, Choose, Wait, ToPerson, Finish, Say)}
"""Say comes last: a text may stand in other steps too."""


class _AnyPiece(fields.Field[Piece]):
    """A step of the kind whose verb it has."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Piece:
        table = value if isinstance(value, dict) else {}
        for verb, schema in _PIECES.items():
            if verb in table:
                return schema.read_one(table)
        raise ValidationError("must have one of: " + " | ".join(_PIECES))


@record
class Dialogue:
    """A conversation. `steps` are in the order of the file, and the first one begins it."""

    title: str = key(_text(), "titulo")
    purpose: str = key(_text(), "para_que")
    version: str = key(_text(), "versao")
    date: datetime.date = key(_DATE, "data")
    steps: Mapping[str, Piece] = key(_Table(_name(), _AnyPiece(), validate=_NOT_EMPTY), "passos")
    person: str = key(_name(), "atendente", default="")
    """The step that the words in `person_words` lead to, at any question."""
    person_words: tuple[str, ...] = key(_List(_text()), "palavras_de_atendente", default=())
    platforms: tuple[str, ...] = key(_List(_Text()), "plataformas", default=())
    """Those for which its flow is exported. Empty: all of them."""
    copy_of: str = key(_name(), "copiada_de", default="")
    copied: str = key(_text(), "original", default="")
    """The digest of the original when it was copied."""
    name: str = ""
    """The name of its file."""

    @property
    def start(self) -> str:
        return next(iter(self.steps))

    def is_for(self, platform: str) -> bool:
        return not self.platforms or platform in self.platforms

    def steps_of(self, kind: type[P]) -> list[P]:
        """The steps of one kind."""
        return [step for step in self.steps.values() if isinstance(step, kind)]


_DIALOGUE = schema_of(Dialogue, _Schema)()


def read(name: str, tables: Mapping[str, object]) -> Dialogue:
    """The conversation that a file's tables define. Raises ValidationError."""
    dialogue = _DIALOGUE.read_one(dict(tables))
    steps = {id_: replace(step, id=id_) for id_, step in dialogue.steps.items()}
    return replace(dialogue, name=name, steps=steps)
