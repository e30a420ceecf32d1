"""What can go wrong with a call of Huggy's API, told apart by what is then known of the work it asked for.

`reason` is our own words and the status, fit for a log; nothing of Huggy's text, which may quote the message.
"""


class HuggyError(Exception):
    """Huggy did not say that it was done."""

    may_be_done = False
    """Whether the customer may have got it all the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HuggyRefused(HuggyError):
    """A definite no that no repeat changes: the token, the chat, the flow."""


class HuggyUnavailable(HuggyError):
    """Not done, and perhaps later."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        """Seconds that Huggy asks to be left alone."""


class HuggyAmbiguous(HuggyError):
    """No telling whether it was done."""

    may_be_done = True
