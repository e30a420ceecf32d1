"""`eco`: which keys and types arrived, for trying out what a platform sends. No value is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.reply import Echo as EchoReply
from schemas.request import RequestSchema, known_as
from schemas.unfilled import is_missing, squeezed
from webhook.outcomes import ECO, Answer
from webhook.recipes.inputs import REQUEST_KEYS
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

    Those that no schema has are shown as well, and of those that are spelled otherwise what they are read as.
    """
    recipes = request.services.recipes.recipes.values()
    spellings = known_as({*REQUEST_KEYS, *(key for recipe in recipes for key in recipe.inputs)})
    return Answer(ECO, Echo(", ".join(_types(request.values, spellings)), request.form))


def _types(values: Mapping[str, object], spellings: Mapping[str, str], parent: str = "") -> Iterator[str]:
    for key, value in values.items():
        name, meant = f"{parent}{key[:_LONGEST_KEY]}", "" if parent else spellings.get(squeezed(key), "")
        if meant not in {"", key}:
            name += f" (lida como {meant})"
        if isinstance(value, dict) and value:
            yield from _types(value, spellings, f"{name}.")
        else:
            yield f"{name}: {_type(value, meant)}"


def _type(value: object, key: str) -> str:
    if is_missing(value, key):
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
