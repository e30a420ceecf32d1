"""Plays a flow step by step: for a customer that the webhook leads, and as a platform would.

Without side effects of its own: `send` calls an action. The player stops where something outside has to
happen: at a question, at a pause, at a request that may not begin now, and at the end.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from webhook.flows import answers, wording
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
    with_values,
)
from webhook.flows.wording import Part

MOST_STEPS = 200
"""Between two stops: ends a flow that runs in a loop and asks nothing."""

JsonReply: TypeAlias = Mapping[str, object] | None
"""The JSON object that a call was answered with; None without a usable reply."""


@dataclass(frozen=True)
class Event:
    """Something happened at a step. If the bot sent a text there, it is made of `parts`."""

    step: Step
    parts: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """What the bot sent."""
        return wording.text_of(self.parts)


class NotNow(Exception):
    """Raised by `send`: nothing was done, the player stops here, and the request may be made again later."""


@dataclass
class Player:
    """One conversation. `variables` start with the platform's own."""

    flow: Flow
    send: Callable[[Request, Mapping[str, str]], JsonReply]
    variables: dict[str, object] = field(default_factory=dict)
    at: Step | None = None
    """Where it stopped; None before the start."""
    known: Mapping[str, object] = field(default_factory=dict)
    """Answers that the platform has already: a question whose variable is among them is not asked."""
    spoke: bool = False
    """Whether it has sent a text. The customer reads that only when the call is over."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """The edges taken so far: step id and label."""

    def start(self) -> list[Event]:
        """Plays from the first step up to the first stop."""
        return list(self._play_from(self.flow.start))

    def answer(self, given: object) -> list[Event]:
        """Plays on with the customer's answer. One that cannot be used gets the question again.

        Raises ValueError unless a question needs an answer.
        """
        at = self.at
        if not isinstance(at, Question):
            raise ValueError("nothing was asked")
        value = answers.read(at, given, self.flow.hand_over_words)
        if value is None:
            help_ = tuple(wording.fill(answers.help_of(at), {}))
            if at.needs in answers.SAYS_ALL and not at.help:
                return [Event(at, help_)]
            return [Event(at, (*help_, Part("\n\n"), *self._filled(at.text)))]
        self.variables[at.variable] = value
        return list(self._play_from(self._leave(at)))

    def go_on(self) -> list[Event]:
        """Plays on after a pause, or with the request that could not begin. Raises ValueError elsewhere."""
        if isinstance(self.at, Pause):
            self.taken.append((self.at.id, ""))
            return list(self._play_from(self.at.next))
        if isinstance(self.at, Request):
            return list(self._play_from(self.at.id))
        raise ValueError("nothing was waited for")

    def repeat(self) -> list[Event]:
        """The question that waits, once more. Raises ValueError unless there is one."""
        if not isinstance(self.at, Question):
            raise ValueError("nothing was asked")
        return [Event(self.at, self._filled(self.at.text))]

    @property
    def waits(self) -> bool:
        """Whether only time has to pass."""
        return isinstance(self.at, Pause | Request)

    @property
    def ended(self) -> bool:
        return isinstance(self.at, End | HandOver)

    def _play_from(self, id_: str) -> Iterator[Event]:
        for _ in range(MOST_STEPS):
            step = self.at = self.flow.by_id[id_]
            if isinstance(step, Question) and (value := self._known_answer(step)) is not None:
                self.variables[step.variable] = value
            elif isinstance(step, Message):
                self.spoke = True
                yield Event(step, self._filled(step.text))
                if isinstance(step, Question):
                    return
            elif isinstance(step, Request):
                try:
                    self._request(step)
                except NotNow:
                    return
                yield Event(step)
            elif isinstance(step, Pause | End | HandOver):
                yield Event(step)
                return
            id_ = self._leave(step)
        raise RuntimeError(f"{self.flow.name}: {MOST_STEPS} steps without a stop, the last is {id_}")

    def _known_answer(self, question: Question) -> str | None:
        """Not a second time: what a call refused has to be asked."""
        if question.variable in self.variables:
            return None
        given = self.known.get(question.variable)
        return None if given is None else answers.read(question, given)

    def _leave(self, step: Step) -> str:
        label = self._edge_out_of(step)
        self.taken.append((step.id, label))
        return step.edges[label]

    def _edge_out_of(self, step: Step) -> str:
        """The label of the edge that the variables choose."""
        if not isinstance(step, Condition):
            return ""
        value = as_text(self.variables.get(step.variable, "")).strip().lower()
        matching = (case.label for case in step.cases if value in {one.lower() for one in case.values})
        return next(matching, ELSE)

    def _request(self, step: Request) -> None:
        known = self._texts
        values = {name: with_values(text, known) for name, text in step.values.items()}
        reply = self.send(step, values)
        # Without a reply the variables keep their old values: the worst that a platform may do.
        self.variables.update({key: reply[key] for key in step.captures if key in reply} if reply else {})

    def _filled(self, text: str) -> tuple[Part, ...]:
        return tuple(wording.fill(text, self._texts))

    @property
    def _texts(self) -> dict[str, str]:
        return {name: as_text(value) for name, value in self.variables.items()}


def as_text(value: object) -> str:
    """A reply's value as a platform compares and shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
