"""A build guide: an HTML page, complete in itself, that says step by step how to build a flow by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from flowkit.pages import render
from flowkit.picture import draw, numbers
from webhook.flows import export, loading
from webhook.flows.definition import (
    Condition,
    Flow,
    HandOver,
    IndexEntry,
    Message,
    Pause,
    Question,
    Request,
    Step,
)
from webhook.platforms import PLATFORMS


@dataclass(frozen=True)
class Section:
    """A step of the guide; `settings` are the labels on the platform's screen, each with its value."""

    number: int
    step: Step
    settings: list[tuple[str, str]]


def page(platform: str, name: str, public_url: str) -> str:
    """The guide of a flow, with this address of the service in it. Raises NoSuchFlow."""
    flow = loading.parse(export.definition(platform, name, public_url))
    return page_of(flow, loading.load().entries[platform, name])


def page_of(flow: Flow, entry: IndexEntry) -> str:
    """The guide of a flow that is already loaded."""
    number = numbers(flow)
    return render(
        "guide.html",
        flow=flow,
        entry=entry,
        platform=PLATFORMS[flow.platform],
        pictures=[Markup(picture) for picture in draw(flow)],  # noqa: S704  draw escapes what it shows
        sections=[Section(number[step.id], step, list(_settings(step, number))) for step in flow.steps],
        start=number[flow.start],
        branches=[
            (number[step.id], step, case.values, number[case.next])
            for step in flow.steps
            if isinstance(step, Condition)
            for case in step.cases
        ],
        hand_overs=[number[step.id] for step in flow.steps if isinstance(step, HandOver)],
    )


def _settings(step: Step, number: dict[str, int]) -> Iterator[tuple[str, str]]:
    yield from _own_settings(step, number)
    if step.next and not isinstance(step, Condition):
        yield "Depois", f"Passo {number[step.next]}"


def _own_settings(step: Step, number: dict[str, int]) -> Iterator[tuple[str, str]]:
    match step:
        case Question():  # before Message, its base class
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
            yield from ((f"Passo {number[case.next]}, se for", "\n".join(case.values)) for case in step.cases)
            yield "Senão", f"Passo {number[step.next]}"
        case Pause():
            yield "Segundos", str(step.seconds)
