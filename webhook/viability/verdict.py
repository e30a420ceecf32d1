"""The result of a lookup: is there a viable box, which one, and why not."""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from schemas.ozmap import Pole, ViableBox
from schemas.point import Point
from webhook.outcomes import CATALOGUE, SEM_VIABILIDADE, VIAVEL, Outcome


class Reason(StrEnum):
    """Why not, in the flow author's words. Only with a "no" that OZmap's answers prove."""

    NO_POLE = "sem_poste"
    """Pole mode: no pole near enough that is usable and of a type allowed for sales."""
    NO_BOX = "sem_caixa"
    """No box within the permitted distance that counts; in radius mode OZmap named none at all that counts.

    Boxes "Em projeto" never count, boxes that are not implanted only where the tenant accepts them.
    """
    NO_PORT = "sem_porta"
    """Boxes near enough, none of them with a free service port; in radius mode only refused boxes."""
    TOO_FAR = "distancia"
    """A box with a free port within twice the permitted distance, but not within it."""


@dataclass(frozen=True)
class Verdict:
    """`viable` is None if unknown; `outcome` then says why."""

    outcome: Outcome
    viable: bool | None = None
    reason: Reason | None = None
    failure: str = ""
    """Why OZmap gave no usable answer, for the log."""
    pole: Pole | None = None
    pole_distance_m: float | None = None
    boxes: tuple[ViableBox, ...] = ()
    """All viable ones, nearest first."""
    found_at: float = field(default_factory=time.time, compare=False)
    """Seconds since 1970."""

    @property
    def box(self) -> ViableBox | None:
        """The nearest viable one."""
        return self.boxes[0] if self.boxes else None

    @property
    def viable_boxes(self) -> int | None:
        """The number of viable boxes; None if unknown."""
        return None if self.viable is None else len(self.boxes)


def viable(boxes: Iterable[ViableBox]) -> Verdict:
    """A yes, with all the boxes that prove it."""
    nearest_first = sorted(boxes, key=lambda box: (box.distance_m, box.name))
    return Verdict(VIAVEL, viable=True, boxes=tuple(nearest_first))


def not_viable(reason: Reason) -> Verdict:
    """A no that OZmap's answers prove."""
    return Verdict(SEM_VIABILIDADE, viable=False, reason=reason)


def dumps(verdict: Verdict) -> str:
    """The verdict as JSON text for the store. It contains nothing about the customer."""
    return json.dumps(asdict(verdict) | {"outcome": verdict.outcome.code})


def loads(text: str) -> Verdict:
    """The verdict that `dumps` wrote, in this process or another."""
    values = json.loads(text)
    # JSON has no tuples: points, adjacencies and boxes come back as lists.
    if pole := values["pole"]:
        point, adjacents = Point(*pole["point"]), tuple(pole["adjacents"])
        pole = Pole(**pole | {"point": point, "adjacents": adjacents})
    return Verdict(
        CATALOGUE[values["outcome"]],
        viable=values["viable"],
        reason=values["reason"] and Reason(values["reason"]),
        pole=pole,
        pole_distance_m=values["pole_distance_m"],
        boxes=tuple(ViableBox(**box) for box in values["boxes"]),
        found_at=values.get("found_at", 0.0),
    )
