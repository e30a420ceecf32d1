"""Whether flow definitions hold together, and fit this service. All findings at once.

A function per question; each gets one flow and says what is wrong with it, and where.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from webhook.flows.bundle import INDEX, Bundle, Finding, folder
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

Said = Iterator[tuple[str, str]]
"""Step id and what is wrong there."""


@dataclass(frozen=True)
class Route:
    """What a path of ours takes, and which first-level keys it answers with."""

    methods: frozenset[str]
    keys: frozenset[str]


def check(bundle: Bundle, routes: Mapping[str, Route]) -> list[Finding]:
    """Every finding; `routes` are all paths of ours."""
    findings = list(bundle.findings)
    for (platform, name), flow in sorted(bundle.flows.items()):
        file = f"{folder(platform).name}/{name}.json"
        said = [found for question in _QUESTIONS for found in question(flow)]
        said += [*_calls(flow, routes), *_index(flow, bundle.entries.get((platform, name)))]
        findings += [Finding(file, step, text) for step, text in said]
    for platform, name in sorted(bundle.entries.keys() - bundle.flows.keys()):
        findings.append(Finding(f"{folder(platform).name}/{INDEX}", name, "has no file"))
    return findings


def _ids(flow: Flow) -> Said:
    for id_, times in Counter(step.id for step in flow.steps).items():
        if times > 1:
            yield id_, f"the id is used {times} times"


def _edges(flow: Flow) -> Said:
    known = {step.id for step in flow.steps}
    if flow.start not in known:
        yield "", f"inicio leads to {flow.start}, which does not exist"
    for step in flow.steps:
        for target in step.edges.values():
            if target not in known:
                yield step.id, f"leads to {target}, which does not exist"


def _ways(flow: Flow) -> Said:
    by_id = {step.id: step for step in flow.steps}
    reached = _reach(flow.start, lambda id_: by_id[id_].edges.values() if id_ in by_id else ())
    before: dict[str, list[str]] = {id_: [] for id_ in by_id}
    for step in flow.steps:
        for target in step.edges.values():
            before.setdefault(target, []).append(step.id)
    ends = [step.id for step in flow.steps if isinstance(step, End | HandOver)]
    ending = {id_ for end in ends for id_ in _reach(end, lambda id_: before.get(id_, ()))}
    for step in flow.steps:
        if step.id not in reached:
            yield step.id, "no way leads here"
        elif step.id not in ending:
            yield step.id, "no way leads from here to an end"


def _reach(start: str, following: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting += following(id_)
    return found


def _variables(flow: Flow) -> Said:
    """A variable that is read must have been set on every way to the step."""
    by_id = {step.id: step for step in flow.steps}
    known: dict[str, set[str]] = {flow.start: set(flow.given)}
    waiting = [flow.start]
    while waiting:
        step = by_id.get(waiting.pop())
        if step is None:
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


def _cases(flow: Flow) -> Said:
    """A value leads one way; the first case that has it would hide the others."""
    for step in flow.steps:
        if isinstance(step, Condition):
            found: set[str] = set()
            for value in (value for case in step.cases for value in case.values):
                if value.lower() in found:
                    yield step.id, f"{value} stands in two cases"
                if value.lower() == ELSE:
                    yield step.id, f"{ELSE} cannot be a value: it is the way of everything else"
                found.add(value.lower())


def _codes(flow: Flow) -> Said:
    for step in flow.steps:
        if isinstance(step, Condition) and step.variable == "codigo":
            for value in (value for case in step.cases for value in case.values):
                if value not in CATALOGUE:
                    yield step.id, f"{value} is no outcome of this service"


def _texts(flow: Flow) -> Said:
    for step in flow.steps:
        if isinstance(step, Message) and len(step.text) > LONGEST_TEXT:
            yield step.id, f"the text has more than {LONGEST_TEXT} characters"
        if isinstance(step, Question):
            if len(step.buttons) > MOST_BUTTONS:
                yield step.id, f"more than {MOST_BUTTONS} buttons"
            for button in step.buttons:
                if len(button) > LONGEST_BUTTON:
                    yield step.id, f"the button {button!r} has more than {LONGEST_BUTTON} characters"


def _placeholders(flow: Flow) -> Said:
    for step in flow.steps:
        if isinstance(step, Request):
            if not step.url.startswith(f"{PUBLIC_URL}/"):
                yield step.id, f"the URL must begin with {PUBLIC_URL}"
            keys = [value for name, value in step.headers.items() if name in KEY_HEADERS]
            if not any(KEY in value for value in keys):
                yield step.id, f"no header has the key {KEY}"


def _secrets(flow: Flow) -> Said:
    for step in flow.steps:
        texts = [step.text] if isinstance(step, Message) else []
        if isinstance(step, Request):
            texts = [step.url, *step.headers.values(), *step.body.values()]
        if any(_SECRET.search(text) for text in texts):
            yield step.id, "has a text that looks like a secret"


_QUESTIONS = (_ids, _edges, _ways, _variables, _cases, _codes, _texts, _placeholders, _secrets)


def _calls(flow: Flow, routes: Mapping[str, Route]) -> Said:
    for step in flow.steps:
        if not isinstance(step, Request):
            continue
        path = step.url.removeprefix(PUBLIC_URL).partition("?")[0]
        route = routes.get(path) if path.startswith(f"/{flow.platform}/") else None
        if route is None:
            yield step.id, f"{path} is no route of this service for {flow.platform}"
            continue
        if step.method not in route.methods:
            yield step.id, f"{path} does not take {step.method}"
        for name in sorted(set(step.captures) - route.keys):
            yield step.id, f"{path} answers without the key {name}"


def _index(flow: Flow, entry: IndexEntry | None) -> Said:
    if entry is None:
        yield "", f"has no entry in {INDEX}"
        return
    sets = sorted({name for step in flow.steps for name in step.sets})
    if sorted(entry.sets) != sets:
        yield "", f"{INDEX} must say: define = {sets}"
