"""What each route does: values in, answer out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.request import FeasibilityRequestSchema, is_missing
from schemas.tenants import Tenant
from webhook import viability
from webhook.location.resolve import resolve
from webhook.location.short_links import ShortLinks
from webhook.outcomes import DADOS_INVALIDOS, ECO, Answer
from webhook.ozmap.api import Ozmap
from webhook.platforms.base import Platform
from webhook.viability.verdict import Verdict

_FEASIBILITY = FeasibilityRequestSchema()
_LONGEST_KEY = 64


@dataclass(frozen=True)
class Question:
    """Everything that an action may look at."""

    platform: Platform
    tenant: Tenant
    ozmap: Ozmap
    short_links: ShortLinks
    values: Mapping[str, Any]
    form: str
    """How the values came: json, formulario, consulta or vazio."""


def feasibility(question: Question) -> Answer:
    """`viabilidade`: location -> is there a viable box."""
    try:
        request = _FEASIBILITY.load(question.values)
    except ValidationError as error:
        return Answer(DADOS_INVALIDOS, detail=_what_is_wrong(error))
    mode = request.mode or question.tenant.mode or question.platform.mode
    place = resolve(request, question.tenant.country, question.short_links, question.ozmap.deadline)
    if isinstance(place, Answer):
        return Answer(place.outcome, Verdict(place.outcome, mode=mode), place.detail)
    verdict = viability.check(question.ozmap, place, mode, request.radius_m, question.tenant)
    return Answer(verdict.outcome, verdict)


def _what_is_wrong(error: ValidationError) -> str:
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return "; ".join(f"{key} {texts[0]}" for key, texts in messages.items())


@dataclass(frozen=True)
class Echo:
    received: str
    form: str


def echo(question: Question) -> Answer:
    """`eco`: which keys and types arrived, for trying out what a platform sends. No value is shown."""
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


@dataclass(frozen=True)
class Action:
    """`name` is the route below the platform. A read answers GET as well as POST."""

    name: str
    run: Callable[[Question], Answer]
    read: bool


ACTIONS = [
    Action("viabilidade", feasibility, read=True),
    # Not called a read in the contract, but a platform that can only GET needs it as well.
    Action("eco", echo, read=True),
]
