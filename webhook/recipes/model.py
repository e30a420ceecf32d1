"""Recipes: an OZmap read, and where in its answer each reply key is.

webhook/recipes/file.py reads them from their files; docs/pt/recipes.md describes those for their authors.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError, fields

from schemas.fields import BoxId, Words, number
from schemas.reply import Anything, Reply
from schemas.request import LocationRequestSchema, RequestSchema, is_missing
from webhook.recipes.expressions import Expression

# A brace of JSON text has a quote or a colon behind it: no placeholder.
PLACEHOLDER = re.compile(r"""\{([^{}":]*)\}""")
_ID = re.compile(r"[0-9a-f]{24}")

TEXT, NUMBER, ID = "texto", "numero", "id"
_FIELDS: Mapping[str, Callable[..., fields.Field[Any]]] = {
    TEXT: Words,
    NUMBER: partial(fields.Raw, metadata={"type": ["number", "string"]}),
    ID: BoxId,
}

REQUEST_KEYS = {
    "conversa_id": TEXT, "contato_id": TEXT, "latitude": NUMBER, "longitude": NUMBER, "localizacao": TEXT,
    "cep": TEXT, "endereco": TEXT, "numero": TEXT, "bairro": TEXT, "cidade": TEXT, "uf": TEXT,
    "raio_m": NUMBER, "modo": TEXT, "nome": TEXT, "telefone": TEXT, "codigo_cliente": TEXT, "caixa_id": ID,
    "tags": TEXT, "observacao": TEXT,
}  # fmt: skip
"""Request keys that every recipe may use, with their types. Latitude and longitude are those of the request's
place, however it was sent."""
PLACE_KEYS = {"latitude", "longitude"}


def placeholders(value: Any) -> Iterator[str]:
    """The names in braces in a text, or in the texts of a table or array."""
    if isinstance(value, str):
        yield from (found[1] for found in PLACEHOLDER.finditer(value))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from placeholders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from placeholders(inner)


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A copy with the names in braces replaced. A text that is nothing but a name keeps its value's type."""
    if isinstance(value, str):
        if (whole := PLACEHOLDER.fullmatch(value)) is not None:
            return values[whole[1]]
        return PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
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
        raise ValidationError("deve ser um texto de até 200 caracteres, mais que um ponto ou dois")
    return text


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
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    empty: Expression | None = None
    """True means that there is nothing."""
    spread: Spread | None = None

    @property
    def key_names(self) -> list[str]:
        """In the file's order, the numbered ones and their total last."""
        many = self.spread
        return [*self.keys, *(numbered(many.name, many.most, many.keys) if many else ())]

    def placeholders(self) -> set[str]:
        return {name for part in (*self.path, self.parameters) for name in placeholders(part)}


@dataclass(frozen=True)
class Recipe:
    """What a file says. `before` is a first read, whose keys the main one may use."""

    name: str
    description: str
    main: Read
    before: Read | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
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

    def values_from(self, sent: Mapping[str, Any], besides: Iterable[str] = ()) -> dict[str, Any]:
        """What a call must bring, `besides` apart, as its type. Raises ValidationError, in Portuguese."""
        kinds = REQUEST_KEYS | dict(self.inputs)
        values: dict[str, Any] = {}
        problems: dict[str, Any] = {}
        for name in sorted(self.wanted.difference(besides)):
            try:
                if is_missing(sent.get(name)):
                    raise ValidationError("está faltando")
                values[name] = typed(kinds[name], sent[name])
            except ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ValidationError(problems)
        return values

    def request(self) -> Schema:
        """The keys of its request, to be described; `values_from` is what reads them."""
        kinds = REQUEST_KEYS | dict(self.inputs)
        base = LocationRequestSchema if self.wanted & PLACE_KEYS else RequestSchema
        names = {there.data_key: name for name, there in base().fields.items()}
        own = {
            names.get(key, key): _FIELDS[kinds[key]](data_key=key, required=True)
            for key in sorted(self.wanted - PLACE_KEYS)
        }
        schema: Schema = type(f"Recipe_{self.name}_Request", (base,), own)()
        return schema

    def reply(self) -> type[Reply]:
        """The schema of its reply: the common keys and its own, all read from `result`."""
        own = {key: Anything(f"result.{key}") for key in self.key_names}
        return type(f"Recipe_{self.name}", (Reply,), own)
