"""Fields for values as flows, settings and OZmap send them."""

import math
import re
import unicodedata
from enum import StrEnum
from typing import Any

from marshmallow import fields


class Mode(StrEnum):
    """How a box is looked for: along the poles, or in a circle. The words are the flow author's."""

    POLE = "poste"
    RADIUS = "raio"


# [0-9] and not \d, which takes digits of every script; no exponent, no "1_0": people do not write those.
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,20})?")


def number(value: object) -> float | None:
    """A finite number from a JSON number or from text with a decimal point or comma; otherwise None."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).replace("\N{MINUS SIGN}", "-").strip()
        return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


class Number(fields.Field[float]):
    """A number above zero and up to `most`."""

    default_error_messages = {"invalid": "deve ser um número maior que zero, até {most:g}"}

    def __init__(self, most: float, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        found = number(value)
        if found is None or not 0 < found <= self.most:
            raise self.make_error("invalid", most=self.most)
        return found


class Choice(fields.Field[str]):
    """One of a few words, whatever their case; a member of an enum comes back as that member."""

    default_error_messages = {"invalid": "deve ser {words}"}

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in self.words:
            raise self.make_error("invalid", words=" | ".join(self.words))
        return self.words[self.words.index(word)]


class Words(fields.Field[str]):
    """One line of text. A JSON number counts as text: flows send a CEP or a house number as either."""

    default_error_messages = {"invalid": "deve ser um texto de até {longest} caracteres"}

    def __init__(self, longest: int = 200, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.make_error("invalid", longest=self.longest)
        # Line breaks, other controls and invisible marks only keep words apart.
        text = "".join(
            sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", str(value))
        )
        text = " ".join(text.split())
        if not 0 < len(text) <= self.longest:
            raise self.make_error("invalid", longest=self.longest)
        return text


class Code(Words):
    """A client code, as the ISP's own systems have it: one segment of a path, so not a dot or two."""

    default_error_messages = {"invalid": "deve ser um código de até {longest} caracteres"}

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=64, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        code = super()._deserialize(value, *args, **kwargs)
        if code in {".", ".."}:
            raise self.make_error("invalid", longest=self.longest)
        return code


class BoxId(Words):
    """A `caixa_id` that this service gave in a reply."""

    default_error_messages = {
        "invalid": "deve ser o caixa_id de uma resposta (24 caracteres de 0 a 9 e a a f)"
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{24}", value.strip()):
            raise self.make_error("invalid")
        return value.strip()


class Tags(Words):
    """A list of names or ids, or comma text."""

    default_error_messages = {
        "invalid": "deve ser uma lista ou um texto com vírgulas, de até {longest} caracteres"
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=500, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, list):
            if not all(isinstance(word, str | int) for word in value):
                raise self.make_error("invalid", longest=self.longest)
            value = ",".join(map(str, value)) or ","
        text = super()._deserialize(value, *args, **kwargs)
        return tuple(word.strip() for word in text.split(",") if word.strip())
