"""A recipe's TOML file. Reports every mistake in it at once."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from schemas.messages import Path
from schemas.reply import Reply
from webhook.recipes.expressions import Expression, ExpressionField
from webhook.recipes.inputs import ID, NUMBER, REQUEST_KEYS, TEXT
from webhook.recipes.model import PLACEHOLDER, Key, Read, Recipe, Spread, numbered, placeholders

NAME = re.compile(r"[a-z][a-z0-9_]*")
_A_NAME = "must be a name of a-z, 0-9 and _, beginning with a letter"
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
JSON_PARAMETERS = {"filter", "sort"}
"""Parameters that OZmap reads as JSON."""
MOST_ITEMS = 20
"""Items of a list that is spread over numbered keys."""


class _Key(fields.Field[Key]):
    """An expression, or a table of it and `tipo = "data"`."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Key:
        table = value if isinstance(value, dict) else {"valor": value}
        if not {"valor"} <= table.keys() <= {"valor", "tipo"} or table.get("tipo", "data") != "data":
            raise ValidationError('must be an expression, or { valor = "...", tipo = "data" }')
        if not isinstance(table["valor"], str) or not table["valor"].strip():
            raise ValidationError("must be a JMESPath expression")
        return Key(Expression(table["valor"]), is_time="tipo" in table)


_NEW = validate.NoneOf([*Reply().fields], error="is a key of every reply: take another name")


def _name(*more: validate.Validator, **options: Any) -> fields.String:
    rules = [validate.Regexp(rf"{NAME.pattern}\Z", error=_A_NAME), *more]
    return fields.String(validate=rules, error_messages={"invalid": _A_NAME}, **options)


class _Path(fields.Field[tuple[str, ...]]):
    def _deserialize(self, value: object, *_: object, **__: object) -> tuple[str, ...]:
        segments = tuple(value.split("/")) if isinstance(value, str) else ()
        if not segments or not all(_SEGMENT.fullmatch(PLACEHOLDER.sub("x", part)) for part in segments):
            raise ValidationError('must be a path below /api/v2, as in "properties/client/{codigo_cliente}"')
        return segments


class _Parameters(fields.Field[dict[str, object]]):
    """Values that JSON has. A placeholder within JSON text could change more than its value."""

    def _deserialize(self, value: object, *_: object, **__: object) -> dict[str, object]:
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


class _ReadSchema(Schema):
    error_messages = {"unknown": "is not a setting of a recipe"}

    path = _Path(required=True, data_key="caminho")
    parameters = _Parameters(data_key="parametros")
    keys = fields.Dict(_name(_NEW), _Key(), data_key="chaves")
    empty = ExpressionField(data_key="vazio")


class _BeforeSchema(_ReadSchema):
    keys = fields.Dict(_name(_NEW), _Key(), required=True, data_key="chaves")

    @post_load
    def _make(self, values: dict[str, Any], **_: object) -> Read:
        return Read(**values)


class _SpreadSchema(Schema):
    name = _name(required=True, data_key="nome")
    expression = ExpressionField(required=True, data_key="de")
    most = fields.Integer(required=True, strict=True, data_key="ate", validate=validate.Range(1, MOST_ITEMS))
    keys = fields.Dict(_name(), _Key(), required=True, data_key="chaves")

    @post_load
    def _make(self, values: dict[str, Any], **_: object) -> Spread:
        return Spread(**values)


class RecipeSchema(_ReadSchema):
    """Loads the file of the recipe `name`. `known_platforms` are those that `plataformas` may name."""

    description = fields.String(required=True, data_key="descricao")
    before = fields.Nested(_BeforeSchema, data_key="antes")
    inputs = fields.Dict(
        _name(), fields.String(validate=validate.OneOf([TEXT, NUMBER, ID])), data_key="entrada"
    )
    spread = fields.Nested(_SpreadSchema, data_key="lista")
    message = fields.String(data_key="mensagem")
    cache_seconds = fields.Float(data_key="cache_s", validate=validate.Range(0, 3600))
    platforms = fields.List(fields.String(), data_key="plataformas")

    def __init__(self, name: str, known_platforms: Sequence[str]) -> None:
        super().__init__()
        self._name = name
        self._known_platforms = known_platforms

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _fits_together(self, _: object, file: Mapping[str, object], **__: object) -> None:
        """Looks at the file as it was written, not at what was loaded: one mistake must not hide another."""
        problems: dict[str, Any] = {}
        for path, text in [*_unknown_placeholders(file), *_unfit_keys(file), *self._unknown_platforms(file)]:
            _add(problems, path, text)
        if problems:
            raise ValidationError(problems)

    def _unknown_platforms(self, file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
        platforms = file.get("plataformas")
        for name in platforms if isinstance(platforms, list) else []:
            if isinstance(name, str) and name not in self._known_platforms:
                yield ("plataformas",), f"{name} is no platform: {' | '.join(self._known_platforms)}"

    @post_load
    def _make(self, values: dict[str, Any], **_: object) -> Recipe:
        main = ("path", "parameters", "keys", "empty", "spread")
        read = Read(**{name: values.pop(name) for name in main if name in values})
        return Recipe(name=self._name, main=read, **values)


def _unknown_placeholders(file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    sent = REQUEST_KEYS.keys() | _table(file, "entrada").keys()
    # Only the main read may use the keys of the read before it.
    made = _table(file, "antes", "chaves").keys()
    for above, known in (("antes",), sent), ((), sent | made):
        read = _table(file, *above)
        templates: list[tuple[Path, object]] = [(("caminho",), read.get("caminho"))]
        templates += [(("parametros", name), value) for name, value in _table(read, "parametros").items()]
        for path, template in templates:
            for name in placeholders(template):
                if name not in known:
                    yield (*above, *path), f"{{{name}}} is no request key: declare it under [entrada]"


def _keys(file: Mapping[str, object]) -> list[tuple[Path, str]]:
    """Each key of the replies, and where the file has it."""
    keys: list[tuple[Path, str]] = [
        ((*table, key), key) for table in (("antes", "chaves"), ("chaves",)) for key in _table(file, *table)
    ]
    spread = _table(file, "lista")
    # A number of items that is wrong is reported by its field; nothing can be numbered with it.
    if isinstance(most := spread.get("ate"), int) and 0 < most <= MOST_ITEMS:
        names = numbered(str(spread.get("nome")), most, _table(spread, "chaves"))
        keys += [(("lista",), key) for key in names]
    return keys


def _unfit_keys(file: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    keys = _keys(file)
    if not keys:
        yield ("chaves",), "is missing: a recipe without keys says nothing"
    count = Counter(key for _, key in keys)
    for path, key in keys:
        if count[key] > 1 and path != ("lista",):
            yield path, "stands twice"
    for name in placeholders(file.get("mensagem")):
        if name not in count:
            yield ("mensagem",), f"{{{name}}} is no key of this recipe"


def _table(file: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """The table at these keys; an empty one if something else is there."""
    value: object = file
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _add(problems: dict[str, Any], path: Path, text: str) -> None:
    """In marshmallow's form: nested dicts, with a list of texts at the end of each path."""
    for key in path[:-1]:
        problems = problems.setdefault(key, {})
    problems.setdefault(path[-1], []).append(text)
