"""Plays written conversations through Node-RED."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowkit.script import Script
from tests.conftest import STYLES
from tests.flowkit import playing
from tests.flowkit.playing import FLOWS
from tests.flowkit.ways import CONVERSATION, Outcome, Stored
from tests.nodered.running import NodeRed

NAME = "contratacao"
CUSTOMER = {"conversa_id": CONVERSATION}


@dataclass
class Paced:
    """A WSGI application. `pause` gets the seconds that a reply asked for when the next call comes."""

    application: Callable[..., Iterable[bytes]]
    pause: Callable[[int], None]
    wait: int | None = None

    def __call__(self, *call: Any) -> Iterable[bytes]:
        if self.wait:
            self.pause(self.wait)
        body = b"".join(self.application(*call))
        wait = json.loads(body)["espera_s"]
        self.wait = int(wait) if wait else None
        return [body]


@dataclass
class ThroughNodeRed(Stored):
    """A script's Talk with Node-RED, which calls the webhook and waits where that says so."""

    enter: Callable[[Mapping[str, object]], Any] = field(kw_only=True)

    def _turn(self, said: Mapping[str, object]) -> list[str]:
        token = {"etapa": self.reply["etapa"]} if self.reply else {}
        left = self.enter(CUSTOMER | token | said)
        self.reply = left | {"acao": left["saida"]}
        return list(left["mensagens"])


class Playing(playing.Playing):
    """Plays scripts in one more way."""

    node_red: NodeRed

    def through_node_red(self, written: Script, platform: str) -> Outcome:
        """Through `conversa`, by the loop in Node-RED."""
        with self._scenarios(written, NAME, platform, STYLES) as scenarios:
            self._server.app = Paced(scenarios.wsgi, scenarios.pause)
            talk = ThroughNodeRed(
                NAME,
                CONVERSATION,
                scenarios.post,
                scenarios.pause,
                FLOWS[NAME],
                form=scenarios.submit,
                scenarios=scenarios,
                enter=lambda body: self.node_red.post(platform, body),
            )
            return self._run(written, talk, FLOWS[NAME])
