"""A build guide: an HTML page, complete in itself, that says step by step how to build a flow by hand."""

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from flowkit.pages import render
from flowkit.picture import draw, numbers
from webhook.flows import export, loading
from webhook.flows.definition import Condition, Flow, HandOver, Question, Request
from webhook.flows.expand import expand
from webhook.platforms import PLATFORMS

_LABELS = {
    "texto": "Texto", "variavel": "Variável", "resposta": "Resposta", "botoes": "Botão", "metodo": "Método",
    "url": "URL", "cabecalho": "Cabeçalho", "corpo": "Corpo", "processar_resposta": "Processar resposta",
    "senao": "Senão", "segundos": "Segundos", "depois": "Depois",
}  # fmt: skip
"""The platform's word for each setting of a block in a flow's file."""


def page(platform: str, name: str, public_url: str) -> str:
    """The guide of a flow, with this address of the service in it. Raises NoSuchFlow."""
    dialogue = export.dialogue_of(platform, name)
    if PLATFORMS[platform].loop:
        brand = PLATFORMS[platform].brand
        raise export.NoSuchFlow(f"{brand} imports the flow: flows export {platform} {name}")
    flow = expand(dialogue)
    number = numbers(flow)
    common = {
        "flow": flow,
        "dialogue": dialogue,
        "platform": PLATFORMS[platform],
        "platform_variables": export.platform_variables(flow),
        "start": number[flow.start],
        "sections": [
            (number[step.id], step, list(_settings(export.block(step, platform, public_url), number)))
            for step in flow.steps
        ],
    }
    if name == export.LOOP:
        # One printed page: no picture, and the tests are fixed, since every conversation goes through it.
        asks = next(number[step.id] for step in flow.steps if isinstance(step, Question))
        return render("guide_loop.html", **common, after_start=number[flow.steps[0].next], question=asks)
    return render("guide.html", **common, **_of_whole_flow(flow, number))


def _of_whole_flow(flow: Flow, number: Mapping[str, int]) -> dict[str, object]:
    """What only the guide of a whole flow has: pictures, and each way as a test."""
    loop = expand(loading.loop())
    return {
        "loop_name": loop.name,
        "loop_size": len(loop.steps),
        "own_values": {name: about for name, about in export.to_replace(flow).items() if name != export.KEY},
        "tags": any("tags" in step.values for step in flow.steps if isinstance(step, Request)),
        "pictures": [Markup(picture) for picture in draw(flow)],  # noqa: S704  draw escapes what it shows
        "branches": [
            (number[step.id], step, case.values, number[case.next])
            for step in flow.steps
            if isinstance(step, Condition)
            for case in step.cases
        ],
        "hand_overs": [number[step.id] for step in flow.steps if isinstance(step, HandOver)],
    }


def _settings(block: Mapping[str, object], number: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The labels on the platform's screen, each with its value."""
    for name, value in block.items():
        match name, value:
            case "casos", list():
                for case in value:
                    yield f"Passo {number[case['depois']]}, se for", "\n".join(case["valores"])
            case (("senao" | "depois"), str()):
                yield _LABELS[name], f"Passo {number[value]}"
            case _, list():
                yield from ((_LABELS[name], one) for one in value)
            case _, dict():
                yield from ((f"{_LABELS[name]}: {key}", one) for key, one in value.items())
            case _ if name in _LABELS:
                yield _LABELS[name], str(value)
