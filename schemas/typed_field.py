"""The base of our field types: each one states its rule in `read` and nothing else."""

from collections.abc import Mapping
from typing import Generic, TypedDict, TypeVar

from marshmallow import fields
from marshmallow.types import ErrorMessages

T = TypeVar("T")


class FieldOptions(TypedDict, total=False):
    """Options of marshmallow's fields, for those of ours that have some of their own."""

    allow_none: bool
    error_messages: ErrorMessages
    metadata: Mapping[str, object]


class TypedField(fields.Field[T], Generic[T]):
    """A value that is read from JSON, from a form or from settings, and is not None."""

    def read(self, value: object) -> T:
        """The value as its type. Raises ValidationError."""
        raise NotImplementedError

    def _deserialize(self, value: object, *_: object, **__: object) -> T:
        return self.read(value)
