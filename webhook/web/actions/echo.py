"""`eco`: which keys and types arrived, for trying out what a platform sends. No value is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.reply import Echo as EchoReply
from schemas.request import RequestSchema, is_missing
from webhook.outcomes import ECO, Answer
from webhook.web.actions.base import ActionRequest, action

_LONGEST_KEY = 64


@dataclass(frozen=True)
class Echo:
    received: str
    form: str


# The contract does not list it as a read, but a platform that can only GET needs it as well.
@action("eco", request=RequestSchema(), reply=EchoReply, read=True)
def echo(request: ActionRequest, _: object) -> Answer:
    """Which keys and types arrived, without their values.

    Those that no schema has are shown as well.
    """
    return Answer(ECO, Echo(", ".join(_types(request.values)), request.form))


def _types(values: Mapping[str, object], parent: str = "") -> Iterator[str]:
    for key, value in values.items():
        name = f"{parent}{key[:_LONGEST_KEY]}"
        if isinstance(value, dict) and value:
            yield from _types(value, f"{name}.")
        else:
            yield f"{name}: {_type(value)}"


def _type(value: object) -> str:
    if is_missing(value):
        return "vazio"
    names = {
        bool: "sim/nao",
        str: "texto",
        int: "numero",
        float: "numero",
        list: "lista",
        dict: "objeto",
    }
    return names[type(value)]
