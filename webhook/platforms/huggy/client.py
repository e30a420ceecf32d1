"""Two calls of Huggy's API v3, each tried once, within a deadline.

Both are taken from programs that use them (no page of Huggy's shows them); nothing here was tried against a
live account. Answers are told apart by their status alone: what their bodies hold is not documented.
"""

from collections.abc import Mapping

from webhook.net import http
from webhook.net.deadline import Deadline
from webhook.net.sockets import tls_context
from webhook.platforms.huggy.errors import HuggyAmbiguous, HuggyError, HuggyRefused, HuggyUnavailable

LONGEST_PAUSE = 3600.0
"""Seconds that a Retry-After may ask for."""
SAYS_IT_FAILED = {408, 429, 500, 502, 503}
"""Statuses that are taken at their word; any other 5xx does not know what became of the request (504)."""


class HuggyClient:
    """One tenant's. May be shared by threads."""

    def __init__(self, base: str, token: str) -> None:
        # Notices are rare: Huggy has mostly closed a kept connection by the next one, and a reset on it would
        # look like a message that may have arrived.
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Connection": "close",
        }
        self._model = http.prepared("POST", base, headers)
        self._tls = tls_context(None)

    def message(self, chat: str, text: str, deadline: Deadline) -> None:
        """Says it in the chat. Raises HuggyError."""
        self._post(chat, "messages", {"text": text}, deadline)

    def start_flow(self, chat: str, flow: int, deadline: Deadline) -> None:
        """Lets a flow take the chat over. Raises HuggyError."""
        self._post(chat, "flow", {"flowId": flow}, deadline)

    def _post(self, chat: str, what: str, body: Mapping[str, str | int], deadline: Deadline) -> None:
        try:
            request = http.derived(self._model, "POST", f"chats/{http.segment(chat)}/{what}", body)
        except ValueError:
            raise HuggyRefused("no chat has such an id") from None
        try:
            # The body of the answer is not read: the status says it all, and a broken body changes nothing.
            answer = http.exchange(request, self._tls, deadline, max_body=0)
        except http.NotSent as error:
            raise HuggyUnavailable(error.reason) from None
        except http.ExchangeError as error:
            raise HuggyAmbiguous(error.reason) from None
        if not 200 <= answer.status < 300:
            raise _error(answer)


def _error(answer: http.Answer) -> HuggyError:
    status = answer.status
    if 300 <= status < 400:
        return HuggyUnavailable(f"{status}: HUGGY_API_URL redirects, set it to the final address")
    if status in SAYS_IT_FAILED:
        pause = answer.retry_after()
        return HuggyUnavailable(str(status), pause if pause is None else min(pause, LONGEST_PAUSE))
    if status < 500:
        return HuggyRefused(str(status))
    return HuggyAmbiguous(str(status))
