"""Answers of OZmap's API v2, as the records that this project needs of them.

Keys that are not needed are ignored. A needed key that is missing or of another type makes the whole
answer unreadable, with the way to the key: it never becomes a None that reads as "no". The shapes are those
of OZmap's public documentation and of its SDK (tests/fixtures/ozmap).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, missing, pre_load

from schemas.ozmap_fields import Amount, Blocked, Coordinates, Count, Flag, Id, Ids, Inside, Outputs, Text
from schemas.point import Point
from schemas.record import RecordSchema


class RowSchema(RecordSchema):
    """For records that come by the hundred: what is as it should be loads in a third of the time.

    Field by field, as marshmallow does, without its collecting of errors and its validators, which these
    fields do not have: a pole takes 5 µs instead of 16 (python -m bench rows).
    Where anything is wrong marshmallow reads all of it again and says where.
    """

    def load(self, data: Any, *, many: bool | None = None, **options: Any) -> Any:
        try:
            if self.many if many is None else many:
                return [self._row(row) for row in data]
            return self._row(data)
        except (ValidationError, TypeError, AttributeError):
            return super().load(data, many=many, **options)

    def _row(self, row: Any) -> object:
        values = {}
        for name, field in self.load_fields.items():
            key = field.data_key or name
            value = row.get(key, missing)
            if value is None or value is missing:
                value = field.deserialize(value, key, row)
            else:
                value = field._deserialize(value, key, row)
            if value is not missing:
                values[name] = value
        return self.record(**values)


@dataclass(frozen=True)
class BasePoint:
    """A place in the ground that cables pass: a pole, a point or a junction box."""

    id: str
    point: Point
    adjacents: tuple[str, ...]


class BasePointSchema(RowSchema):
    record: ClassVar[Any] = BasePoint

    id = Id(required=True)
    point = Coordinates(data_key="coords", required=True)
    adjacents = Ids(required=True)


@dataclass(frozen=True)
class Pole(BasePoint):
    usable: bool
    type: str | None
    name: str = ""


class PoleSchema(BasePointSchema):
    record = Pole

    usable = Flag(required=True)
    type = Id(data_key="poleType", reference=True, required=True, allow_none=True)
    name = Text()


@dataclass(frozen=True)
class PoleType:
    id: str
    viability_allowed: bool


class PoleTypeSchema(RecordSchema):
    record = PoleType

    id = Id(required=True)
    viability_allowed = Flag(data_key="viabilityAllowed", load_default=True)  # the SDK's default


@dataclass(frozen=True)
class Project:
    id: str
    drop: float | None
    """Longest permitted drop in metres; None where OZmap has none on record."""


class ProjectSchema(RecordSchema):
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


class BoxSchema(RowSchema):
    record = Box

    id = Id(required=True)
    project = Id(reference=True, required=True)
    draft = Flag(required=True)
    implanted = Flag(required=True)
    pole = Id(reference=True, required=True, allow_none=True)
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


class SplitterSchema(RowSchema):
    record = Splitter

    id = Id(required=True)
    box = Id(data_key="parent", reference=True, required=True)
    drop = Flag(data_key="isDrop", required=True)
    outputs = Inside("output", Outputs(), data_key="connectables", required=True)
    blocked = Blocked(data_key="ports")


@dataclass(frozen=True)
class ViableBox:
    """A box that OZmap itself calls viable."""

    id: str
    distance_m: float
    """Straight line from the customer."""
    implanted: bool
    free_ports: int
    project: str
    name: str = ""


class ViableBoxSchema(RowSchema):
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
    refused_boxes: list[Any]
    """Boxes in the circle without feasibility; the shape of an element is unknown."""


class RadiusViabilitySchema(RowSchema):
    record = RadiusViability

    viable = Flag(required=True)
    boxes = fields.List(fields.Nested(ViableBoxSchema), required=True)
    refused_boxes = fields.List(fields.Raw(allow_none=True), required=True)


class WithEitherId(RecordSchema):
    """Where OZmap writes `_id`, `id` or both."""

    id = Id(required=True)

    @pre_load
    def _one_id(self, data: Any, **_: Any) -> Any:
        return {"id": data.get("_id"), **data} if isinstance(data, dict) else data


@dataclass(frozen=True)
class Client:
    """`implanted` is None where an answer names the client and shows nothing of it."""

    id: str
    implanted: bool | None = None
    """A live customer; False: only reserved."""
    name: str = ""
    code: str | None = None
    """The ISP's own number of the client; None where an answer does not show it."""


class ClientSchema(WithEitherId):
    record = Client

    implanted = Flag()
    name = Text()
    code = Text()


class ClientOrId(fields.Field[Client]):
    """A client, or its id alone."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Client:
        loaded: Client = ClientSchema().load({"id": value} if isinstance(value, str) else value)
        return loaded


@dataclass(frozen=True)
class Connection:
    """A splitter's port with something on it."""

    splitter: str
    port: int
    """From 1."""
    name: str = ""
    """The splitter's."""


class ConnectionSchema(RecordSchema):
    record = Connection

    splitter = Id(data_key="id", required=True)
    port = Count(required=True)
    name = Text()


@dataclass(frozen=True)
class Property:
    """What a customer lives in: holds a client, and a port where `connections` says so."""

    id: str
    client: Client | None
    box: str | None
    connections: list[Connection]
    observation: str = ""
    point: Point | None = None


class PropertySchema(WithEitherId):
    """Answer of `properties/{id}`; `properties/client/{code}` shows too little of one."""

    record = Property

    client = ClientOrId(required=True, allow_none=True)
    box = Id(reference=True, load_default=None, allow_none=True)
    connections = fields.List(fields.Nested(ConnectionSchema), load_default=list)
    observation = Text()
    point = Coordinates(data_key="coords", load_default=None, allow_none=True)


@dataclass(frozen=True)
class Named:
    """A record of which only the id counts."""

    id: str


class NamedSchema(WithEitherId):
    record = Named


@dataclass(frozen=True)
class PropertyOfClient:
    """A row of `properties/client/{code}`, which shows the client and little of the property."""

    id: str
    client: Client | None


class PropertyOfClientSchema(WithEitherId):
    record = PropertyOfClient

    client = ClientOrId(load_default=None, allow_none=True)


@dataclass(frozen=True)
class ProspectRow:
    id: str
    code: str


class ProspectRowSchema(WithEitherId):
    record = ProspectRow

    code = Text(load_default="")


@dataclass(frozen=True)
class Tag:
    id: str
    name: str
    allowed: list[str]
    """What it may be put on, such as `prospect`."""


class TagSchema(WithEitherId):
    record = Tag

    name = Text(required=True)
    allowed = fields.List(fields.String(), data_key="allowedTypes", required=True)
