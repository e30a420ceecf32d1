"""Plays a flow, step by step: what the bot says, what it calls, and where it goes.

Pure but for `call`, which makes the HTTP call of a request step, and `pause`, which waits.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from webhook.flows.definition import (
    ELSE,
    Condition,
    End,
    Flow,
    HandOver,
    Message,
    Pause,
    Question,
    Request,
    Step,
    variables_in,
)

LONGEST_RUN = 200
"""Steps without a question: a checked flow has none so long."""

Reply = Mapping[str, Any] | None
"""First-level keys of a reply; None when none came."""


@dataclass(frozen=True)
class Call:
    """What a request step sends, with its variables filled in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """What happened at a step: a text of the bot, or a call and its reply."""

    step: Step
    text: str = ""
    call: Call | None = None
    reply: Reply = None


@dataclass
class Player:
    """One conversation. `variables` begin with those that the platform has itself."""

    flow: Flow
    call: Callable[[Call], Reply]
    variables: dict[str, Any] = field(default_factory=dict)
    at: Step | None = None
    """The question that waits for its answer, or the step that ended the conversation."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """The ways taken: step id, and what was said of the way out of it."""
    pause: Callable[[int], None] = lambda _: None
    """Waits so many seconds at a pause; unless it is given, nothing waits."""

    def start(self) -> list[Event]:
        """What happens until the first answer is needed."""
        return list(self._go(self.flow.start))

    def answer(self, text: str) -> list[Event]:
        """What happens after the customer's answer. Raises ValueError where none is waited for."""
        if not isinstance(self.at, Question):
            raise ValueError("nothing was asked")
        self.variables[self.at.variable] = text
        self.taken.append((self.at.id, ""))
        return list(self._go(self.at.next))

    @property
    def ended(self) -> bool:
        return isinstance(self.at, End | HandOver)

    def _go(self, id_: str) -> Iterator[Event]:
        steps = {step.id: step for step in self.flow.steps}
        for _ in range(LONGEST_RUN):
            step = self.at = steps[id_]
            if isinstance(step, Message):
                yield Event(step, self._filled(step.text))
            elif isinstance(step, Request):
                yield self._make(step)
            elif isinstance(step, Pause):
                self.pause(step.seconds)
            elif isinstance(step, End | HandOver):
                yield Event(step)
            if isinstance(step, Question | End | HandOver):
                return
            way = self._way(step)
            self.taken.append((step.id, way))
            id_ = step.edges[way]
        raise RuntimeError(f"{self.flow.name}: goes round and round at {id_}")

    def _way(self, step: Step) -> str:
        if not isinstance(step, Condition):
            return ""
        value = told(self.variables.get(step.variable, "")).strip().lower()
        for case in step.cases:
            if value in {option.lower() for option in case.values}:
                return case.way
        return ELSE

    def _make(self, step: Request) -> Event:
        call = Call(
            step.method,
            self._filled(step.url),
            {name: self._filled(value) for name, value in step.headers.items()},
            {name: self._filled(value) for name, value in step.body.items()},
        )
        reply = self.call(call)
        # Without a reply the variables keep what they had: the worst that a platform may do.
        self.variables.update({key: reply[key] for key in step.captures if key in reply} if reply else {})
        return Event(step, call=call, reply=reply)

    def _filled(self, text: str) -> str:
        """A variable without a value stays as it is written, as platforms may leave it."""
        for name in variables_in(text):
            if name in self.variables:
                text = text.replace(f"{{{name}}}", told(self.variables[name]))
        return text


def told(value: object) -> str:
    """A reply's value as a platform compares and shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
