"""The request keys that recipes use, and the schemas that read them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from schemas.fields import BoxId, Number, Words, number, plain_code, radius
from schemas.request import BaseRequestSchema, RequestSchema, ReservationRequestSchema
from schemas.typed_field import TypedField

TEXT, NUMBER, ID = "texto", "numero", "id"
"""The types that a recipe's file may give to a request key."""


class _Text(Words):
    """Text as it came: it is compared with what OZmap has, so nothing inside of it is tidied up."""

    def read(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValidationError("deve ser um texto")
        text = str(plain_code(value)).strip()
        # A segment of dots would climb to another path of OZmap; half a character goes into no URL.
        is_whole = text.isascii() or text.encode("utf-8", "ignore").decode() == text
        if text in {"", ".", ".."} or len(text) > self.longest or not is_whole:
            raise ValidationError("deve ser um texto de até 200 caracteres, mais que um ponto ou dois")
        return text


class _Number(TypedField[float]):
    """A whole number stays whole: OZmap's filters compare it with integers."""

    default_error_messages = {"required": "está faltando"}

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": ["number", "string"]}, **options)

    def read(self, value: object) -> float:
        parse = radius if self.data_key == "raio_m" else number
        if (parsed := parse(value)) is None:
            raise ValidationError("deve ser um número")
        return int(parsed) if parsed == int(parsed) else parsed


class _Id(BoxId):
    """An id of OZmap."""

    default_error_messages = {"invalid": "deve ter 24 letras e números, como os ids do OZmap"}


FIELDS: Mapping[str, type[fields.Field[Any]]] = {TEXT: _Text, NUMBER: _Number, ID: _Id}


def _type_of(field: fields.Field[Any]) -> str:
    if isinstance(field, BoxId):
        return ID
    # Coordinates are raw in the request's schema; only their description says that they are numbers.
    return NUMBER if isinstance(field, Number) or "number" in field.metadata.get("type", ()) else TEXT


REQUEST_KEYS = {"contato_id": TEXT} | {
    field.data_key or name: _type_of(field) for name, field in ReservationRequestSchema().fields.items()
}
"""Types of the keys that every recipe may use: those of a reservation, which are all that we read, and
`contato_id`, which none of our actions reads."""

PLACE_KEYS = {"latitude", "longitude"}
"""In a recipe they are those of the request's place, however it was sent."""


def input_schema(
    name: str, types: Mapping[str, str], base: type[Schema] = RequestSchema
) -> BaseRequestSchema[dict[str, object]]:
    """A schema that loads a dict with the keys of `types`, all of them required."""
    # A key that the base has too takes the base's place: the recipe's type is the one that counts.
    base_names = {field.data_key: name for name, field in base().fields.items()}
    own = {
        base_names.get(key, key): FIELDS[types[key]](data_key=key, attribute=key, required=True)
        for key in sorted(types)
    }
    schema: BaseRequestSchema[dict[str, object]] = type(name, (base,), {"record": dict, **own})()
    return schema
