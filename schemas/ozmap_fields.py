"""Types of the values in OZmap's answers: each refuses what it does not know, and never reads it as "no"."""

import math
import re
from typing import Any

from marshmallow import ValidationError, fields

from schemas.point import Point

_ID = re.compile(r"[0-9a-f]{24}")


class Id(fields.Field[str]):
    """24 hex characters. With `reference`, the record itself may stand in the place of its id."""

    def __init__(self, reference: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._reference = reference

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if self._reference and isinstance(value, dict):
            value = value.get("id", value.get("_id"))
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise ValidationError("not an id")
        return value


class Ids(Id):
    """A list of ids, or of the records themselves."""

    def __init__(self, **options: Any) -> None:
        super().__init__(reference=True, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("not a list")
        return tuple(super(Ids, self)._deserialize(entry) for entry in value)


class Text(fields.Field[str]):
    """Text that is not needed: null is empty text."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return "" if value is None else super().deserialize(value, *args, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not text")
        return value


class Flag(fields.Field[bool]):
    """A JSON boolean and nothing that resembles one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not a boolean")
        return value


class Amount(fields.Field[float]):
    """A finite JSON number, not below zero."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("not a number")
        if not math.isfinite(value) or value < 0:
            raise ValidationError("out of range")
        return value


class Count(Amount):
    """A whole number, not below zero."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        amount = super()._deserialize(value, *args, **kwargs)
        if amount != int(amount):
            raise ValidationError("not a whole number")
        return int(amount)


class Coordinates(fields.Field[Point]):
    """OZmap's `[lng, lat]` in degrees. Here alone it becomes a Point, and a Point it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Point:
        try:
            lng, lat = value
            # A comparison with NaN is false, so this refuses it as well.
            if -180 <= lng <= 180 and -90 <= lat <= 90:
                return Point(lat, lng)
        except (TypeError, ValueError):
            pass
        raise ValidationError("not coordinates")


def coordinates(point: Point) -> list[float]:
    """As OZmap takes them."""
    return [point.lng, point.lat]


class Outputs(fields.Field[tuple[bool, ...]]):
    """Outputs of a splitter: null is free, the id of a fiber (or the fiber) is connected."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[bool, ...]:
        if not isinstance(value, list) or not all(isinstance(entry, str | dict | None) for entry in value):
            raise ValidationError("not a list of fibers")
        return tuple(entry is not None for entry in value)


class Blocked(fields.Field[tuple[bool, ...]]):
    """Ports of a splitter, by position as its outputs (inferred; `index` has no known base)."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[bool, ...]:
        if not isinstance(value, list):
            raise ValidationError("not a list")
        flags: list[Any] = [entry.get("blocked") if isinstance(entry, dict) else None for entry in value]
        if not all(isinstance(flag, bool) for flag in flags):
            raise ValidationError("not a list of ports")
        return tuple(flags)


class Inside(fields.Field[Any]):
    """The value of one key of an object; None where the key is absent and None is allowed."""

    def __init__(self, key: str, inner: fields.Field[Any], **options: Any) -> None:
        super().__init__(**options)
        self._key = key
        self._inner = inner

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        inside = value.get(self._key)
        return None if inside is None and self.allow_none else self._inner.deserialize(inside)
