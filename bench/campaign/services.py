"""The webs and workers of a campaign: two installations that know nothing of each other, on one OZmap."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from bench.campaign.conversations import Conversation, Heard
from bench.campaign.plan import INSTALLATIONS, KEYS, Plan
from bench.processes import Service, Webhook, webhook
from sandbox import Sandbox
from webhook.store import StoreUnavailable

NO_CONNECTION = str(StoreUnavailable())
"""Last words of a process that starts while PostgreSQL still counts the connections of the killed."""
PATIENCE = 30.0
"""Seconds that a flow waits for a reply, at most: a reply takes REPLY_DEADLINE, a killed process none."""


@dataclass(frozen=True)
class Services:
    """In the order of INSTALLATIONS."""

    installations: Sequence[Webhook]
    _one_looks: threading.Lock = field(default_factory=threading.Lock)
    """All at once would keep the machine from starting what they look for."""

    @property
    def webs(self) -> list[Service]:
        return [one.web for one in self.installations]

    @property
    def workers(self) -> list[Service]:
        return [one.worker for one in self.installations]

    def check(self) -> None:
        """Starts those again that found no connection left. Raises RuntimeError for others that ended."""
        for service in (*self.webs, *self.workers):
            service.check(NO_CONNECTION)

    def call(self, talk: Conversation, action: str) -> Heard:
        """One call of a flow. One that gets no reply returns when the web that was killed is back.

        Raises RuntimeError when it does not come back.
        """
        pairs = zip(INSTALLATIONS, self.installations, strict=True)
        (ours,) = (one for sites, one in pairs if talk.site in sites)
        form = "data" if talk.platform == "huggy" else "json"
        try:
            answer = requests.post(
                f"http://127.0.0.1:{ours.port}/{talk.platform}/{action}",
                headers={"X-Webhook-Key": KEYS[talk.site][talk.platform]},
                timeout=PATIENCE,
                **{form: talk.values},
            )
            return Heard(action, answer.json())
        except requests.RequestException:
            with self._one_looks:
                ours.web.listens(ours.port, NO_CONNECTION)
            return Heard(action)


@contextmanager
def services(plan: Plan, sandbox: Sandbox, databases: Iterable[str]) -> Iterator[Services]:
    """On an empty store each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        started = []
        for sites, url in zip(INSTALLATIONS, databases, strict=True):
            settings = plan.settings(sites, (sandbox.url, sandbox.token), folder) | {"DATABASE_URL": url}
            started.append(stack.enter_context(webhook(settings, plan.through)))
        yield Services(started)
