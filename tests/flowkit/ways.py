"""The ways in which a written conversation is played, and the outcome that each of them must have.

direct   block by block, as a platform plays the whole flow; each action over its own route
led      through `conversa`: the service plays the flow
loop     through `conversa`, by the flow that a platform has for it, over a socket
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from flowkit.led import Led
from sandbox import Sandbox
from tests.flowkit.scenario import Scenarios
from webhook.conversation.state import END, State
from webhook.flows import loading
from webhook.flows.definition import ELSE, Condition, Flow, HandOver, Request
from webhook.flows.dialogue import Ask, Dialogue
from webhook.flows.expand import expand
from webhook.flows.play import Event, JsonReply, Player, as_text
from webhook.store.tables import conversations

CONVERSATION = "conversa_id-1"
OWN = {"conversa_id": CONVERSATION, "provedor": "o nosso provedor", "dias": "30"}
"""What the service puts in for the tenant of the tests."""
LOOP = expand(loading.loop())
WORDS, OTHER = "(a word for a person)", "(any other answer)"
"""Edges of a question that its conversation does not write down."""
_LINK = re.compile(r"/l/\S+")
_ID = re.compile(r"\b[0-9a-f]{24}\b")

Post = Callable[[str, Mapping[str, object]], JsonReply]


@dataclass(frozen=True)
class Outcome:
    """What a conversation leaves: requests that change OZmap, the variables of its flow, the last step."""

    writes: list[str]
    variables: dict[str, str]
    last: str


@dataclass
class Direct:
    """A script's Talk with the blocks themselves."""

    player: Player
    scenarios: Scenarios
    post: Post

    @property
    def at(self) -> str:
        return self.player.at.origin if self.player.at else ""

    @property
    def variables(self) -> Mapping[str, object]:
        return self.player.variables

    def start(self) -> list[str]:
        return self._until_stop(self.player.start())

    def answer(self, said: str) -> list[str]:
        return self._until_stop(self.player.answer(said))

    def call(self, action: str, values: Mapping[str, object]) -> JsonReply:
        return self.post(action, {"conversa_id": CONVERSATION, **values})

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        self.scenarios.submit(url, form)

    def ended_at(self, step: str) -> bool:
        return self.player.ended and self.at == step

    def value_of(self, variable: str) -> str:
        return as_text(self.variables.get(variable))

    def _until_stop(self, events: list[Event]) -> list[str]:
        texts = [event.text for event in events]
        while self.player.waits:
            self._pause()
            texts += [event.text for event in self.player.go_on()]
        return texts

    def _pause(self) -> None:
        self.scenarios.pause(self.player.at.seconds)


@dataclass
class Looped(Direct):
    """A Talk through the loop's blocks. The conversation that they lead is in the store."""

    flow: Flow
    reply: JsonReply = None

    def send(self, _: Request, values: Mapping[str, str]) -> JsonReply:
        self.reply = self.post("conversa", values)
        return self.reply

    @property
    def at(self) -> str:
        """The step of the conversation, if it is over; else the loop's own."""
        state = state_of(self.scenarios)
        if not (self.player.ended and state.ended):
            return super().at
        assert isinstance(self.player.at, HandOver) is (self.reply["acao"] != END)
        return self.flow.by_id[state.step].origin

    @property
    def variables(self) -> Mapping[str, object]:
        return state_of(self.scenarios).variables

    def _pause(self) -> None:
        # The loop's pauses are all the same; the scenario wants to know which step's they are.
        self.scenarios.pause((self.reply or {}).get("espera_s") or self.player.at.seconds)


@dataclass
class Stored(Led):
    """Led, with what the store says of the conversation."""

    scenarios: Scenarios = field(kw_only=True)

    @property
    def last(self) -> str:
        return self.flow.by_id[state_of(self.scenarios).step].origin

    @property
    def variables(self) -> Mapping[str, object]:
        return state_of(self.scenarios).variables

    def ended_at(self, step: str) -> bool:
        return state_of(self.scenarios).ended and self.last == step

    def value_of(self, variable: str) -> str:
        return as_text(self.variables.get(variable))


def outcome(talk: Direct | Stored, flow: Flow, sandbox: Sandbox) -> Outcome:
    """What the conversation left."""
    values = {name: as_text(talk.variables.get(name)) for name in flow.sets}
    # A link is another one in each store.
    variables = {name: _LINK.sub("/l/LINK", value) for name, value in values.items()}
    writes = [
        _ID.sub("ID", f"{one.method} {one.path} {one.status} {one.body}")
        for one in sandbox.requests
        if one.method != "GET"
    ]
    return Outcome(writes, variables, talk.last if isinstance(talk, Stored) else talk.at)


def state_of(scenarios: Scenarios) -> State:
    """The conversation as it is stored; an empty one if it is not."""
    mine = conversations.c.conversation == f"{scenarios.platform}:{CONVERSATION}"
    with scenarios.store.read() as connection:
        text = connection.scalar(select(conversations.c.state).where(mine))
    return State.of_json(text) if text else State("")


def edges_of(dialogue: Dialogue) -> set[tuple[str, str]]:
    """Every edge of a conversation, with those that it does not write down: step and label."""
    edges = {(id_, label) for id_, piece in dialogue.steps.items() for label in piece.edges}
    for id_, piece in dialogue.steps.items():
        if isinstance(piece, Ask):
            edges |= {(id_, WORDS), (id_, "" if piece.next else OTHER)}
    return edges


def edges_behind(
    dialogue: Dialogue, flow: Flow, taken: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The edges of the conversation that the blocks' edges were made from."""
    for id_, edge in taken:
        block = flow.by_id[id_]
        following = flow.by_id[block.edges[edge]].origin
        if following == block.origin and not isinstance(block, Condition):
            continue  # between two blocks of one step
        piece = dialogue.steps[block.origin]
        is_answer = isinstance(piece, Ask) and isinstance(block, Condition)
        label = _label(piece, block, edge) if is_answer else edge
        yield piece.id, label
        target = (piece.edges | {WORDS: dialogue.person, OTHER: dialogue.person})[label]
        while target != following:
            yield target, "esgotou"
            target = dialogue.steps[target].edges["esgotou"]


def _label(ask: Ask, block: Condition, label: str) -> str:
    if label == ELSE:
        return "" if ask.next else OTHER
    first = next(case.values[0] for case in block.cases if case.label == label)
    return first if first in ask.options else WORDS
