"""Notices in Huggy: a message in the chat, then the tenant's continuation flow, over two calls of API v3.

Both are taken from programs that use them (no page of Huggy's shows them); nothing here was tried against a
live account. Answers are told apart by their status alone: what their bodies hold is not documented.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from schemas.tenants import Tenant
from webhook.net import http
from webhook.net.deadline import Deadline
from webhook.net.sockets import tls_context
from webhook.platforms.base import Notifier, NotifyError

if TYPE_CHECKING:
    from webhook.settings import Settings

LONGEST_PAUSE = 3600.0
"""Seconds that a Retry-After may ask for."""
SAYS_IT_FAILED = {408, 429, 500, 502, 503}
"""Statuses that are taken at their word; any other 5xx does not know what became of the request (504)."""


class HuggyNotifier(Notifier):
    """Each call is tried once."""

    setting = "HUGGY_API_TOKEN"

    def __init__(self, base: str, token: str, flow: int | None) -> None:
        # Notices are rare: Huggy has mostly closed a kept connection by the next one, and a reset on it would
        # look like a message that may have arrived.
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Connection": "close"}
        self._model = http.prepared("POST", base, headers)
        self._tls = tls_context(None)
        self._flow = flow
        self.has_flow = flow is not None

    @staticmethod
    def is_set_up(tenant: Tenant) -> bool:
        return bool(tenant.huggy_api_token)

    @classmethod
    def of(cls, tenant: Tenant, settings: "Settings") -> Self | None:
        if not tenant.huggy_api_token:
            return None
        return cls(settings.huggy_api_url, tenant.huggy_api_token, tenant.huggy_flow)

    def message(self, chat: str, text: str, deadline: Deadline) -> None:
        self._post(chat, "messages", {"text": text}, deadline)

    def start_flow(self, chat: str, deadline: Deadline) -> None:
        if self._flow is not None:
            self._post(chat, "flow", {"flowId": self._flow}, deadline)

    def _post(self, chat: str, what: str, body: Mapping[str, str | int], deadline: Deadline) -> None:
        try:
            request = http.derived(self._model, "POST", f"chats/{http.segment(chat)}/{what}", body)
        except ValueError:
            raise NotifyError("no chat has such an id", final=True) from None
        try:
            # The body of the answer is not read: the status says it all, and a broken body changes nothing.
            answer = http.exchange(request, self._tls, deadline, max_body=0)
        except http.ExchangeError as error:
            raise NotifyError(error.reason, may_be_done=not isinstance(error, http.NotSent)) from None
        if not 200 <= answer.status < 300:
            raise _error(answer)


def _error(answer: http.HttpAnswer) -> NotifyError:
    status = answer.status
    if 300 <= status < 400:
        return NotifyError(f"{status}: HUGGY_API_URL redirects, set it to the final address")
    if status in SAYS_IT_FAILED:
        pause = answer.retry_after()
        return NotifyError(str(status), retry_after=pause if pause is None else min(pause, LONGEST_PAUSE))
    return NotifyError(str(status), final=status < 500, may_be_done=status >= 500)
