"""Our fields as JSON Schema, for apispec, which only knows those of marshmallow."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas.fields import BoxId, Choice, Flag, Number, Tags, Words
from schemas.reply import Moment, Reply, Value, YesNo
from schemas.styles import TextValues

Property = dict[str, Any]

CODE = "codigo"
"""The reply key, and the component that has all outcome codes."""
_COMMON = frozenset(Reply().fields)
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
    """The common keys and those with a default always have a value, any other may be absent."""
    if field.name == CODE:
        return {"$ref": f"#/components/schemas/{CODE}"}
    if field.dump_default == "":
        return {"type": "string", "const": ""}
    absent = [] if field.name in _COMMON or field.dump_default else [None]
    about = {"description": field.about} if field.about else {}
    if isinstance(field.parent, TextValues):
        return about | _text_value(field, words, absent)
    described: Property = {"type": [*field.types, "null"] if absent else field.types[0]}
    if isinstance(field, Moment):
        described["format"] = "date-time"
    if words:
        described["enum"] = [*words, *absent]
    return described | about


def _text_value(field: Value, words: Iterable[str] | None, absent: list[None]) -> Property:
    if isinstance(field, YesNo):
        words = (field.as_text(True), field.as_text(False))
    if words:
        return {"type": "string", "enum": [*words, *map(field.as_text, absent)]}
    return _NUMBER_TEXT if field.types[0] in {"integer", "number"} else {"type": "string"}


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
        case Flag():
            return {"enum": [True, False, "sim", "nao"]}
        case Number():
            limits = {"exclusiveMinimum": 0, "maximum": field.most}
            return {"type": ["number", "string"], "pattern": _CAN_BE_NUMBER} | limits
    return {}
