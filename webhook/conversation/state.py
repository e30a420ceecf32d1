"""What is remembered of a conversation between two calls, and what a call is answered with."""

import hashlib
import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import SimpleNamespace
from typing import Self

from webhook.flows.definition import Question

ASK, WAIT, HAND_OVER, END = "perguntar", "esperar", "transferir", "encerrar"
ACTIONS = (ASK, WAIT, HAND_OVER, END)
"""What a flow does after it has shown the message."""


@dataclass(frozen=True)
class Turn:
    """The reply to one call. Its fields are read by the schema of the reply (schemas/reply.py)."""

    action: str
    message: str
    token: str
    flow: str
    options: tuple[str, ...] = ()
    wait_s: int | None = None
    summary: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def option_lines(self) -> str:
        return "\n".join(self.options)

    @property
    def option(self) -> SimpleNamespace:
        """The options by their numbers."""
        return SimpleNamespace(**{f"n{number}": text for number, text in enumerate(self.options, start=1)})

    @property
    def known(self) -> SimpleNamespace:
        """The facts."""
        return SimpleNamespace(**self.facts)


@dataclass
class State:
    """One conversation. All of it goes into the store as JSON; variables and facts are personal."""

    flow: str
    step: str = ""
    """The block where the player stopped."""
    variables: dict[str, object] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    """The last values of the keys that tell an attendant where the customer stands."""
    asked: str = ""
    """A digest of the question that waits."""
    unplaced: str = ""
    """An answer to a question about a place that was not enough alone."""
    calls: int = 0
    unusable: int = 0
    waits: int = 0
    answered: str = ""
    """A digest of the answer that the last call brought, and of nothing else."""
    answered_at: float = 0.0
    new_question: bool = False
    """Whether the last reply asked something else with the same options: the same answer may come."""
    reply: Turn | None = None

    @property
    def ended(self) -> bool:
        return self.reply is not None and self.reply.action in {HAND_OVER, END}

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> Self:
        values = json.loads(text)
        reply = values.pop("reply")
        turn = None if reply is None else Turn(**(reply | {"options": tuple(reply["options"])}))
        return replace(cls(**values), reply=turn)


def new_token() -> str:
    """Names one reply. Letters only: no platform takes it for a number."""
    return "etapa" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))


def digest(*parts: object) -> str:
    """Tells whether something is the same again, without keeping it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def digest_of(question: Question) -> str:
    """What must not have changed when an answer to it comes."""
    return digest(question.text, question.options, question.variable)
