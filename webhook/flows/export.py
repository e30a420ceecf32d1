"""A flow for a platform's builder: its definition as JSON, with this service's address in it.

The flow's key stays a placeholder, so that it is never in a file.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from webhook.flows import loading
from webhook.flows.definition import (
    PLATFORM_VARIABLES,
    TENANT_VARIABLES,
    Condition,
    Flow,
    Message,
    Pause,
    Question,
    Request,
    Step,
    with_values,
)
from webhook.flows.dialogue import Dialogue
from webhook.flows.expand import expand
from webhook.flows.wording import options_of
from webhook.platforms import PLATFORMS

FORMAT = 2
ROOT = Path(__file__).parents[2]
PUBLIC_URL = "{{PUBLIC_URL}}"
KEY = "{{CHAVE}}"
TO_REPLACE = "https://SEU-ENDERECO"
"""The address in a committed file of a platform whose own variables look like `{{PUBLIC_URL}}`."""
KEY_HEADER = "X-Webhook-Key"
LOOP = loading.LOOP.stem
PLACEHOLDERS = {name: f"{{{{{name.upper()}}}}}" for name in TENANT_VARIABLES}
"""The variables of the ISP's settings, as a flow's file has them."""


class NoSuchFlow(Exception):
    """The platform has no flow with this name; the text says so to an operator."""


def folder(platform: str, root: Path = ROOT) -> Path:
    """The folder with the exported flows of a platform."""
    return root / f"{platform}_flows"


def exported(platform: str) -> Mapping[str, Dialogue]:
    """What a platform's folder has, by name: the loop, and each conversation as a whole flow.

    Where the loop can be imported, nobody builds the rest by hand.
    """
    flows = {LOOP: loading.loop()}
    if not PLATFORMS[platform].loop:
        flows |= {name: one for name, one in loading.built_in().items() if one.is_for(platform)}
    return flows


def dialogue_of(platform: str, name: str) -> Dialogue:
    """Raises NoSuchFlow."""
    # The name is compared with existing ones and never becomes part of a path: it may come from a URL.
    flows = exported(platform) if platform in PLATFORMS else {}
    if name not in flows:
        raise NoSuchFlow(f"no flow {name} of {platform}: see flows list")
    return flows[name]


def definition(platform: str, name: str, public_url: str) -> str:
    """The text of the flow's file with `public_url` in it. Raises NoSuchFlow."""
    dialogue = dialogue_of(platform, name)
    if loop := PLATFORMS[platform].loop:
        return loop.make(TO_REPLACE if public_url == PUBLIC_URL else public_url)
    flow = expand(dialogue)
    document = {
        "formato": FORMAT,
        "plataforma": platform,
        "nome": flow.name,
        "titulo": flow.title,
        "para_que": dialogue.purpose,
        "versao": dialogue.version,
        "data": dialogue.date.isoformat(),
        "variaveis_da_plataforma": platform_variables(flow),
        "troque": to_replace(flow),
        "inicio": flow.start,
        "passos": [block(step, platform, public_url) for step in flow.steps],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def platform_variables(flow: Flow) -> dict[str, str]:
    """The variables that the flow expects of its platform, each with its meaning."""
    return {name: about for name, about in PLATFORM_VARIABLES.items() if name in flow.reads}


def to_replace(flow: Flow) -> dict[str, str]:
    """What the flow's author has to put in by hand: the placeholder, and what it stands for."""
    own = {PLACEHOLDERS[name]: about for name, about in TENANT_VARIABLES.items() if name in flow.reads}
    return {KEY: "a chave da plataforma"} | own


def text_in_file(step: Message) -> str:
    """A step's text, with options that are no buttons, and placeholders for the ISP's settings."""
    text = step.text
    if isinstance(step, Question) and not step.buttons and step.options:
        text += f"\n\n{options_of(step.options)}"
    return with_values(text, PLACEHOLDERS)


def block(step: Step, platform: str, public_url: str) -> dict[str, object]:
    """A step as a flow's file has it."""
    settings: dict[str, object] = {}
    match step:
        case Question():  # before Message, its base class
            settings = {
                "texto": text_in_file(step),
                "variavel": step.variable,
                "resposta": step.needs,
                "botoes": list(step.buttons),
            }
        case Message():
            settings = {"texto": text_in_file(step)}
        case Request():
            settings = {
                "metodo": "POST",
                "url": f"{public_url}/{platform}/{step.calls}",
                "cabecalho": {KEY_HEADER: KEY},
                "corpo": dict(step.values),
                "processar_resposta": list(step.captures),
            }
        case Condition():
            cases = [{"valores": list(case.values), "depois": case.next} for case in step.cases]
            settings = {"variavel": step.variable, "casos": cases, "senao": step.next}
        case Pause():
            settings = {"segundos": step.seconds}
    if step.next and not isinstance(step, Condition):
        settings["depois"] = step.next
    return {"id": step.id, "acao": step.action, **settings}
