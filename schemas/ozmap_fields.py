"""Types of the values in OZmap's answers: each refuses what it does not know, and never reads it as "no"."""

import re
import sys
from collections.abc import Mapping
from typing import Generic, Unpack

from marshmallow import ValidationError, fields, missing

from schemas.point import Point
from schemas.typed_field import FieldOptions, T, TypedField

_ID = re.compile(r"[0-9a-f]{24}")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_PORT = re.compile("[0-9]{1,99}")
_MOST = 2**31 - 1
"""The largest whole number of a database column."""


def clean(text: str, instead: str = "") -> str:
    """Without NUL and half characters, such as half an emoji: no reply and no database takes them."""
    return _UNUSABLE.sub(instead, text)


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValidationError("not an id")
    return value


def _referenced_id(value: object) -> str:
    return _id(value.get("id", value.get("_id")) if isinstance(value, dict) else value)


class OzmapField(TypedField[T]):
    """Every spelling of "none" is a missing key, so takes the default; a required field takes it as null."""

    nones: tuple[object, ...] = (None,)
    """The spellings of "none"."""

    def deserialize(
        self,
        value: object,
        attr: str | None = None,
        data: Mapping[str, object] | None = None,
        **options: object,
    ) -> T:
        if value in self.nones:
            value = None if self.required else missing
        return super().deserialize(value, attr, data, **options)


class Id(OzmapField[str]):
    """24 hex characters. With `reference`, the record itself may stand in the place of its id."""

    nones = (None, "")

    def __init__(self, reference: bool = False, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self._reference = reference

    def read(self, value: object) -> str:
        return _referenced_id(value) if self._reference else _id(value)


class Ids(OzmapField[tuple[str, ...]]):
    """A list of ids, or of the records themselves."""

    def read(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValidationError("not a list")
        return tuple(map(_referenced_id, value))


class Text(OzmapField[str]):
    """Text, without the characters that a reply or a database does not take."""

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValidationError("not text")
        return clean(value)


class Code(Text):
    """A code, which is compared: what is cleaned out of it leaves a mark, so that it equals no other code."""

    def read(self, value: object) -> str:
        return clean(value, "\ufffd") if isinstance(value, str) else super().read(value)


class Flag(OzmapField[bool]):
    """A JSON boolean and nothing that resembles one."""

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not a boolean")
        return value


class Amount(TypedField[float]):
    """A finite JSON number, not below zero."""

    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("not a number")
        # A comparison with NaN is false; float() of a whole number beyond the largest float is an error.
        if not 0 <= value <= sys.float_info.max:
            raise ValidationError("out of range")
        return value


class Count(Amount):
    """A whole number, not below zero."""

    def read(self, value: object) -> int:
        amount = super().read(value)
        if amount != int(amount):
            raise ValidationError("not a whole number")
        return int(amount)


class Port(OzmapField[int | None]):
    """A splitter's port, from 1, as a number or as text; None where it is beyond 31 bits.

    The connection stands whatever its number is: an unreadable record would hide it for good, and the number
    is only for people to read.
    """

    def read(self, value: object) -> int | None:
        if isinstance(value, str) and _PORT.fullmatch(value.strip()):
            value = int(value)
        port = Count().read(value)
        return port if port <= _MOST else None


class Coordinates(OzmapField[Point]):
    """OZmap's `[lng, lat]` in degrees. Only here does it become a Point."""

    def read(self, value: object) -> Point:
        try:
            lng, lat = value if isinstance(value, list) else []
            # A comparison with NaN is false, so this refuses it as well.
            if -180 <= lng <= 180 and -90 <= lat <= 90:
                return Point(lat, lng)
        except (TypeError, ValueError):
            pass
        raise ValidationError("not coordinates")


def coordinates(point: Point) -> list[float]:
    """As OZmap takes them."""
    return [point.lng, point.lat]


class Outputs(TypedField[tuple[bool, ...]]):
    """Outputs of a splitter: null is free, the id of a fiber (or the fiber) is connected."""

    def read(self, value: object) -> tuple[bool, ...]:
        if not isinstance(value, list) or not all(isinstance(entry, str | dict | None) for entry in value):
            raise ValidationError("not a list of fibers")
        return tuple(entry is not None for entry in value)


class Blocked(OzmapField[tuple[bool, ...]]):
    """Ports of a splitter, by position as its outputs (inferred; `index` has no known base)."""

    def read(self, value: object) -> tuple[bool, ...]:
        if not isinstance(value, list):
            raise ValidationError("not a list")
        entries = [entry.get("blocked") for entry in value if isinstance(entry, dict)]
        flags = tuple(entry for entry in entries if isinstance(entry, bool))
        if len(flags) != len(value):
            raise ValidationError("not a list of ports")
        return flags


class Inside(TypedField[T | None], Generic[T]):
    """The value of one key of an object; None where the key is absent and None is allowed."""

    def __init__(self, key: str, inner: fields.Field[T], **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        self._key = key
        self._inner = inner

    def read(self, value: object) -> T | None:
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        inside = value.get(self._key)
        return None if inside is None and self.allow_none else self._inner.deserialize(inside)
