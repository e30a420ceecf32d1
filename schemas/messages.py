"""marshmallow's error messages as lines: where something is wrong, and what."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from marshmallow import ValidationError

Path: TypeAlias = tuple[str, ...]
"""Keys from the outermost to the one that is wrong; empty for the whole."""


def lines(error: ValidationError) -> Iterator[tuple[Path, str]]:
    """Each mistake with the path to it, in the order of the schema's fields."""
    yield from _walk(error.normalized_messages(), ())  # type: ignore[no-untyped-call]


def _walk(messages: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            # marshmallow adds levels: one for the whole schema, two below each key of a dict field.
            added = key == "_schema" or (key in {"key", "value"} and isinstance(inner, list))
            yield from _walk(inner, path if added else (*path, str(key)))
    elif isinstance(messages, list):
        for text in messages:
            yield path, str(text)
