"""How Huggy takes values: nothing but text.

*Processar resposta* of the action *Enviar requisição* reads the first level of the reply. What it makes
of booleans, numbers and null is unknown, and untried on a live account, so none is sent.
"""

from typing import Any, cast

from marshmallow import post_dump

from schemas.reply import REPLIES, Reply, Value


class TextValues(Reply):
    """Yes/no is "sim" and "nao", an absent value is empty text."""

    @post_dump
    def to_text(self, reply: dict[str, Any], **_: Any) -> dict[str, str]:
        return {key: cast(Value, self.fields[key]).as_text(value) for key, value in reply.items()}


def text_style(name: str) -> dict[str, Reply]:
    """A schema per action, and one under "" for replies to unknown routes."""
    keys = {"": Reply} | REPLIES
    return {
        action: type(f"{name}{schema.__name__}", (TextValues, schema), {})()
        for action, schema in keys.items()
    }


STYLES = {"text": text_style("Huggy")}
