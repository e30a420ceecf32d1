"""What must hold of the blocks that a conversation is played in."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from webhook.flows.definition import (
    ELSE,
    PLATFORM_VARIABLES,
    TENANT_VARIABLES,
    Condition,
    End,
    Flow,
    HandOver,
    Message,
    Question,
    reachable,
)
from webhook.flows.wording import LONGEST_TEXT

Problems: TypeAlias = Iterator[tuple[str, str]]
"""Pairs of a step, empty for the whole conversation, and what is wrong there and how to mend it."""

# A bearer token, or twenty letters and digits in one word.
_SECRET = re.compile(r"(?i)\bbearer\s+[a-z0-9]|\b(?=[a-z_-]*[0-9])(?=[0-9_-]*[a-z])[a-z0-9_-]{20,}")


def _paths(flow: Flow) -> Problems:
    """Each block lies on a path from the start to an end."""
    after = {step.id: list(step.edges.values()) for step in flow.steps}
    before: dict[str, list[str]] = {}
    for id_, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(id_)
    # Search backwards from the ends: a loop without an exit is not among the steps that this reaches.
    ending = reachable([step.id for step in flow.steps if isinstance(step, End | HandOver)], before)
    for step in flow.steps:
        if step.id not in ending:
            yield step.origin, "no way leads from here to an end: lead to a step with encerre or transfira"


def _variables(flow: Flow) -> Problems:
    """A variable that a text or a condition reads must have a value on every path to the block."""
    by_id = flow.by_id
    # Data flow analysis: a step's set starts with the first path to it and only shrinks, so this ends.
    known: dict[str, set[str]] = {flow.start: {*PLATFORM_VARIABLES, *TENANT_VARIABLES}}
    waiting = [flow.start]
    while waiting:
        step = by_id[waiting.pop()]
        afterwards = known[step.id] | step.sets
        for target in step.edges.values():
            common = known.get(target, afterwards) & afterwards
            if common != known.get(target):
                known[target] = common
                waiting.append(target)
    for step in flow.steps:
        if isinstance(step, Message | Condition):
            for name in sorted(step.reads - known.get(step.id, step.reads)):
                yield (
                    step.origin,
                    f"reads {{{name}}}, which may have no value here: set it on every way to this step",
                )
    everywhere = {*PLATFORM_VARIABLES, *TENANT_VARIABLES, *flow.sets}
    for step in flow.steps:
        # A request leaves out what has no value yet; what never gets one is a slip of the pen.
        for name in sorted(step.reads - everywhere):
            yield step.origin, f"reads {{{name}}}, which no step sets: ask for it, or name it in guarde"


def _cases(flow: Flow) -> Problems:
    """A value belongs to one case: the first that has it would hide the others."""
    for step in flow.steps:
        earlier: set[str] = set()
        for value in (value for case in getattr(step, "cases", ()) for value in case.values):
            if value.lower() in earlier:
                yield step.origin, f"{value} stands in two cases: keep one of them"
            if value.lower() == ELSE:
                yield step.origin, f"{ELSE} cannot be a value: it is the way of everything else"
            earlier.add(value.lower())


def _texts(flow: Flow) -> Problems:
    for step in flow.steps:
        if isinstance(step, Message) and len(step.text) > LONGEST_TEXT // 2:
            yield step.origin, f"the text has more than {LONGEST_TEXT // 2} characters: make two steps of it"
        if isinstance(step, Question) and len(step.help) + len(step.text) > LONGEST_TEXT - 200:
            yield step.origin, "the text and se_nao_entender are too long for one message"
        texts = (*step.texts, step.help) if isinstance(step, Question) else step.texts
        if any(_SECRET.search(text) for text in texts):
            yield step.origin, "has a text that looks like a secret: keys go into the settings"


ALL: tuple[Callable[[Flow], Problems], ...] = (_paths, _variables, _cases, _texts)
