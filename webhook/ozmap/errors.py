"""What can go wrong with a call to OZmap. Each class says whether the requested work was carried out.

`reason` is short, made of our own words and field names, fit for a log. `message` is OZmap's own text, up to
1,000 characters: it may quote the request, with a customer's data in it, so it is for the operator alone.
"""

from webhook.outcomes import OCUPADO, OZMAP_INDISPONIVEL, OZMAP_RECUSOU


class OzmapError(Exception):
    """OZmap gave no usable answer."""

    outcome = OZMAP_INDISPONIVEL
    may_be_done = False
    """True if a write may have been carried out nevertheless."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = message


class OzmapRefused(OzmapError):
    """A definite no: a 4xx that says the request will not be carried out."""

    outcome = OZMAP_RECUSOU


class OzmapUnavailable(OzmapError):
    """Not carried out; a later try may work: no connection, 429, a redirect, or our breaker is open."""


class OzmapTooMuch(OzmapUnavailable):
    """This process has its hands full: with a large answer, or with as many reads as OZmap gets at once."""

    outcome = OCUPADO


class OzmapAmbiguous(OzmapError):
    """We cannot know whether it was carried out: a timeout or a reset after sending, a 5xx."""

    may_be_done = True


class OzmapUnreadable(OzmapAmbiguous):
    """The answer cannot be read, lacks a needed key, or contradicts itself."""
