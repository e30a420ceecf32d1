"""Fields for values as flows, settings and OZmap send them."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Unpack

from marshmallow import ValidationError, fields

from schemas.plain import one_line, plain
from schemas.typed_field import FieldOptions, TypedField
from schemas.unfilled import is_missing


class Mode(StrEnum):
    """How a box is looked for: along the poles, or in a circle. The words are the flow author's."""

    POLE = "poste"
    RADIUS = "raio"


# [0-9] and not \d, which takes digits of every script; no exponent, no "1_0": people do not write those.
_NUMBER = re.compile(r"(?:[+-]\s?)?[0-9]{1,15}(?:[.,][0-9]{1,20})?")


def number(value: object) -> float | None:
    """A finite number from a JSON number or from text with a decimal point or comma; otherwise None."""
    if isinstance(value, str):
        text = plain(value)
        return float(text.replace(",", ".").replace(" ", "")) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


_UNIT = re.compile(r"\s*(?:m|mts?|metros?)\.?\s*$", re.IGNORECASE)
_THOUSANDS = re.compile(r"([1-9][0-9]{0,2}(?:([., '])[0-9]{3})(?:\2[0-9]{3})*)([.,][0-9]{1,2})?")
_THREE_DECIMALS = re.compile(r"0[.,][0-9]{3}")


def metres(value: object) -> float | None:
    """As `number`, for whole metres: 1.000 is a thousand in Brazil, for nobody means a thousandth of one."""
    if not isinstance(value, str):
        return number(value)
    text = _UNIT.sub("", unicodedata.normalize("NFKC", value)).strip()
    if grouped := _THOUSANDS.fullmatch(text):
        return number(re.sub("[^0-9]", "", grouped[1]) + (grouped[3] or ""))
    return None if _THREE_DECIMALS.fullmatch(text) else number(text)


def plain_code(value: object) -> object:
    """A whole number without the `.0` that spreadsheets and JavaScript put behind it; anything else as is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = re.fullmatch(r"\s*([0-9]+)\.0\s*", value) if isinstance(value, str) else None
    return text[1] if text else value


def radius(value: object) -> float | None:
    """As `metres`; None for a JSON fraction below ten: 1.000 has lost its zeros and may mean a thousand."""
    return None if isinstance(value, float) and value < 10 else metres(value)


class Number(TypedField[float]):
    """A number above zero and up to `most`, as `parse` reads it."""

    default_error_messages = {"invalid": "deve ser um número maior que zero, até {most:g}"}

    def __init__(
        self,
        most: float,
        parse: Callable[[object], float | None] = number,
        **options: Unpack[FieldOptions],
    ) -> None:
        super().__init__(**options)
        self.most, self.parse = most, parse

    def read(self, value: object) -> float:
        amount = self.parse(value)
        if amount is None or not 0 < amount <= self.most:
            raise self.make_error("invalid", most=self.most)
        return amount


class Choice(TypedField[str]):
    """One of a few words, whatever their case; a member of an enum comes back as that member."""

    default_error_messages = {"invalid": "deve ser {words}"}

    def __init__(self, *words: str, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self.words = words

    def read(self, value: object) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in self.words:
            raise self.make_error("invalid", words=" | ".join(self.words))
        return self.words[self.words.index(word)]


class Flag(TypedField[bool]):
    """Yes or no, as flows send it."""

    default_error_messages = {"invalid": "deve ser sim ou nao"}
    yes: tuple[object, ...] = ("sim", "s", "true", "1", True)
    no: tuple[object, ...] = ("nao", "não", "n", "false", "0", False)

    def read(self, value: object) -> bool:
        word = value.strip().lower() if isinstance(value, str) else value
        if word not in self.yes + self.no:
            raise self.make_error("invalid")
        return word in self.yes


class Words(TypedField[str]):
    """One line of text. A JSON number counts as text: flows send a CEP or a house number as either."""

    default_error_messages = {
        "required": "está faltando",
        "invalid": "deve ser um texto de até {longest} caracteres",
    }

    longest = 200

    def __init__(self, longest: int | None = None, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self.longest = longest or self.longest

    def read(self, value: object) -> str:
        value = plain_code(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.make_error("invalid", longest=self.longest)
        text = one_line(unicodedata.normalize("NFC", str(value)))
        if not 0 < len(text) <= self.longest:
            raise self.make_error("invalid", longest=self.longest)
        return text


class Code(Words):
    """A client code, as the ISP's own systems have it: one segment of a path, so not a dot or two."""

    longest = 64
    default_error_messages = {"invalid": "deve ser um código de até {longest} caracteres"}

    def read(self, value: object) -> str:
        code = super().read(value)
        if code in {".", ".."}:
            raise self.make_error("invalid", longest=self.longest)
        return code


class BoxId(Words):
    """A `caixa_id` that this service gave in a reply."""

    default_error_messages = {
        "invalid": "deve ser o caixa_id de uma resposta (24 caracteres de 0 a 9 e a a f)"
    }

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{24}", value.strip()):
            raise self.make_error("invalid")
        return value.strip()


class Tags(TypedField[tuple[str, ...]]):
    """Names or ids: a list, a list as JSON text, or text with commas."""

    longest = 500
    default_error_messages = {
        "invalid": "deve ser uma lista ou um texto com vírgulas, de até {longest} caracteres"
    }

    def read(self, value: object) -> tuple[str, ...]:
        names = [Words(self.longest, error_messages=self.error_messages).read(name) for name in _names(value)]
        if sum(map(len, names)) + 2 * len(names) > self.longest + 2:
            raise self.make_error("invalid", longest=self.longest)
        return tuple(dict.fromkeys(names))


def _names(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for inner in value:
            yield from _names(inner)
    elif isinstance(value, str):
        text = value.strip()
        if text[:1] == "[" and text[-1:] == "]":
            try:
                yield from _names(json.loads(text))
                return
            except (ValueError, RecursionError):
                text = text[1:-1]
        for part in re.split("[,;\n]", text):
            name = part.strip().strip("\"'").strip()
            if not is_missing(name):
                yield name
    else:
        yield value


class _Raw(TypedField[object]):
    """Whatever the customer sent; the readers of locations read it."""

    def read(self, value: object) -> object:
        if isinstance(value, str) and any(unicodedata.category(sign) == "Cs" for sign in value):
            raise ValidationError("tem caracteres inválidos")
        return value


def raw(example: object, *types: str) -> fields.Field[object]:
    return _Raw(metadata={"examples": [example]} | ({"type": [*types]} if types else {}))
