"""What can go wrong with a call of OZmap, told apart by what is then known of the work it asked for.

`reason` is short, made of our own words and field names, fit for a log. `said` is OZmap's own text: it may
quote the request, with a customer's data in it, so only an operator's console shows it.
"""

from webhook.outcomes import OZMAP_INDISPONIVEL, OZMAP_RECUSOU


class OzmapError(Exception):
    """OZmap gave no answer that can be used."""

    outcome = OZMAP_INDISPONIVEL
    may_be_done = False
    """Whether a write may have been carried out all the same."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.said = said


class OzmapRefused(OzmapError):
    """A definite no: a 4xx that says the request will not be carried out."""

    outcome = OZMAP_RECUSOU


class OzmapUnavailable(OzmapError):
    """Not carried out, and perhaps later: no connection, 429, a redirect, or our own breaker is open."""


class OzmapAmbiguous(OzmapError):
    """No telling whether it was carried out: a timeout or a reset after sending, a 5xx."""

    may_be_done = True


class OzmapUnreadable(OzmapAmbiguous):
    """An answer came that cannot be read, lacks what is needed, or contradicts itself."""
