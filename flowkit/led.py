"""A conversation that a service leads, as the loop of a platform's flow plays it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flowkit.script import ScriptFailed
from webhook.conversation.state import ASK, END, HAND_OVER, WAIT
from webhook.flows.definition import Flow, HandOver
from webhook.flows.play import JsonReply

Post = Callable[[str, Mapping[str, object]], JsonReply]
"""Calls an action with values."""


@dataclass
class Led:
    """A script's Talk through the action `conversa`. `flow` is the conversation `name`, if it is known."""

    name: str
    conversation_id: str
    post: Post
    pause: Callable[[int], None]
    flow: Flow | None = None
    note: Callable[[str], None] = lambda _: None
    """Gets a line for each thing that happens."""
    form: Callable[[str, Mapping[str, str]], None] = lambda *_: None
    reply: Mapping[str, object] = field(default_factory=dict)
    """The last one."""

    @property
    def at(self) -> str:
        """The service does not say at which step a conversation is."""
        return str(self.reply.get("acao", ""))

    def start(self) -> list[str]:
        """See Talk."""
        return self._turn({})

    def answer(self, said: str) -> list[str]:
        """See Talk."""
        if self.at != ASK:
            raise ValueError("nothing was asked")
        self.note(f"cliente: {said}")
        return self._turn({"resposta": said})

    def call(self, action: str, values: Mapping[str, object]) -> JsonReply:
        """See Talk."""
        return self.post(action, {"conversa_id": self.conversation_id, **values})

    def submit(self, url: str, form: Mapping[str, str]) -> None:
        """See Talk."""
        self.form(url, form)

    def ended_at(self, step: str) -> bool:
        """See Talk. Of the step only its kind can be seen: whether a person takes over."""
        if self.flow is None:
            return self.at in {HAND_OVER, END}
        blocks = [block for block in self.flow.steps if block.origin == step and not block.edges]
        return self.at in {HAND_OVER if isinstance(block, HandOver) else END for block in blocks}

    def value_of(self, variable: str) -> str | None:
        """See Talk. Variables stay with the service."""
        self.note(f"variavel: {variable} (not checked: the service keeps it)")
        return None

    def _turn(self, said: Mapping[str, object]) -> list[str]:
        texts = [self._call(said)]
        while self.at == WAIT:
            self.pause(int(str(self.reply["espera_s"])))
            texts.append(self._call({}))
        return texts

    def _call(self, said: Mapping[str, object]) -> str:
        token = {"etapa": self.reply["etapa"]} if self.reply.get("etapa") else {}
        reply = self.call("conversa", {"fluxo": self.name, **token, **said})
        if reply is None or "acao" not in reply:
            raise ScriptFailed(f"no reply of conversa, but {reply}")
        self.reply = reply
        self.note(f"bot: {reply['mensagem']}\n  {reply['codigo']}: {reply['acao']}")
        return str(reply["mensagem"])
