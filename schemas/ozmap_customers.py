"""OZmap's customers and what it files under them: properties, clients, prospects and tags.

Read by the same rules as the network (schemas/ozmap.py).
"""

from dataclasses import dataclass

from marshmallow import fields, pre_load

from schemas.ozmap_fields import Code, Coordinates, Flag, Id, OzmapField, Port, Text
from schemas.point import Point
from schemas.record import R, RecordSchema


class _WithEitherId(RecordSchema[R]):
    """Where OZmap writes `_id`, `id` or both."""

    id = Id(required=True)

    @pre_load
    def _one_id(self, data: object, **_: object) -> object:
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
    observation: str = ""


class ClientSchema(_WithEitherId[Client]):
    record = Client

    implanted = Flag(load_default=False)  # the SDK's default
    name = Text()
    code = Code(load_default=None)
    observation = Text()


class _ShownClientSchema(ClientSchema):
    """A client within another record, which may show little of it."""

    implanted = Flag(load_default=None)


_CLIENT = _ShownClientSchema()


class ClientOrId(OzmapField[Client]):
    """A client, or its id alone."""

    def is_none(self, value: object) -> bool:
        return value is None or value == ""

    def read(self, value: object) -> Client:
        return _CLIENT.read_one({"id": value} if isinstance(value, str) else value)


@dataclass(frozen=True)
class Connection:
    """A splitter's port with something on it."""

    splitter: str
    port: int | None
    """From 1; None where OZmap's number cannot be one."""
    name: str = ""
    """The splitter's."""


class ConnectionSchema(RecordSchema[Connection]):
    record = Connection

    splitter = Id(data_key="id", required=True)
    port = Port(required=True)
    name = Text()


_CONNECTION = ConnectionSchema()


class Connections(OzmapField[list[Connection]]):
    def read(self, value: object) -> list[Connection]:
        return _CONNECTION.read_list(value)


@dataclass(frozen=True)
class Property:
    """What a customer lives in: holds a client, and a port where `connections` says so."""

    id: str
    client: Client | None
    box: str | None
    connections: list[Connection]
    observation: str = ""
    point: Point | None = None


class PropertySchema(_WithEitherId[Property]):
    """Answer of `properties/{id}`; `properties/client/{code}` shows too little of one."""

    record = Property

    client = ClientOrId(required=True, allow_none=True)
    box = Id(reference=True, load_default=None)
    connections = Connections(load_default=list)
    observation = Text()
    point = Coordinates(data_key="coords", load_default=None)


@dataclass(frozen=True)
class PropertyOfClient:
    """A row of `properties/client/{code}`, which shows the client and little of the property."""

    id: str
    client: Client | None


class PropertyOfClientSchema(_WithEitherId[PropertyOfClient]):
    record = PropertyOfClient

    client = ClientOrId(load_default=None, allow_none=True)


@dataclass(frozen=True)
class Prospect:
    """A row of `prospects`, or the answer of `prospects/{id}`."""

    id: str
    code: str
    observation: str = ""


class ProspectSchema(_WithEitherId[Prospect]):
    record = Prospect

    code = Code(load_default="")
    observation = Text()


@dataclass(frozen=True)
class Named:
    """A record of which only the id counts."""

    id: str


class NamedSchema(_WithEitherId[Named]):
    record = Named


@dataclass(frozen=True)
class Tag:
    id: str
    name: str
    allowed: list[str]
    """What it may be put on, such as `prospect`."""


class TagSchema(_WithEitherId[Tag]):
    record = Tag

    name = Text(required=True)
    allowed = fields.List(fields.String(), data_key="allowedTypes", required=True)
