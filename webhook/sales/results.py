"""What can come of the work on a sale. Each is matched once for the reply and once for the worker."""

from dataclasses import dataclass
from typing import Generic, TypeAlias

from webhook import outcomes
from webhook.outcomes import Outcome
from webhook.sales.records import S


@dataclass(frozen=True)
class Done(Generic[S]):
    """What was asked for has come to its end: `sale` is as it is to be written."""

    sale: S


@dataclass(frozen=True)
class Later:
    """Not now: OZmap gave no answer, or needs more time."""

    reason: str
    due_at: float | None = None
    """Seconds since 1970; None leaves it to the back-off."""


@dataclass(frozen=True)
class Refused:
    """An answer, not a reason to try again at once."""

    outcome: Outcome
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Stuck:
    """Only a person can go on."""

    reason: str


End: TypeAlias = Later | Refused | Stuck

TAKEN = Refused(
    outcomes.DADOS_INVALIDOS,
    "the client code is somebody else's in OZmap",
    "codigo_cliente já é de outro cliente no OZmap",
)
