"""A flow for a provider: its definition with the service's own address, and a guide to build it by hand.

The file formats of Huggy and 5Hub are not public, so neither can be imported there. The key stays a
placeholder: it never is in a file.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from flowkit.pages import render
from flowkit.picture import draw, numbers
from webhook.flows import bundle
from webhook.flows.check import PUBLIC_URL
from webhook.flows.definition import (
    Condition,
    Flow,
    FlowSchema,
    HandOver,
    IndexEntry,
    Message,
    Pause,
    Question,
    Request,
    Step,
)
from webhook.platforms import PLATFORMS

_FLOW = FlowSchema()


class NoSuchFlow(Exception):
    """No flow of this platform has this name."""


@dataclass(frozen=True)
class Section:
    """A step of the guide; `settings` are the labels of the screen, in order, and what to put there."""

    number: int
    step: Step
    settings: list[tuple[str, str]]


def definition(platform: str, name: str, public_url: str) -> str:
    """The flow's file with the address in place. Raises NoSuchFlow."""
    there = {path.stem: path for path in bundle.folder(platform).glob("*.json")}
    if platform not in PLATFORMS or name not in there:
        raise NoSuchFlow
    return there[name].read_text(encoding="utf-8").replace(PUBLIC_URL, public_url)


def read(text: str) -> Flow:
    """A flow from its definition."""
    flow: Flow = _FLOW.load(json.loads(text))
    return flow


def guide(flow: Flow, entry: IndexEntry) -> str:
    """An HTML page, complete in itself, that says step by step how to build the flow."""
    number = numbers(flow)
    return render(
        "guide.html",
        flow=flow,
        entry=entry,
        platform=PLATFORMS[flow.platform],
        pictures=[Markup(picture) for picture in draw(flow)],  # noqa: S704  ours, and escaped
        sections=[Section(number[step.id], step, list(_settings(step, number))) for step in flow.steps],
        start=number[flow.start],
        made=sorted({name for step in flow.steps for name in step.sets}),
        ways=[
            (number[step.id], step, case.values, number[case.next])
            for step in flow.steps
            if isinstance(step, Condition)
            for case in step.cases
        ],
        person=[number[step.id] for step in flow.steps if isinstance(step, HandOver)],
    )


def _settings(step: Step, number: dict[str, int]) -> Iterator[tuple[str, str]]:
    match step:
        case Question():
            yield "Nome", step.name
            yield "Texto", step.text
            yield "Variável", step.variable
            yield "Resposta", step.expected
            yield from (("Botão", button) for button in step.buttons)
        case Message():
            yield "Texto", step.text
        case Request():
            yield "Método", step.method
            yield "URL", step.url
            yield from ((f"Cabeçalho: {name}", value) for name, value in step.headers.items())
            yield from ((f"Corpo: {name}", value) for name, value in step.body.items())
            yield from (("Processar resposta", name) for name in step.captures)
        case Condition():
            yield "Variável", step.variable
            for case in step.cases:
                yield f"Passo {number[case.next]}, se for", "\n".join(case.values)
            yield "Senão", f"Passo {number[step.next]}"
        case Pause():
            yield "Segundos", str(step.seconds)
    if step.next and not isinstance(step, Condition):
        yield "Depois", f"Passo {number[step.next]}"
