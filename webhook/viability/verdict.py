"""What a feasibility finds out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from schemas.fields import Mode
from schemas.ozmap import Pole, ViableBox
from webhook.location.place import Place, Rough
from webhook.outcomes import SEM_VIABILIDADE, VIAVEL, Outcome


class Reason(StrEnum):
    """Why not, in the flow author's words. Only with a "no" that OZmap's answers prove."""

    NO_POLE = "sem_poste"
    """Pole mode: no pole near enough that is usable and of a type allowed for sales."""
    NO_BOX = "sem_caixa"
    """No box within the permitted way that counts; in radius mode OZmap named none at all that counts.

    Boxes "Em projeto" never count, boxes that are not implanted only where the tenant takes them.
    """
    NO_PORT = "sem_porta"
    """Boxes near enough, none of them with a free service port; in radius mode only refused boxes."""
    TOO_FAR = "distancia"
    """A box with a free port within twice the permitted way, but not within it."""


@dataclass(frozen=True)
class Verdict:
    """`viable` is None when nobody knows, and `outcome` then says why."""

    outcome: Outcome
    viable: bool | None = None
    reason: Reason | None = None
    mode: Mode | None = None
    place: Place | Rough | None = None
    pole: Pole | None = None
    pole_distance_m: float | None = None
    boxes: tuple[ViableBox, ...] = ()
    """All viable ones, nearest first."""

    @property
    def box(self) -> ViableBox | None:
        """The nearest viable one."""
        return self.boxes[0] if self.boxes else None

    @property
    def viable_boxes(self) -> int | None:
        """How many; None where nobody knows."""
        return None if self.viable is None else len(self.boxes)

    def at(self, place: Place, mode: Mode) -> "Verdict":
        """The same verdict, with what was asked."""
        return replace(self, place=place, mode=mode)


def viable(boxes: Iterable[ViableBox]) -> Verdict:
    """A yes, with all the boxes that prove it."""
    nearest_first = sorted(boxes, key=lambda box: (box.distance_m, box.name))
    return Verdict(VIAVEL, viable=True, boxes=tuple(nearest_first))


def not_viable(reason: Reason) -> Verdict:
    """A no that OZmap's answers prove."""
    return Verdict(SEM_VIABILIDADE, viable=False, reason=reason)
