"""Failures of Huggy's API, by what is then known about the message or flow start."""

from webhook.platforms.base import NotifyError


class HuggyError(NotifyError):
    """Huggy did not say that it was done."""


class HuggyRefused(HuggyError):
    """Not done, and a repeat cannot help: the token, the chat or the flow is wrong."""

    final = True


class HuggyUnavailable(HuggyError):
    """Not done; a later repeat may succeed."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class HuggyAmbiguous(HuggyError):
    """It may have been done."""

    may_be_done = True
