"""A recipe's TOML file; everything that is wrong with it is said at once."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from schemas.reply import Reply
from webhook.recipes.expressions import Expression, ExpressionField
from webhook.recipes.model import (
    ID,
    NUMBER,
    PLACEHOLDER,
    REQUEST_KEYS,
    TEXT,
    Key,
    Read,
    Recipe,
    Spread,
    numbered,
    placeholders,
)

NAME = re.compile(r"[a-z][a-z0-9_]*")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
JSON_PARAMETERS = {"filter", "sort"}
"""Those that OZmap reads as JSON."""
MOST_ITEMS = 20
"""Of a list that is spread over numbered keys."""

Way = tuple[str, ...]


class _Key(fields.Field[Key]):
    """An expression, or a table of it and `tipo = "data"`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Key:
        table = value if isinstance(value, dict) else {"valor": value}
        if not {"valor"} <= table.keys() <= {"valor", "tipo"} or table.get("tipo", "data") != "data":
            raise ValidationError('must be an expression, or { valor = "...", tipo = "data" }')
        if not isinstance(table["valor"], str) or not table["valor"].strip():
            raise ValidationError("must be a JMESPath expression")
        return Key(Expression(table["valor"]), is_time="tipo" in table)


class _Name(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not NAME.fullmatch(value):
            raise ValidationError("must be a name of a-z, 0-9 and _, beginning with a letter")
        return value


class _ReplyKey(_Name):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs)
        if name in Reply().fields:
            raise ValidationError("is a key of every reply: take another name")
        return name


class _Path(fields.Field[tuple[str, ...]]):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        segments = tuple(value.split("/")) if isinstance(value, str) else ()
        if not segments or not all(_SEGMENT.fullmatch(PLACEHOLDER.sub("x", part)) for part in segments):
            raise ValidationError('must be a path below /api/v2, as in "properties/client/{codigo_cliente}"')
        return segments


class _Parameters(fields.Field[dict[str, Any]]):
    """Values that JSON has. A placeholder within JSON text could change more than its value."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be a table")
        if problems := {name: [said] for name, inner in value.items() if (said := _wrong(name, inner))}:
            raise ValidationError(problems)
        return value


def _wrong(name: str, value: Any) -> str:
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
    keys = fields.Dict(_ReplyKey(), _Key(), data_key="chaves")
    empty = ExpressionField(data_key="vazio")


class _BeforeSchema(_ReadSchema):
    keys = fields.Dict(_ReplyKey(), _Key(), required=True, data_key="chaves")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Read:
        return Read(**values)


class _SpreadSchema(Schema):
    name = _Name(required=True, data_key="nome")
    expression = ExpressionField(required=True, data_key="de")
    most = fields.Integer(required=True, strict=True, data_key="ate", validate=validate.Range(1, MOST_ITEMS))
    keys = fields.Dict(_Name(), _Key(), required=True, data_key="chaves")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Spread:
        return Spread(**values)


class RecipeSchema(_ReadSchema):
    """A recipe's file, named `name`; `known_platforms` are all there are."""

    description = fields.String(required=True, data_key="descricao")
    before = fields.Nested(_BeforeSchema, data_key="antes")
    inputs = fields.Dict(
        _Name(), fields.String(validate=validate.OneOf([TEXT, NUMBER, ID])), data_key="entrada"
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
    def _fits_together(self, _: Any, file: dict[str, Any], **__: Any) -> None:
        """Over the file as it stands: one mistake must not hide another."""
        problems: dict[str, Any] = {}
        for way, said in [*_unknown_placeholders(file), *_unfit_keys(file)]:
            _put(problems, way, said)
        for name in _texts(file.get("plataformas")):
            if name not in self._known_platforms:
                known = " | ".join(self._known_platforms)
                _put(problems, ("plataformas",), f"{name} is no platform: {known}")
        if problems:
            raise ValidationError(problems)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Recipe:
        own = {
            name: values.pop(name)
            for name in ("path", "parameters", "keys", "empty", "spread")
            if name in values
        }
        return Recipe(name=self._name, main=Read(**own), **values)


def _unknown_placeholders(file: dict[str, Any]) -> Iterator[tuple[Way, str]]:
    sent = REQUEST_KEYS.keys() | _table(file, "entrada").keys()
    made = _table(file, "antes", "chaves").keys()
    for above, known in (("antes",), sent), ((), sent | made):
        read = _table(file, *above)
        templates: list[tuple[Way, Any]] = [(("caminho",), read.get("caminho"))]
        templates += [(("parametros", name), value) for name, value in _table(read, "parametros").items()]
        for way, template in templates:
            for name in placeholders(template):
                if name not in known:
                    yield (*above, *way), f"{{{name}}} is no request key: declare it under [entrada]"


def _unfit_keys(file: dict[str, Any]) -> Iterator[tuple[Way, str]]:
    keys: list[tuple[Way, str]] = [(("antes", "chaves", key), key) for key in _table(file, "antes", "chaves")]
    keys += [(("chaves", key), key) for key in _table(file, "chaves")]
    spread = _table(file, "lista")
    if isinstance(most := spread.get("ate"), int) and 0 < most <= MOST_ITEMS:
        names = numbered(str(spread.get("nome")), most, _table(spread, "chaves"))
        keys += [(("lista",), key) for key in names]
    if not keys:
        yield ("chaves",), "is missing: a recipe without keys says nothing"
    count = Counter(key for _, key in keys)
    for way, key in keys:
        if count[key] > 1 and way != ("lista",):
            yield way, "stands twice"
    for name in placeholders(file.get("mensagem")):
        if name not in count:
            yield ("mensagem",), f"{{{name}}} is no key of this recipe"


def _table(file: dict[str, Any], *way: str) -> dict[str, Any]:
    """The table there; an empty one where something else is."""
    found: Any = file
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> list[str]:
    return [inner for inner in value if isinstance(inner, str)] if isinstance(value, list) else []


def _put(problems: dict[str, Any], way: Way, said: str) -> None:
    """As marshmallow has them: a dict per level, a list of texts at its end."""
    for name in way[:-1]:
        problems = problems.setdefault(name, {})
    problems.setdefault(way[-1], []).append(said)
