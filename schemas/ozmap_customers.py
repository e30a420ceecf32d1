"""OZmap's customers and what it files under them: properties, clients, prospects and tags.

Read by the same rules as the network (schemas/ozmap.py).
"""

from marshmallow import fields, pre_load

from schemas.ozmap_fields import Code, Coordinates, Flag, Id, OzmapField, Port, Text
from schemas.point import Point
from schemas.record import R, RecordSchema, key, record, schema_of


class _WithEitherId(RecordSchema[R]):
    """Where OZmap writes `_id`, `id` or both."""

    @pre_load
    def _one_id(self, data: object, **_: object) -> object:
        return {"id": data.get("_id"), **data} if isinstance(data, dict) else data


@record
class Client:
    """`implanted` is None where an answer names the client and shows nothing of it."""

    id: str = key(Id())
    implanted: bool | None = key(Flag(), default=None)
    """A live customer; False: only reserved."""
    name: str = key(Text(), default="")
    code: str | None = key(Code(), default=None)
    """The ISP's own number of the client; None where an answer does not show it."""
    observation: str = key(Text(), default="")


_SHOWN = schema_of(Client, _WithEitherId)
_SHOWN_CLIENT = _SHOWN()
CLIENTS: RecordSchema[Client] = type("ClientSchema", (_SHOWN,), {"implanted": Flag(load_default=False)})()
"""A client that is not within another record: where it lacks the key, the SDK's default holds."""


class ClientOrId(OzmapField[Client]):
    """A client, or its id alone."""

    nones = (None, "")

    def read(self, value: object) -> Client:
        return _SHOWN_CLIENT.read_one({"id": value} if isinstance(value, str) else value)


@record
class Connection:
    """A splitter's port with something on it."""

    splitter: str = key(Id(), "id")
    port: int | None = key(Port())
    """From 1; None where OZmap's number cannot be one."""
    name: str = key(Text(), default="")
    """The splitter's."""


_CONNECTION = schema_of(Connection)()


class Connections(OzmapField[list[Connection]]):
    def read(self, value: object) -> list[Connection]:
        return _CONNECTION.read_list(value)


@record
class Property:
    """What a customer lives in: holds a client, and a port where `connections` says so.

    The answer of `properties/{id}`; `properties/client/{code}` shows too little of one.
    """

    id: str = key(Id())
    client: Client | None = key(ClientOrId(allow_none=True))
    box: str | None = key(Id(reference=True), default=None)
    connections: list[Connection] = key(Connections(), default_factory=list)
    observation: str = key(Text(), default="")
    point: Point | None = key(Coordinates(), "coords", default=None)


@record
class PropertyOfClient:
    """A row of `properties/client/{code}`, which shows the client and little of the property."""

    id: str = key(Id())
    client: Client | None = key(ClientOrId(), default=None)


@record
class Prospect:
    """A row of `prospects`, or the answer of `prospects/{id}`."""

    id: str = key(Id())
    code: str = key(Code(), default="")
    observation: str = key(Text(), default="")


@record
class Named:
    """A record of which only the id counts."""

    id: str = key(Id())


@record
class Tag:
    id: str = key(Id())
    name: str = key(Text())
    allowed: list[str] = key(fields.List(fields.String()), "allowedTypes")
    """What it may be put on, such as `prospect`."""


PROPERTIES = schema_of(Property, _WithEitherId)()
PROPERTIES_OF_CLIENT = schema_of(PropertyOfClient, _WithEitherId)()
PROSPECTS = schema_of(Prospect, _WithEitherId)()
NAMED = schema_of(Named, _WithEitherId)()
TAGS = schema_of(Tag, _WithEitherId)()
