"""Value styles: how a platform takes the values of a reply."""

from typing import cast

from marshmallow import post_dump

from schemas.reply import Reply, Value


class TextValues(Reply):
    """Text only: yes and no are "sim" and "nao", an absent value is empty text."""

    @post_dump
    def to_text(self, reply: dict[str, object], **_: object) -> dict[str, str]:
        return {key: cast(Value, self.fields[key]).as_text(value) for key, value in reply.items()}


def as_text(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, all of them text."""
    schema: Reply = type(f"Text{keys.__name__}", (TextValues, keys), {})()
    return schema


def typed(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, each with its own type."""
    return keys()
