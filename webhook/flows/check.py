"""Checks that flow definitions are consistent and fit this service. Reports all findings at once.

Each rule is a function that gets one flow and yields its problems, with the step that has them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from webhook.flows.definition import (
    ELSE,
    Condition,
    End,
    Flow,
    HandOver,
    IndexEntry,
    Message,
    Question,
    Request,
)
from webhook.flows.loading import INDEX, Finding, Templates, folder
from webhook.outcomes import CATALOGUE

PUBLIC_URL = "{{PUBLIC_URL}}"
KEY = "{{CHAVE}}"
KEY_HEADERS = {"X-Webhook-Key", "Authorization"}

# WhatsApp: developers.facebook.com/docs/whatsapp/cloud-api, text and interactive reply buttons.
LONGEST_TEXT = 1024
MOST_BUTTONS = 3
LONGEST_BUTTON = 20

# A bearer token, or twenty letters and digits in one word.
_SECRET = re.compile(r"(?i)\bbearer\s+[a-z0-9]|\b(?=[a-z_-]*[0-9])(?=[0-9_-]*[a-z])[a-z0-9_-]{20,}")

Problems = Iterator[tuple[str, str]]
"""Pairs of a step id, empty for the whole flow, and what is wrong there."""


@dataclass(frozen=True)
class Route:
    """The methods that a path of this service accepts, and the first-level keys of its replies."""

    methods: frozenset[str]
    keys: frozenset[str]


def check(templates: Templates, routes: Mapping[str, Route]) -> list[Finding]:
    """Every finding; `routes` are all paths of this service that a flow may call."""
    findings = list(templates.findings)
    for (platform, name), flow in sorted(templates.flows.items()):
        file = f"{folder(platform).name}/{name}.json"
        problems = [problem for rule in _RULES for problem in rule(flow)]
        problems += [*_calls(flow, routes), *_index(flow, templates.entries.get((platform, name)))]
        findings += [Finding(file, step, text) for step, text in problems]
    for platform, name in sorted(templates.entries.keys() - templates.flows.keys()):
        findings.append(Finding(f"{folder(platform).name}/{INDEX}", name, "has no file"))
    return findings


def _ids(flow: Flow) -> Problems:
    for id_, times in Counter(step.id for step in flow.steps).items():
        if times > 1:
            yield id_, f"the id is used {times} times"


def _edges(flow: Flow) -> Problems:
    ids = flow.by_id.keys()
    if flow.start not in ids:
        yield "", f"inicio leads to {flow.start}, which does not exist"
    for step in flow.steps:
        for target in step.edges.values():
            if target not in ids:
                yield step.id, f"leads to {target}, which does not exist"


def _paths(flow: Flow) -> Problems:
    """Each step lies on a path from the start to an end."""
    after = {step.id: list(step.edges.values()) for step in flow.steps}
    before: dict[str, list[str]] = {}
    for id_, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(id_)
    reached = _reachable([flow.start], after)
    # Search backwards from the ends: a loop without an exit is not among the steps that this reaches.
    ends = [step.id for step in flow.steps if isinstance(step, End | HandOver)]
    ending = _reachable(ends, before)
    for step in flow.steps:
        if step.id not in reached:
            yield step.id, "no way leads here"
        elif step.id not in ending:
            yield step.id, "no way leads from here to an end"


def _reachable(starts: Iterable[str], neighbours: Mapping[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        id_ = waiting.pop()
        if id_ not in reached:
            reached.add(id_)
            waiting += neighbours.get(id_, [])
    return reached


def _variables(flow: Flow) -> Problems:
    """A variable that a step reads must have a value on every path to the step."""
    by_id = flow.by_id
    # Data flow analysis: a step's set starts with the first path to it and only shrinks, so this ends.
    known: dict[str, set[str]] = {flow.start: set(flow.platform_variables)}
    waiting = [flow.start]
    while waiting:
        step = by_id.get(waiting.pop())
        if step is None:  # another rule reports the edge to nowhere
            continue
        afterwards = known[step.id] | step.sets
        for target in step.edges.values():
            common = known.get(target, afterwards) & afterwards
            if common != known.get(target):
                known[target] = common
                waiting.append(target)
    for step in flow.steps:
        for name in sorted(step.reads - known.get(step.id, step.reads)):
            yield step.id, f"reads {{{name}}}, which may have no value here"


def _conditions(flow: Flow) -> Iterator[tuple[Condition, list[str]]]:
    """Each condition with the values of all its cases."""
    for step in flow.steps:
        if isinstance(step, Condition):
            yield step, [value for case in step.cases for value in case.values]


def _cases(flow: Flow) -> Problems:
    """A value belongs to one case: the first that has it would hide the others."""
    for step, values in _conditions(flow):
        earlier: set[str] = set()
        for value in values:
            if value.lower() in earlier:
                yield step.id, f"{value} stands in two cases"
            if value.lower() == ELSE:
                yield step.id, f"{ELSE} cannot be a value: it is the way of everything else"
            earlier.add(value.lower())


def _codes(flow: Flow) -> Problems:
    for step, values in _conditions(flow):
        for value in values:
            if step.variable == "codigo" and value not in CATALOGUE:
                yield step.id, f"{value} is no outcome of this service"


def _texts(flow: Flow) -> Problems:
    for step in flow.steps:
        if isinstance(step, Message) and len(step.text) > LONGEST_TEXT:
            yield step.id, f"the text has more than {LONGEST_TEXT} characters"
        if isinstance(step, Question):
            if len(step.buttons) > MOST_BUTTONS:
                yield step.id, f"more than {MOST_BUTTONS} buttons"
            for button in step.buttons:
                if len(button) > LONGEST_BUTTON:
                    yield step.id, f"the button {button!r} has more than {LONGEST_BUTTON} characters"


def _requests(flow: Flow) -> Iterator[Request]:
    return (step for step in flow.steps if isinstance(step, Request))


def _placeholders(flow: Flow) -> Problems:
    for step in _requests(flow):
        if not step.url.startswith(f"{PUBLIC_URL}/"):
            yield step.id, f"the URL must begin with {PUBLIC_URL}"
        if not any(KEY in value for name, value in step.headers.items() if name in KEY_HEADERS):
            yield step.id, f"no header has the key {KEY}"


def _secrets(flow: Flow) -> Problems:
    for step in flow.steps:
        texts = step.texts if isinstance(step, Request) else [step.text] if isinstance(step, Message) else []
        if any(_SECRET.search(text) for text in texts):
            yield step.id, "has a text that looks like a secret"


_RULES: tuple[Callable[[Flow], Problems], ...] = (
    _ids, _edges, _paths, _variables, _cases, _codes, _texts, _placeholders, _secrets,
)  # fmt: skip


def _calls(flow: Flow, routes: Mapping[str, Route]) -> Problems:
    for step in _requests(flow):
        path = step.url.removeprefix(PUBLIC_URL).partition("?")[0]
        route = routes.get(path) if path.startswith(f"/{flow.platform}/") else None
        if route is None:
            yield step.id, f"{path} is no route of this service for {flow.platform}"
            continue
        if step.method not in route.methods:
            yield step.id, f"{path} does not take {step.method}"
        for name in sorted(set(step.captures) - route.keys):
            yield step.id, f"{path} answers without the key {name}"


def _index(flow: Flow, entry: IndexEntry | None) -> Problems:
    if entry is None:
        yield "", f"has no entry in {INDEX}"
    elif sorted(entry.sets) != flow.sets:
        yield "", f"{INDEX} must say: define = {flow.sets}"
