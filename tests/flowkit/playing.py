"""Plays written conversations in every way, each time with a sandbox and a store as new."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer

from flowkit import script
from flowkit.script import Script
from sandbox import Sandbox
from schemas.tenants import Tenant
from tests.conftest import STYLES
from tests.flowkit.scenario import LONG, TRACELESS, Scenarios
from tests.flowkit.ways import CONVERSATION, LOOP, OWN, Direct, Looped, Outcome, Stored, outcome
from webhook import create_app
from webhook.conversation import lead
from webhook.flows import loading
from webhook.flows.definition import Flow
from webhook.flows.expand import expand
from webhook.flows.play import Player
from webhook.platforms import PLATFORMS
from webhook.settings import Settings
from webhook.store import Store
from webhook.store.tables import metadata

HERE = Path(__file__).parent / "conversations"
SCRIPTS = {path: script.read(path.read_text(encoding="utf-8")) for path in sorted(HERE.rglob("*.txt"))}
DIALOGUES = loading.built_in()
FLOWS = {name: expand(dialogue) for name, dialogue in DIALOGUES.items()}
TEXT = STYLES | {name: "text" for name, platform in PLATFORMS.items() if "text" in platform.styles}
"""The value styles of platforms whose variables are text, as those of a conversation are."""


@dataclass(frozen=True)
class Services:
    """What applications are made of. `empty_store` is the file of a store without rows.

    Making an application takes longer than most scripts, so the scripts share one if they can.
    """

    sandbox: Sandbox
    empty_store: Path
    shared_store: Path
    tenants: dict[str, Tenant] = field(default_factory=dict)
    """One for each conversation: its customers are led through that one."""
    shared: dict[str, Flask] = field(default_factory=dict)
    """By the style of values on 5Hub."""

    def __post_init__(self) -> None:
        for name in DIALOGUES:
            keys = {platform: (f"key-of-{platform}-{name}",) for platform in PLATFORMS}
            self.tenants[name] = Tenant(
                f"isp-{name}", self.sandbox.url, self.sandbox.token, keys, conversation=name
            )
        shutil.copy(self.empty_store, self.shared_store)
        options = {"database_url": f"sqlite:///{self.shared_store}", "reply_deadline": LONG}
        for styles in (TEXT, STYLES):
            app = self.make(*self.tenants.values(), styles=styles, **options)
            self.shared[styles["fivehub"]] = app

    def make(self, *tenants: Tenant, **options: object) -> Flask:
        """An application with settings of its own."""
        services = {
            "geocoder_url": f"{self.sandbox.url}/nominatim",
            "cep_url": f"{self.sandbox.url}/viacep",
        }
        return create_app(Settings(tenants=tenants, **(services | options)))


class Playing:
    """Plays scripts and gives what each of them left."""

    def __init__(
        self, services: Services, take_back: Callable[[], None], folder: Path, server: BaseWSGIServer
    ) -> None:
        self._services, self._take_back, self._server = services, take_back, server
        self._files = (folder / f"{number}.db" for number in count())

    def direct(self, written: Script, name: str, platform: str) -> Outcome:
        """Block by block."""
        with self._scenarios(written, name, platform, TEXT) as scenarios:
            player = Player(FLOWS[name], lambda step, values: scenarios.post(step.calls, values), dict(OWN))
            return self._run(written, Direct(player, scenarios, scenarios.post), FLOWS[name])

    def led(self, written: Script, name: str, platform: str, taken: list[tuple[str, str]]) -> Outcome:
        """Through `conversa`; the blocks' edges go into `taken`."""
        with (
            self._scenarios(written, name, platform, STYLES) as scenarios,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(lead, "Player", partial(Player, taken=taken))
            talk = Stored(
                name,
                CONVERSATION,
                scenarios.post,
                scenarios.pause,
                FLOWS[name],
                form=scenarios.submit,
                scenarios=scenarios,
            )
            return self._run(written, talk, FLOWS[name])

    def loop(
        self,
        written: Script,
        name: str,
        platform: str,
        taken: list[tuple[str, str]],
        *,
        reads_errors: bool = True,
    ) -> Outcome:
        """Through the loop, over a socket; the loop's edges go into `taken`."""
        with self._scenarios(written, name, platform, STYLES) as scenarios:
            self._server.app = scenarios.wsgi
            post = scenarios.post_to(f"http://127.0.0.1:{self._server.port}", reads_errors)
            talk = Looped(
                Player(LOOP, lambda *_: None, {"conversa_id": CONVERSATION}, taken=taken),
                scenarios,
                post,
                FLOWS[name],
            )
            talk.player.send = talk.send
            return self._run(written, talk, FLOWS[name])

    def _run(self, written: Script, talk: Direct | Stored, flow: Flow) -> Outcome:
        assert written.lines[-1].kind == "fim"
        with talk.scenarios.occupied():
            script.run(written, talk, talk.scenarios.change)
        return outcome(talk, flow, self._services.sandbox)

    @contextmanager
    def _scenarios(
        self, written: Script, name: str, platform: str, styles: dict[str, str]
    ) -> Iterator[Scenarios]:
        services = self._services
        services.sandbox.requests.clear()
        if any(line.kind == "mundo" and line.text not in TRACELESS for line in written.lines):
            # A new file for each: SQLite would replay the log of the database that it replaces.
            path, app = shutil.copy(services.empty_store, next(self._files)), None
        else:
            path, app = services.shared_store, services.shared[styles["fivehub"]]
            _empty(Store(f"sqlite:///{path}"))
        make_app = partial(services.make, styles=styles, database_url=f"sqlite:///{path}")
        try:
            yield Scenarios(
                platform, make_app, services.tenants[name], services.sandbox, Store(f"sqlite:///{path}"), app
            )
        finally:
            services.sandbox.faults.clear()
            self._take_back()


def _empty(store: Store) -> None:
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "installation":
                connection.execute(table.delete())
