"""Types of the values in a recipe's file."""

import json
import re
from dataclasses import dataclass

from marshmallow import ValidationError, fields, validate

from schemas.reply import Reply
from schemas.typed_field import TypedField
from webhook.recipes.expressions import Expression
from webhook.recipes.templates import PLACEHOLDER, placeholders

NAME = re.compile(r"[a-z][a-z0-9_]*")
_A_NAME = "must be a name of a-z, 0-9 and _, beginning with a letter"
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
JSON_PARAMETERS = {"filter", "sort"}
"""Parameters that OZmap reads as JSON."""


class ExpressionField(TypedField[Expression]):
    """An expression."""

    def read(self, value: object) -> Expression:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError("must be a JMESPath expression")
        return Expression(value)


@dataclass(frozen=True)
class Key:
    """A reply key: where its value is, and whether that is a time."""

    expression: Expression
    is_time: bool = False


class _KeyField(TypedField[Key]):
    """An expression, or a table of it and `tipo = "data"`."""

    def read(self, value: object) -> Key:
        table = value if isinstance(value, dict) else {"valor": value}
        if not {"valor"} <= table.keys() <= {"valor", "tipo"} or table.get("tipo", "data") != "data":
            raise ValidationError('must be an expression, or { valor = "...", tipo = "data" }')
        return Key(ExpressionField().read(table["valor"]), is_time="tipo" in table)


class PathField(TypedField[tuple[str, ...]]):
    """A path below /api/v2, in segments."""

    def read(self, value: object) -> tuple[str, ...]:
        segments = tuple(value.split("/")) if isinstance(value, str) else ()
        if not segments or not all(_SEGMENT.fullmatch(PLACEHOLDER.sub("x", part)) for part in segments):
            raise ValidationError('must be a path below /api/v2, as in "properties/client/{codigo_cliente}"')
        return segments


class ParametersField(TypedField[dict[str, object]]):
    """Values that JSON has. A placeholder within JSON text could change more than its value."""

    def read(self, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise ValidationError("must be a table")
        mistakes = {name: _mistake_in(name, inner) for name, inner in value.items()}
        if problems := {name: [mistake] for name, mistake in mistakes.items() if mistake}:
            raise ValidationError(problems)
        return value


def _mistake_in(name: str, value: object) -> str:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return "must be made of text, numbers, true and false: a date is written as text"
    if isinstance(value, str) and any(placeholders(value)):
        around = PLACEHOLDER.sub("", value)
        if name in JSON_PARAMETERS or set('[]{}"') & set(around):
            return 'must be an array or a table: [{ property = "...", operator = "=", value = "{...}" }]'
    return ""


def name(*more: validate.Validator) -> fields.String:
    """A name of a key, for which `more` holds as well."""
    rules = [validate.Regexp(rf"{NAME.pattern}\Z", error=_A_NAME), *more]
    return fields.String(validate=rules, error_messages={"invalid": _A_NAME})


def keys() -> fields.Dict:
    """The keys of a reply."""
    new = validate.NoneOf([*Reply().fields], error="is a key of every reply: take another name")
    return fields.Dict(name(new), _KeyField())


def keys_in_list() -> fields.Dict:
    """The keys of an item; a reply has them with the list's name and a number before them."""
    return fields.Dict(name(), _KeyField())
