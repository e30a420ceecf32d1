"""OZmap's network, as far as this project reads it from the answers of its API v2.

Keys that are not needed are ignored. A needed key that is missing or of another type makes the whole
answer unreadable, with the path to the key: it never becomes a None that reads as "no". The shapes and the
defaults are those of OZmap's public documentation and of its SDK (tests/fixtures/ozmap).
"""

from dataclasses import dataclass

from marshmallow import fields

from schemas.ozmap_fields import Amount, Blocked, Coordinates, Count, Flag, Id, Ids, Inside, Outputs, Text
from schemas.point import Point
from schemas.record import R, RecordSchema, RowSchema


@dataclass(frozen=True)
class BasePoint:
    """A place in the ground that cables pass: a pole, a point or a junction box."""

    id: str
    point: Point
    adjacents: tuple[str, ...]


class _NodeSchema(RowSchema[R]):
    id = Id(required=True)
    point = Coordinates(data_key="coords", required=True)
    adjacents = Ids(load_default=())


class BasePointSchema(_NodeSchema[BasePoint]):
    record = BasePoint


@dataclass(frozen=True)
class Pole(BasePoint):
    usable: bool
    type: str | None
    name: str = ""


class PoleSchema(_NodeSchema[Pole]):
    record = Pole

    usable = Flag(load_default=True)
    type = Id(data_key="poleType", reference=True, load_default=None)
    name = Text()


@dataclass(frozen=True)
class PoleType:
    id: str
    viability_allowed: bool


class PoleTypeSchema(RecordSchema[PoleType]):
    record = PoleType

    id = Id(required=True)
    viability_allowed = Flag(data_key="viabilityAllowed", load_default=True)


@dataclass(frozen=True)
class Project:
    id: str
    drop: float | None
    """Longest permitted drop in metres; None where OZmap has none on record."""


class ProjectSchema(RecordSchema[Project]):
    record = Project

    id = Id(required=True)
    drop = Inside("maxSize", Amount(), load_default=None, allow_none=True)


@dataclass(frozen=True)
class Box:
    id: str
    project: str
    draft: bool
    """Em projeto: bars a sale."""
    implanted: bool
    pole: str | None
    name: str = ""


class BoxSchema(RowSchema[Box]):
    record = Box

    id = Id(required=True)
    project = Id(reference=True, required=True)
    draft = Flag(load_default=False)
    implanted = Flag(required=True)
    pole = Id(reference=True, load_default=None)
    name = Text()


@dataclass(frozen=True)
class Splitter:
    id: str
    box: str
    drop: bool
    """Takes customers ("splitter de atendimento")."""
    outputs: tuple[bool, ...]
    """Whether each output is connected, from port 1 on."""
    blocked: tuple[bool, ...] = ()
    """By position as `outputs`; older splitters have none of it."""

    @property
    def free_ports(self) -> int:
        """Outputs that can take a customer: of a drop splitter, not connected, not blocked."""
        if not self.drop:
            return 0
        blocked = self.blocked + (False,) * len(self.outputs)
        return sum(not (taken or barred) for taken, barred in zip(self.outputs, blocked, strict=False))


class SplitterSchema(RowSchema[Splitter]):
    record = Splitter

    id = Id(required=True)
    box = Id(data_key="parent", reference=True, required=True)
    drop = Flag(data_key="isDrop", required=True)
    outputs = Inside("output", Outputs(), data_key="connectables", required=True)
    blocked = Blocked(data_key="ports")


@dataclass(frozen=True)
class ViableBox:
    """A box that can be sold: by radius OZmap says so, by pole we do."""

    id: str
    distance_m: float
    """By radius the straight line from the customer; by pole the path along the poles from the first one."""
    implanted: bool
    free_ports: int
    project: str
    name: str = ""


class ViableBoxSchema(RowSchema[ViableBox]):
    record = ViableBox

    id = Id(required=True)
    distance_m = Amount(data_key="distance", required=True)
    implanted = Flag(required=True)
    free_ports = Count(data_key="availability", required=True)
    project = Id(reference=True, required=True)
    name = Text()


@dataclass(frozen=True)
class RadiusViability:
    """Answer of `ftth-viability/radius`."""

    viable: bool
    boxes: list[ViableBox]
    refused_boxes: list[object]
    """Boxes in the circle without feasibility; the shape of an element is unknown."""


class RadiusViabilitySchema(RowSchema[RadiusViability]):
    record = RadiusViability

    viable = Flag(required=True)
    boxes = fields.List(fields.Nested(ViableBoxSchema), required=True)
    refused_boxes = fields.List(fields.Raw(allow_none=True), required=True)
