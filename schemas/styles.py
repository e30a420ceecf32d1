"""Value styles: how a platform takes the values of a reply.

A schema is made once for its keys: making it costs more than a reply.
"""

from functools import lru_cache
from typing import cast

from marshmallow import post_dump

from schemas.reply import Reply, Value

_remembered = lru_cache(maxsize=256)  # recipes are read again at each reload: their schemas must go


class TextValues(Reply):
    """Text only: yes and no are "sim" and "nao", an absent value is empty text."""

    @post_dump
    def to_text(self, reply: dict[str, object], **_: object) -> dict[str, str]:
        return {key: cast(Value, self.fields[key]).as_text(value) for key, value in reply.items()}


class InVariables(TextValues):
    """The same texts inside `variables`: seen in an older bridge to Huggy, and documented nowhere."""

    @post_dump
    def to_text(self, reply: dict[str, object], **_: object) -> dict[str, object]:
        return {"variables": super().to_text(reply)}


@_remembered
def in_variables(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, all of them text, inside `variables`."""
    schema: Reply = type(f"InVariables{keys.__name__}", (InVariables, keys), {})()
    return schema


@_remembered
def as_text(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, all of them text."""
    schema: Reply = type(f"Text{keys.__name__}", (TextValues, keys), {})()
    return schema


@_remembered
def typed(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, each with its own type."""
    return keys()
