"""Two calls of Huggy's API v3, each tried once, within a deadline.

Both are taken from programs that use them (no page of Huggy's shows them); nothing here was tried against a
live account. Answers are told apart by their status alone: what their bodies hold is not documented.
"""

from collections.abc import Mapping

import requests
from urllib3.exceptions import HTTPError, InvalidHeader, NewConnectionError, ReadTimeoutError
from urllib3.util import Retry

from webhook.net.deadline import Deadline
from webhook.net.sockets import segment, session, tls_context, total_deadline
from webhook.platforms.huggy.errors import HuggyAmbiguous, HuggyError, HuggyRefused, HuggyUnavailable

LONGEST_PAUSE = 3600.0
"""Seconds that a Retry-After may ask for."""
SAYS_IT_FAILED = {408, 429, 500, 502, 503}
"""Statuses that are taken at their word; any other 5xx does not know what became of the request (504)."""


class HuggyClient:
    """One tenant's. May be shared by threads."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        # Notices are rare: a connection that was kept would mostly be one that Huggy has dropped by then, and
        # a reset on it would look like a message of unknown fate.
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Connection": "close",
        }
        self._tls = tls_context(None)

    def message(self, chat: str, text: str, deadline: Deadline) -> None:
        """Says it in the chat. Raises HuggyError."""
        self._post(chat, "messages", {"text": text}, deadline)

    def start_flow(self, chat: str, flow: int, deadline: Deadline) -> None:
        """Lets a flow take the chat over. Raises HuggyError."""
        self._post(chat, "flow", {"flowId": flow}, deadline)

    def _post(self, chat: str, what: str, body: Mapping[str, str | int], deadline: Deadline) -> None:
        try:
            url = f"{self._base}/chats/{segment(chat)}/{what}"
        except ValueError:
            raise HuggyRefused("no chat has such an id") from None
        own = session(self._tls)
        request = own.prepare_request(requests.Request("POST", url, json=body, headers=self._headers))
        try:
            # The adapter and not the session, which would read the body of a redirect, however large.
            send = own.get_adapter(url).send
            with (
                total_deadline(deadline),
                send(request, stream=True, timeout=max(deadline.remaining(), 0.001)) as response,
            ):
                if not 200 <= response.status_code < 300:
                    raise _error(response)
        except requests.ConnectTimeout:
            raise HuggyUnavailable("no connection in time") from None
        except (requests.Timeout, ReadTimeoutError):
            raise HuggyAmbiguous("timeout") from None
        except requests.ConnectionError as error:
            if isinstance(getattr(error.args[0], "reason", None), NewConnectionError):
                raise HuggyUnavailable("no connection") from None
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise HuggyUnavailable("TLS: certificate not accepted") from None
            raise HuggyAmbiguous("connection broken") from None
        except (requests.RequestException, HTTPError):
            raise HuggyAmbiguous("not HTTP") from None


def _error(response: requests.Response) -> HuggyError:
    status = response.status_code
    if 300 <= status < 400:
        return HuggyUnavailable(f"{status}: HUGGY_API_URL redirects, set it to the final address")
    if status in SAYS_IT_FAILED:
        return HuggyUnavailable(str(status), _retry_after(response))
    if status < 500:
        return HuggyRefused(str(status))
    return HuggyAmbiguous(str(status))


def _retry_after(response: requests.Response) -> float | None:
    try:
        return min(Retry().parse_retry_after(response.headers["Retry-After"]), LONGEST_PAUSE)
    except (KeyError, InvalidHeader):
        return None
