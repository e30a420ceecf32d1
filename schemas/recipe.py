"""Recipes: an OZmap read, and where in its answer each reply key is. A TOML file each.

docs/recipes.md describes the format for its authors; everything that is wrong with a file is said at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from schemas.expressions import Expression, ExpressionField
from schemas.fields import number
from schemas.reply import Anything, Reply

KEY = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_ID = re.compile(r"[0-9a-f]{24}")

TEXT, NUMBER, ID = "texto", "numero", "id"

REQUEST_KEYS = {
    "conversa_id": TEXT, "contato_id": TEXT, "latitude": NUMBER, "longitude": NUMBER, "cep": TEXT,
    "endereco": TEXT, "numero": TEXT, "bairro": TEXT, "cidade": TEXT, "uf": TEXT, "raio_m": NUMBER,
    "modo": TEXT, "nome": TEXT, "telefone": TEXT, "codigo_cliente": TEXT, "caixa_id": ID, "tags": TEXT,
    "observacao": TEXT,
}  # fmt: skip
"""Request keys that every recipe may use, with their types. Latitude and longitude are those of the request's
place, however it was sent."""
PLACE_KEYS = {"latitude", "longitude"}

MOST_ITEMS = 20
"""Of a list that is spread over numbered keys."""


def placeholders(value: Any) -> Iterator[str]:
    """The names in braces in a text, or in the texts of a table or array."""
    if isinstance(value, str):
        yield from (found[1] for found in _PLACEHOLDER.finditer(value))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from placeholders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from placeholders(inner)


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A copy with the names in braces replaced. A text that is nothing but a name keeps its value's type."""
    if isinstance(value, str):
        if (whole := _PLACEHOLDER.fullmatch(value)) is not None:
            return values[whole[1]]
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, Mapping):
        return {key: filled(inner, values) for key, inner in value.items()}
    return [filled(inner, values) for inner in value] if isinstance(value, list) else value


def typed(kind: str, value: Any) -> Any:
    """A request value as its type. Raises ValidationError, in Portuguese."""
    if kind == NUMBER:
        if (found := number(value)) is None:
            raise ValidationError("deve ser um número")
        return int(found) if found == int(found) else found
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError("deve ser um texto")
    text = str(value).strip()
    if kind == ID and not _ID.fullmatch(text):
        raise ValidationError("deve ter 24 letras e números, como os ids do OZmap")
    if text in {"", ".", ".."} or len(text) > 200:
        raise ValidationError("deve ser um texto de até 200 caracteres")
    return text


@dataclass(frozen=True)
class Key:
    """A reply key: where its value is, and whether that is a time."""

    expression: Expression
    is_time: bool = False


@dataclass(frozen=True)
class Read:
    """One GET below /api/v2. `path` has a template per segment."""

    path: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    empty: Expression | None = None
    """True means that there is nothing."""

    def placeholders(self) -> set[str]:
        return {name for part in (*self.path, self.parameters) for name in placeholders(part)}


@dataclass(frozen=True)
class Spread:
    """A list over numbered keys: `name`_1_`key`, `name`_2_`key` ... up to `most`, and `total`."""

    name: str
    expression: Expression
    most: int
    keys: Mapping[str, Key]

    def key_names(self) -> list[str]:
        return [f"{self.name}_{n}_{key}" for n in range(1, self.most + 1) for key in self.keys]


@dataclass(frozen=True)
class Recipe:
    """What a file says. `before` is a first read, whose keys the main one may use."""

    name: str
    description: str
    main: Read
    before: Read | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    spread: Spread | None = None
    message: str = ""
    cache_seconds: float = 0.0
    platforms: Sequence[str] | None = None

    @property
    def reads(self) -> list[Read]:
        return [self.before, self.main] if self.before else [self.main]

    @property
    def key_names(self) -> list[str]:
        """Its reply keys, in the file's order, the numbered ones and their total last."""
        own = [key for read in self.reads for key in read.keys]
        return own + ([*self.spread.key_names(), "total"] if self.spread else [])

    @property
    def wanted(self) -> set[str]:
        """Request keys that a call must bring."""
        made = self.before.keys.keys() if self.before else set()
        return {name for read in self.reads for name in read.placeholders()} - made

    def reply(self) -> type[Reply]:
        """The schema of its reply: the common keys and its own, all read from `result`."""
        own = {key: Anything(f"result.{key}") for key in self.key_names}
        return type(f"Recipe_{self.name}", (Reply,), own)


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
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise ValidationError("must be a name of a-z, 0-9 and _, beginning with a letter")
        if value in Reply().fields:
            raise ValidationError("is a key of every reply: take another name")
        return value


class _Path(fields.Field[tuple[str, ...]]):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        segments = tuple(value.split("/")) if isinstance(value, str) else ()
        if not segments or not all(_SEGMENT.fullmatch(_PLACEHOLDER.sub("x", part)) for part in segments):
            raise ValidationError('must be a path below /api/v2, as in "properties/client/{codigo_cliente}"')
        return segments


class _ReadSchema(Schema):
    error_messages = {"unknown": "is not a setting of a recipe"}

    path = _Path(required=True, data_key="caminho")
    parameters = fields.Dict(fields.String(), fields.Raw(), data_key="parametros")
    keys = fields.Dict(_Name(), _Key(), data_key="chaves")
    empty = ExpressionField(data_key="vazio")


class _BeforeSchema(_ReadSchema):
    keys = fields.Dict(_Name(), _Key(), required=True, data_key="chaves")

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
    """A recipe's file; `name` and `platforms` (all there are) come with the schema's context."""

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

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, values: dict[str, Any], **_: Any) -> None:
        recipe = self._recipe(values)
        problems: dict[str, list[str]] = {}
        allowed = REQUEST_KEYS.keys() | recipe.inputs.keys()
        for name in sorted(recipe.wanted - allowed):
            problems["caminho"] = [f"{{{name}}} is no request key: declare it under [entrada]"]
        if recipe.before and (late := recipe.before.placeholders() - allowed):
            problems["antes"] = [
                f"{{{name}}} is no request key: declare it under [entrada]" for name in sorted(late)
            ]
        keys = recipe.key_names
        if not keys:
            problems["chaves"] = ["is missing: a recipe without keys says nothing"]
        for name in sorted({key for key in keys if keys.count(key) > 1}):
            problems["chaves"] = [f"{name} stands twice"]
        for name in sorted(set(placeholders(recipe.message)) - set(keys)):
            problems["mensagem"] = [f"{{{name}}} is no key of this recipe"]
        for name in sorted(set(recipe.platforms or ()) - set(self._known_platforms)):
            problems["plataformas"] = [f"{name} is no platform: " + " | ".join(self._known_platforms)]
        if problems:
            raise ValidationError(problems)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Recipe:
        return self._recipe(values)

    def _recipe(self, values: dict[str, Any]) -> Recipe:
        own = {name: values[name] for name in ("path", "parameters", "keys", "empty") if name in values}
        rest = {name: value for name, value in values.items() if name not in own}
        return Recipe(name=self._name, main=Read(**own), **rest)
