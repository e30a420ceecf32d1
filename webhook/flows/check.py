"""Checks that conversations hold together and fit this service. Reports all findings at once.

Each rule is a function that yields its problems, with the step of the file that has them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.unfilled import squeezed
from webhook.flows import block_rules, export, loading
from webhook.flows.block_rules import Problems
from webhook.flows.definition import reachable
from webhook.flows.dialogue import Ask, Branching, Call, Dialogue, Repeated
from webhook.flows.expand import TooLong, expand
from webhook.flows.loading import BadFile, Finding
from webhook.flows.wording import LONGEST_BUTTON, MOST_BUTTONS
from webhook.outcomes import CATALOGUE
from webhook.platforms import PLATFORMS


@dataclass(frozen=True)
class Route:
    """What an action of this service takes and gives: the keys of its requests and of its replies."""

    takes: frozenset[str]
    gives: frozenset[str]


Routes = Mapping[str, Mapping[str, Route]]
"""By platform and action."""


def check_all(routes: Routes, root: Path = export.ROOT) -> list[Finding]:
    """The conversations that come with the service, and the committed files that are made of them."""
    findings: list[Finding] = []
    for path in [loading.LOOP, *loading.paths_in(loading.BUILT_IN)]:
        findings += check_file(path, routes)
    return findings or list(_exports(root))


def check_file(path: Path, routes: Routes, starting: bool = False) -> list[Finding]:
    """The findings of one conversation; `starting`: those that keep a service from using it."""
    try:
        dialogue = loading.load(path)
    except BadFile as error:
        return error.findings
    problems = [*_problems_of(dialogue, routes), *([] if starting else _original(dialogue))]
    if path != loading.LOOP:
        problems += _leading(dialogue)
    # A step may be several blocks, and run on several platforms.
    return [Finding(path.name, *problem) for problem in dict.fromkeys(problems)]


def _problems_of(dialogue: Dialogue, routes: Routes) -> Problems:
    """Everything that is wrong. Without its edges in order a conversation cannot be looked at further."""
    broken = list(_edges(dialogue))
    yield from broken
    if broken:
        return
    for rule in _RULES:
        yield from rule(dialogue)
    try:
        flow = expand(dialogue)
    except TooLong as error:
        yield (
            str(error),
            "steps with tentativas lead to each other too often: set fewer of them, or lower ones",
        )
        return
    for rule_of_blocks in block_rules.ALL:
        yield from rule_of_blocks(flow)
    yield from _calls(dialogue, routes)


def _edges(dialogue: Dialogue) -> Problems:
    steps = dialogue.steps
    if dialogue.person_words and not dialogue.person:
        yield "", "palavras_de_atendente needs atendente, the step that they lead to"
    if dialogue.person and dialogue.person not in steps:
        yield "", f"atendente leads to {dialogue.person}, which does not exist: add the step"
    for id_, step in steps.items():
        for target in step.edges.values():
            if target not in steps:
                yield id_, f"leads to {target}, which does not exist: correct the name, or add the step"
        if isinstance(step, Repeated) and bool(step.times) != bool(step.exhausted):
            yield id_, "tentativas and esgotou belong together: set both or none"
        if isinstance(step, Branching) and not step.otherwise and not getattr(step, "next", ""):
            yield id_, "has no senao: say where everything else leads"
        if isinstance(step, Call) and step.next and (step.cases or step.otherwise):
            yield id_, "has depois beside casos or senao: keep one of them"
        if isinstance(step, Ask) and not (step.next or (step.options and dialogue.person)):
            yield id_, "has no depois: say where an answer leads"


def _repeats(dialogue: Dialogue) -> Problems:
    """A limit that leads back to itself would never end."""
    ends = {step.id: step.exhausted for step in dialogue.steps_of(Repeated) if step.times}
    for id_, exhausted in ends.items():
        seen, at = {id_}, exhausted
        while at in ends and at not in seen:
            seen.add(at)
            at = ends[at]
        if at in seen:
            yield id_, "esgotou leads back here: lead to a step without tentativas"


def _questions(dialogue: Dialogue) -> Problems:
    for step in dialogue.steps_of(Ask):
        if len(step.options) > MOST_BUTTONS:
            yield step.id, f"has more than {MOST_BUTTONS} options, which WhatsApp does not show as buttons"
        for option in step.options:
            if len(option) > LONGEST_BUTTON:
                yield step.id, f"the option {option!r} has more than {LONGEST_BUTTON} characters: shorten it"
        if len({squeezed(option) for option in step.options}) < len(step.options):
            yield step.id, "has two options that differ only in accents, case or marks"


def _codes(dialogue: Dialogue) -> Problems:
    for step in dialogue.steps_of(Call):
        for value in (value for values in step.cases.values() for value in values):
            if value not in CATALOGUE:
                yield step.id, f"{value} is no outcome of this service: see docs/pt/outcomes.md"


def _platforms(dialogue: Dialogue) -> Problems:
    for name in dialogue.platforms:
        if name not in PLATFORMS:
            yield "", f"{name} is no platform: {' | '.join(PLATFORMS)}"


def _leading(dialogue: Dialogue) -> Problems:
    """The action that leads conversations is no step of one."""
    for step in dialogue.steps_of(Call):
        if step.action == export.LOOP:
            yield (
                step.id,
                f"{export.LOOP} leads conversations and cannot be called by one: call another action",
            )


def _original(dialogue: Dialogue) -> Problems:
    if not dialogue.copy_of:
        return
    path = loading.BUILT_IN / f"{dialogue.copy_of}.toml"
    if not path.exists():
        yield "", f"copiada_de: there is no conversation {dialogue.copy_of} any more: remove the line"
    elif loading.digest(path) != dialogue.copied:
        yield (
            "",
            f"{dialogue.copy_of} has changed since it was copied: compare the two, and then set"
            f' original = "{loading.digest(path)}"',
        )


def _unreached(dialogue: Dialogue) -> Problems:
    after = {id_: step.edges.values() for id_, step in dialogue.steps.items()}
    reached = reachable(filter(None, (dialogue.start, dialogue.person)), after)
    for id_ in dialogue.steps:
        if id_ not in reached:
            yield id_, "no way leads here: lead to it, or remove it"


_RULES: tuple[Callable[[Dialogue], Problems], ...] = (
    _repeats, _questions, _codes, _platforms, _unreached,
)  # fmt: skip


def _calls(dialogue: Dialogue, routes: Routes) -> Problems:
    for name in dialogue.platforms or routes:
        for step in dialogue.steps_of(Call):
            route = routes.get(name, {}).get(step.action)
            if route is None:
                yield (
                    step.id,
                    f"{step.action} is no action of this service for {name}: correct it, or name plataformas",
                )
                continue
            for key in sorted({*step.sends, *step.fixed} - route.takes):
                yield step.id, f"{step.action} does not take the key {key}: remove it"
            for key in sorted(set(step.captures) - route.gives):
                yield step.id, f"{step.action} answers without the key {key}: remove it from guarde"


def _exports(root: Path) -> Iterator[Finding]:
    """Each platform's folder has exactly what is made of the conversations."""
    for platform in PLATFORMS:
        folder = export.folder(platform, root)
        wanted = {
            f"{name}.json": export.definition(platform, name, export.PUBLIC_URL)
            for name in export.exported(platform)
        }
        there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
        for name in sorted(wanted.keys() | there.keys()):
            file = f"{folder.name}/{name}"
            if wanted.get(name) != there.get(name):
                yield Finding(file, "", "is not what its conversation makes: run flows write")
            elif loop := PLATFORMS[platform].loop:
                yield from (Finding(file, "", problem) for problem in loop.problems(json.loads(there[name])))
