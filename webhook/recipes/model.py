"""Recipes: an OZmap read, and where in its answer each reply key is.

docs/pt/recipes.md describes their files for authors.
"""

from collections.abc import Iterable, Mapping, Sequence

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf, Range

from schemas.record import R, RecordSchema, key, record, schema_of
from schemas.reply import Anything, Reply
from schemas.request import BaseRequestSchema, LocationRequestSchema, RequestSchema
from webhook.recipes import kinds
from webhook.recipes.expressions import Expression
from webhook.recipes.inputs import FIELDS, PLACE_KEYS, REQUEST_KEYS, input_schema
from webhook.recipes.kinds import Key
from webhook.recipes.templates import placeholders

MOST_ITEMS = 20
"""Items of a list that is spread over numbered keys."""


class _Table(RecordSchema[R]):
    """A table of a recipe's file. An unknown key is a mistake of its author."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "is not a setting of a recipe"}


@record
class Spread:
    """A list over numbered keys: `name`_1_`key`, `name`_2_`key` ... up to `most`, and `total`."""

    name: str = key(kinds.name(), "nome")
    expression: Expression = key(kinds.ExpressionField(), "de")
    most: int = key(fields.Integer(strict=True, validate=Range(1, MOST_ITEMS)), "ate")
    keys: Mapping[str, Key] = key(kinds.keys_in_list(), "chaves")


def numbered(name: str, most: int, keys: Iterable[str]) -> list[str]:
    """The reply keys of a list."""
    return [f"{name}_{n}_{key}" for n in range(1, most + 1) for key in keys] + ["total"]


@record
class Read:
    """One GET below /api/v2. `path` has a template per segment."""

    path: tuple[str, ...] = key(kinds.PathField(), "caminho")
    keys: Mapping[str, Key] = key(kinds.keys(), "chaves")
    parameters: Mapping[str, object] = key(kinds.ParametersField(), "parametros", default_factory=dict)
    empty: Expression | None = key(kinds.ExpressionField(), "vazio", default=None)
    """True of an answer that means "nothing there"."""
    spread: Spread | None = None

    def placeholders(self) -> set[str]:
        return {name for template in (*self.path, self.parameters) for name in placeholders(template)}


@record
class Recipe(Read):
    """A recipe's main read, and what else its file says; `before` is a first read, whose keys it may use."""

    keys: Mapping[str, Key] = key(kinds.keys(), "chaves", default_factory=dict)
    spread: Spread | None = key(fields.Nested(schema_of(Spread, _Table)), "lista", default=None)
    description: str = key(fields.String(), "descricao", kw_only=True)
    before: Read | None = key(fields.Nested(schema_of(Read, _Table)), "antes", default=None)
    inputs: Mapping[str, str] = key(
        fields.Dict(kinds.name(), fields.String(validate=OneOf([*FIELDS]))), "entrada", default_factory=dict
    )
    """Request keys of its own, with their types."""
    message: str = key(fields.String(), "mensagem", default="")
    cache_seconds: float = key(fields.Float(validate=Range(0, 3600)), "cache_s", default=0.0)
    platforms: Sequence[str] | None = key(fields.List(fields.String()), "plataformas", default=None)
    name: str = ""
    """That of its file."""

    @property
    def reads(self) -> list[Read]:
        return [self.before, self] if self.before else [self]

    @property
    def key_names(self) -> list[str]:
        """Its reply keys in the file's order, the numbered ones and their total last."""
        many = self.spread
        names = [name for read in self.reads for name in read.keys]
        return names + (numbered(many.name, many.most, many.keys) if many else [])

    @property
    def wanted(self) -> set[str]:
        """Request keys that a call must bring."""
        if self.before is None:
            return self.placeholders()
        return self.before.placeholders() | (self.placeholders() - self.before.keys.keys())

    @property
    def needs_place(self) -> bool:
        return bool(self.wanted & PLACE_KEYS)

    def request(self) -> BaseRequestSchema[dict[str, object]]:
        """Reads a call of a flow; its place, in whatever form, is read apart."""
        base: type[Schema] = LocationRequestSchema if self.needs_place else RequestSchema
        return input_schema(f"Recipe_{self.name}_Request", self._types(self.wanted - PLACE_KEYS), base)

    def inputs_schema(self) -> BaseRequestSchema[dict[str, object]]:
        """Reads all that it wants, its place as latitude and longitude: for the command line."""
        return input_schema(f"Recipe_{self.name}_Inputs", self._types(self.wanted))

    def _types(self, keys: Iterable[str]) -> dict[str, str]:
        types = REQUEST_KEYS | dict(self.inputs)
        return {key: types[key] for key in keys}

    def reply(self) -> type[Reply]:
        """The schema of its reply: the common keys and its own, all read from `result`."""
        own = {key: Anything(f"result.{key}") for key in self.key_names}
        return type(f"Recipe_{self.name}", (Reply,), own)


RecipeSchema = schema_of(Recipe, _Table)
