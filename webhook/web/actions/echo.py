"""`eco`: which keys and types arrived, for trying out what a platform sends. No value is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.request import RequestSchema, is_missing
from webhook.outcomes import ECO, Answer
from webhook.web.actions.question import Action, Question

_LONGEST_KEY = 64


@dataclass(frozen=True)
class Echo:
    received: str
    form: str


def echo(question: Question) -> Answer:
    """Keys and kinds of the request's values."""
    return Answer(ECO, Echo(", ".join(_kinds(question.values)), question.form))


def _kinds(values: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    for key, value in values.items():
        name = f"{parent}{key[:_LONGEST_KEY]}"
        if isinstance(value, dict) and value:
            yield from _kinds(value, f"{name}.")
        else:
            yield f"{name}: {_kind(value)}"


def _kind(value: object) -> str:
    if is_missing(value):
        return "vazio"
    if isinstance(value, bool):
        return "sim/nao"
    names = {str: "texto", int: "numero", float: "numero", list: "lista", dict: "objeto"}
    return names[type(value)]


# Not called a read in the contract, but a platform that can only GET needs it as well.
ACTIONS = [
    Action(
        "eco",
        echo,
        read=True,
        summary="Which keys and types arrived, without their values",
        request=RequestSchema,
    )
]
