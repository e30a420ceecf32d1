"""Plays a flow step by step, as a platform does.

Without side effects of its own: the caller passes `send`, which makes the HTTP call of a request step, and
`pause`, which waits.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

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

MOST_STEPS = 200
"""Between two questions: stops a flow that runs in a loop and asks nothing."""

JsonReply = Mapping[str, object] | None
"""The JSON object that a call was answered with; None without a usable reply."""


@dataclass(frozen=True)
class HttpCall:
    """The HTTP request of a request step, with the values of its variables."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """What happened at a step: the bot sent a text, or called the service and got a reply."""

    step: Step
    text: str = ""
    call: HttpCall | None = None
    reply: JsonReply = None


@dataclass
class Player:
    """One conversation. `variables` start with the platform's own."""

    flow: Flow
    send: Callable[[HttpCall], JsonReply]
    variables: dict[str, object] = field(default_factory=dict)
    at: Step | None = None
    """The question that needs an answer, or the step that ended the conversation."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """The edges taken so far: step id and label."""
    pause: Callable[[int], None] = lambda _: None
    """Called with the seconds of each pause step."""

    def start(self) -> list[Event]:
        """Plays up to the first question."""
        return list(self._play_from(self.flow.start))

    def answer(self, text: str) -> list[Event]:
        """Plays on with the customer's answer. Raises ValueError unless a question needs one."""
        if not isinstance(self.at, Question):
            raise ValueError("nothing was asked")
        self.variables[self.at.variable] = text
        self.taken.append((self.at.id, ""))
        return list(self._play_from(self.at.next))

    @property
    def ended(self) -> bool:
        return isinstance(self.at, End | HandOver)

    def _play_from(self, id_: str) -> Iterator[Event]:
        by_id = self.flow.by_id
        for _ in range(MOST_STEPS):
            step = self.at = by_id[id_]
            match step:
                case Message():
                    yield Event(step, self._fill(step.text))
                case Request():
                    yield self._request(step)
                case Pause():
                    self.pause(step.seconds)
                case End() | HandOver():
                    yield Event(step)
            if isinstance(step, Question | End | HandOver):
                return
            label = self._edge_out_of(step)
            self.taken.append((step.id, label))
            id_ = step.edges[label]
        raise RuntimeError(f"{self.flow.name}: {MOST_STEPS} steps without a question, the last is {id_}")

    def _edge_out_of(self, step: Step) -> str:
        """The label of the edge that the variables choose."""
        if not isinstance(step, Condition):
            return ""
        value = as_text(self.variables.get(step.variable, "")).strip().lower()
        matching = (case.label for case in step.cases if value in {one.lower() for one in case.values})
        return next(matching, ELSE)

    def _request(self, step: Request) -> Event:
        call = HttpCall(
            step.method,
            self._fill(step.url),
            {name: self._fill(value) for name, value in step.headers.items()},
            {name: self._fill(value) for name, value in step.body.items()},
        )
        reply = self.send(call)
        # Without a reply the variables keep their old values: the worst that a platform may do.
        self.variables.update({key: reply[key] for key in step.captures if key in reply} if reply else {})
        return Event(step, call=call, reply=reply)

    def _fill(self, text: str) -> str:
        """Replaces the variables. One without a value stays as it is written, as on some platforms."""
        for name in variables_in(text):
            if name in self.variables:
                text = text.replace(f"{{{name}}}", as_text(self.variables[name]))
        return text


def as_text(value: object) -> str:
    """A reply's value as a platform compares and shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
