"""OZmap's network, as far as this project reads it from the answers of its API v2.

Keys that are not needed are ignored. A needed key that is missing or of another type makes the whole
answer unreadable, with the path to the key: it never becomes a None that reads as "no". The shapes and the
defaults are those of OZmap's public documentation and of its SDK (tests/fixtures/ozmap).
"""

from marshmallow import fields

from schemas.ozmap_fields import Amount, Blocked, Coordinates, Count, Flag, Id, Ids, Inside, Outputs, Text
from schemas.point import Point
from schemas.record import RowSchema, key, record, schema_of


@record
class BasePoint:
    """A place in the ground that cables pass: a pole, a point or a junction box."""

    id: str = key(Id())
    point: Point = key(Coordinates(), "coords")
    adjacents: tuple[str, ...] = key(Ids(), default=())


@record
class Pole(BasePoint):
    usable: bool = key(Flag(), default=True)
    type: str | None = key(Id(reference=True), "poleType", default=None)
    name: str = key(Text(), default="")


@record
class PoleType:
    id: str = key(Id())
    viability_allowed: bool = key(Flag(), "viabilityAllowed", default=True)


@record
class Project:
    id: str = key(Id())
    drop: float | None = key(Inside("maxSize", Amount(), allow_none=True), default=None)
    """Longest permitted drop in metres; None where OZmap has none on record."""


@record
class Box:
    id: str = key(Id())
    project: str = key(Id(reference=True))
    draft: bool = key(Flag(), default=False)
    """Em projeto: bars a sale."""
    implanted: bool = key(Flag(), kw_only=True)
    pole: str | None = key(Id(reference=True), default=None)
    name: str = key(Text(), default="")


@record
class Splitter:
    id: str = key(Id())
    box: str = key(Id(reference=True), "parent")
    drop: bool = key(Flag(), "isDrop")
    """Takes customers ("splitter de atendimento")."""
    outputs: tuple[bool, ...] = key(Inside("output", Outputs()), "connectables")
    """Whether each output is connected, from port 1 on."""
    blocked: tuple[bool, ...] = key(Blocked(), "ports", default=())
    """By position as `outputs`; older splitters have none of it."""

    @property
    def free_ports(self) -> int:
        """Outputs that can take a customer: of a drop splitter, not connected, not blocked."""
        if not self.drop:
            return 0
        blocked = self.blocked + (False,) * len(self.outputs)
        return sum(not (taken or barred) for taken, barred in zip(self.outputs, blocked, strict=False))


@record
class ViableBox:
    """A box that can be sold: by radius OZmap says so, by pole we do."""

    id: str = key(Id())
    distance_m: float = key(Amount(), "distance")
    """By radius the straight line from the customer; by pole the path along the poles from the first one."""
    implanted: bool = key(Flag())
    free_ports: int = key(Count(), "availability")
    project: str = key(Id(reference=True))
    name: str = key(Text(), default="")


@record
class RadiusViability:
    """Answer of `ftth-viability/radius`."""

    viable: bool = key(Flag())
    boxes: list[ViableBox] = key(fields.Nested(schema_of(ViableBox, RowSchema), many=True))
    refused_boxes: list[object] = key(fields.List(fields.Raw(allow_none=True)))
    """Boxes in the circle without feasibility; the shape of an element is unknown."""


# Made once: making a schema costs more than loading a record with it.
BASE_POINTS = schema_of(BasePoint, RowSchema)()
POLES = schema_of(Pole, RowSchema)()
POLE_TYPES = schema_of(PoleType)()
PROJECTS = schema_of(Project)()
BOXES = schema_of(Box, RowSchema)()
SPLITTERS = schema_of(Splitter, RowSchema)()
RADIUS_VIABILITY = schema_of(RadiusViability, RowSchema)()
