"""How Huggy takes values: nothing but text.

*Processar resposta* of the action *Enviar requisição* reads the first level of the reply. What it makes
of booleans, numbers and null is unknown, and untried on a live account, so none is sent.
"""

from typing import cast

from marshmallow import post_dump

from schemas.reply import Reply, Value


class TextValues(Reply):
    """Yes/no is "sim" and "nao", an absent value is empty text."""

    @post_dump
    def to_text(self, reply: dict[str, object], **_: object) -> dict[str, str]:
        return {key: cast(Value, self.fields[key]).as_text(value) for key, value in reply.items()}


def as_text(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, all of them text."""
    schema: Reply = type(f"Text{keys.__name__}", (TextValues, keys), {})()
    return schema


STYLES = {"text": as_text}
