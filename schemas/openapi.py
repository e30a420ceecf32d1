"""Our fields as JSON Schema, for apispec, which only knows those of marshmallow."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas.fields import BoxId, Choice, Number, Tags, Words
from schemas.reply import Anything, Count, Degrees, Metres, Moment, Reply, Value, YesNo, YesNoUnknown
from schemas.styles import TextValues

Property = dict[str, Any]

CODE = "codigo"
"""The reply key, and the component that has all outcome codes."""
_COMMON = frozenset(Reply().fields)
_TYPES: dict[type[Value], list[str]] = {
    YesNo: ["boolean"],
    YesNoUnknown: ["boolean"],
    Count: ["integer"],
    Metres: ["number"],
    Degrees: ["number"],
    Moment: ["string"],
    Anything: ["string", "number", "boolean"],
    Value: ["string"],
}
_DESCRIPTIONS: dict[type[Value], Property] = {
    YesNoUnknown: {"description": "Where nobody knows, it is neither: never take that for a no."},
    Metres: {"description": "Metres, one decimal."},
    Degrees: {"description": "Degrees, WGS 84."},
}
_NUMBER_TEXT = {"type": "string", "pattern": r"^(-?[0-9]+(\.[0-9]+)?)?$"}
_CAN_BE_NUMBER = r"^\s*\+?[0-9]+([.,][0-9]+)?\s*$"


def describing(words: Mapping[str, Iterable[str]]) -> Callable[..., Property]:
    """An attribute function for apispec's converter. `words` are the values that a reply key can have."""

    def our_field(_: object, field: object, **__: object) -> Property:
        if isinstance(field, Value):
            known = words.get(field.name or "") if type(field) is Value else None
            return _reply_value(field, known)
        return _request_value(field)

    return our_field


def _reply_value(field: Value, words: Iterable[str] | None) -> Property:
    """The common keys always have a value, any other may be absent."""
    if field.name == CODE:
        return {"$ref": f"#/components/schemas/{CODE}"}
    absent = [] if field.name in _COMMON else [None]
    if isinstance(field.parent, TextValues):
        return _text_value(field, words, absent)
    types = _TYPES[type(field)]
    described: Property = {"type": [*types, "null"] if absent else types[0]}
    if isinstance(field, Moment):
        described["format"] = "date-time"
    if words:
        described["enum"] = [*words, *absent]
    return described | _DESCRIPTIONS.get(type(field), {})


def _text_value(field: Value, words: Iterable[str] | None, absent: list[None]) -> Property:
    described = _DESCRIPTIONS.get(type(field), {})
    if isinstance(field, YesNo):
        words = (field.as_text(True), field.as_text(False))
    if words:
        return described | {"type": "string", "enum": [*words, *map(field.as_text, absent)]}
    return described | (_NUMBER_TEXT if isinstance(field, Count | Metres | Degrees) else {"type": "string"})


def _request_value(field: object) -> Property:
    """Numbers may be text as well; a number may come where text is meant."""
    match field:
        case Tags():
            items = {"type": ["string", "integer"]}
            return {"type": ["string", "array"], "maxLength": field.longest, "items": items}
        case BoxId():
            return {"type": "string", "pattern": "^[0-9a-f]{24}$"}
        case Words():
            return {"type": ["string", "integer"], "maxLength": field.longest}
        case Choice():
            return {"type": "string", "enum": list(field.words)}
        case Number():
            limits = {"exclusiveMinimum": 0, "maximum": field.most}
            return {"type": ["number", "string"], "pattern": _CAN_BE_NUMBER} | limits
    return {}
