"""Recipes: an OZmap read, and where in its answer each reply key is.

webhook/recipes/file.py reads them from their files; docs/pt/recipes.md describes those for their authors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from marshmallow import Schema

from schemas.reply import Anything, Reply
from schemas.request import BaseRequestSchema, LocationRequestSchema, RequestSchema
from webhook.recipes.expressions import Expression
from webhook.recipes.inputs import PLACE_KEYS, REQUEST_KEYS, input_schema

# JSON text has a quote or a colon after its brace, so it is no placeholder.
PLACEHOLDER = re.compile(r"""\{([^{}":]*)\}""")


def placeholders(template: object) -> Iterator[str]:
    """The names in braces in a text, or in the texts of a table or array."""
    if isinstance(template, str):
        yield from (match[1] for match in PLACEHOLDER.finditer(template))
    elif isinstance(template, Mapping):
        for inner in template.values():
            yield from placeholders(inner)
    elif isinstance(template, list):
        for inner in template:
            yield from placeholders(inner)


def filled(template: object, values: Mapping[str, object]) -> object:
    """A copy with the names in braces replaced. A text that is nothing but a name keeps its value's type."""
    if isinstance(template, str):
        if (whole := PLACEHOLDER.fullmatch(template)) is not None:
            return values[whole[1]]
        return PLACEHOLDER.sub(lambda match: str(values[match[1]]), template)
    if isinstance(template, Mapping):
        return {key: filled(inner, values) for key, inner in template.items()}
    return [filled(inner, values) for inner in template] if isinstance(template, list) else template


@dataclass(frozen=True)
class Key:
    """A reply key: where its value is, and whether that is a time."""

    expression: Expression
    is_time: bool = False


@dataclass(frozen=True)
class Spread:
    """A list over numbered keys: `name`_1_`key`, `name`_2_`key` ... up to `most`, and `total`."""

    name: str
    expression: Expression
    most: int
    keys: Mapping[str, Key]


def numbered(name: str, most: int, keys: Iterable[str]) -> list[str]:
    """The reply keys of a list."""
    return [f"{name}_{n}_{key}" for n in range(1, most + 1) for key in keys] + ["total"]


@dataclass(frozen=True)
class Read:
    """One GET below /api/v2. `path` has a template per segment."""

    path: tuple[str, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    empty: Expression | None = None
    """True of an answer that means "nothing there"."""
    spread: Spread | None = None

    @property
    def key_names(self) -> list[str]:
        """In the file's order, the numbered ones and their total last."""
        many = self.spread
        return [*self.keys, *(numbered(many.name, many.most, many.keys) if many else ())]

    def placeholders(self) -> set[str]:
        return {name for template in (*self.path, self.parameters) for name in placeholders(template)}


@dataclass(frozen=True)
class Recipe:
    """A recipe as its file describes it. `before` is a first read, whose keys the main one may use."""

    name: str
    description: str
    main: Read
    before: Read | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Request keys of its own, with their types."""
    message: str = ""
    cache_seconds: float = 0.0
    platforms: Sequence[str] | None = None

    @property
    def reads(self) -> list[Read]:
        return [self.before, self.main] if self.before else [self.main]

    @property
    def key_names(self) -> list[str]:
        """Its reply keys."""
        return [key for read in self.reads for key in read.key_names]

    @property
    def wanted(self) -> set[str]:
        """Request keys that a call must bring."""
        if self.before is None:
            return self.main.placeholders()
        return self.before.placeholders() | (self.main.placeholders() - self.before.keys.keys())

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
