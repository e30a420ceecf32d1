"""What may be written, per collection: the fields of the official SDK's create and update forms."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from sandbox.records import ID, Record, RefusedError

ALLOWED_TYPES = (
    "cable", "box", "pop", "tower", "property", "client", "building", "pole", "prospect",
    "post", "region", "horizontalCondominium", "pendency", "antenna", "sector", "battery",
    "radio", "shelf", "junctionBox", "duct", "splitter.ports",
)  # fmt: skip


class Id(fields.String):
    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Regexp(ID, error="Not an id."), **options)


def ids() -> fields.List[str]:
    return fields.List(Id(), load_default=list)


def text(default: str | None = None) -> fields.String:
    return fields.String(load_default=default, allow_none=True)


def flag(*, default: bool = False) -> fields.Boolean:
    return fields.Boolean(load_default=default)


class Form(Schema):
    class Meta:
        unknown = EXCLUDE

    external_id = fields.Raw()


class Placed(Form):
    """Somewhere on the map: `coords` [lng, lat], or `lat` and `lng`."""

    coords = fields.Tuple(
        (
            fields.Float(validate=validate.Range(-180, 180)),
            fields.Float(validate=validate.Range(-90, 90)),
        )
    )
    lat = fields.Float(validate=validate.Range(-90, 90))
    lng = fields.Float(validate=validate.Range(-180, 180))

    @post_load
    def one_spelling(self, data: Record, **_: Any) -> Record:
        lat, lng = data.pop("lat", None), data.pop("lng", None)
        if "coords" not in data and lat is not None and lng is not None:
            data["coords"] = (lng, lat)
        if "coords" in data:
            data["coords"] = list(data["coords"])
        return data


class Licensing(Form):
    status = fields.Integer(load_default=0, validate=validate.OneOf([0, 1, 2]))
    protocol = text("")


class Pole(Placed):
    poleType = Id(required=True)  # noqa: N815
    name = fields.String()
    usable = flag(default=True)
    observation = text("")
    address = fields.String()
    color = Id()
    licensing = fields.Nested(Licensing, load_default=lambda: {"status": 0, "protocol": ""})
    adjacents = ids()
    tags = ids()


class Box(Placed):
    project = Id(required=True)
    boxType = Id(required=True)  # noqa: N815
    hierarchyLevel = fields.Integer(required=True)  # noqa: N815
    implanted = fields.Boolean(required=True)
    draft = flag()
    certified = flag()
    shared = flag()
    default_reserve = fields.Float(load_default=0)
    name = fields.String()
    pole = Id()
    address = fields.String()
    observation = fields.String()
    color = Id()
    fill_color = Id()
    tags = ids()


class Port(Form):
    blocked = flag()
    tags = ids()
    observation = fields.String()


class Splitter(Form):
    parent = Id(required=True)
    splitterType = Id(required=True)  # noqa: N815
    isDrop = flag()  # noqa: N815
    implanted = flag(default=True)
    name = fields.String()
    label = text("")
    observation = fields.String()
    attenuation = fields.List(fields.Float())
    ports = fields.List(fields.Nested(Port))


class Project(Form):
    name = fields.String(required=True)
    identifier = fields.String()
    lat = fields.Float(load_default=0.0)
    lng = fields.Float(load_default=0.0)
    parents = fields.List(fields.Dict(), load_default=list)
    defaultPonPotency = fields.Float(load_default=0)  # noqa: N815
    drop = fields.Dict(load_default=lambda: {"defaults": {}, "maxSize": 200})
    area = fields.Dict()


class PoleType(Form):
    name = fields.String(required=True)
    prefix = text("P_")
    viabilityAllowed = flag(default=True)  # noqa: N815
    color = text("#3388FF")
    description = text("")


class BoxType(Form):
    code = fields.String(required=True)
    prefix = text("")
    default_reserve = fields.Float(load_default=0)
    default_level = fields.Integer()
    brand = fields.String()
    mold = fields.String()
    description = fields.String()
    config = fields.Dict(required=True)


class Tag(Form):
    name = fields.String(required=True)
    allowedTypes = fields.List(  # noqa: N815
        fields.String(validate=validate.OneOf(ALLOWED_TYPES)), required=True
    )


class Onu(Form):
    user_PPPoE = text("")  # noqa: N815
    serial_number = text("")
    mac_address = text("")


class Client(Form):
    code = fields.String()
    name = fields.String()
    observation = text("")
    implanted = flag()
    certified = flag()
    status = fields.Integer(load_default=0, validate=validate.OneOf([0, 1]))
    tags = ids()
    cpe = fields.Raw()
    onu = fields.Nested(Onu, load_default=lambda: {"user_PPPoE": "", "serial_number": "", "mac_address": ""})


class ClientOrId(fields.Field[Any]):
    """A client's id, or the form of a new client."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return Client().load(value) if isinstance(value, dict) else Id().deserialize(value)


class Property(Placed):
    project = Id()
    box = Id(allow_none=True)
    address = text("")
    name = fields.String()
    observation = text("")
    client = ClientOrId(allow_none=True)
    auto_connect = flag()
    force = flag()
    connector = Id(allow_none=True)
    port = fields.Integer(strict=True, validate=validate.Range(1))
    pole = Id(allow_none=True)
    drop_poles = ids()
    potencyRead = fields.Float(allow_none=True)  # noqa: N815
    tags = ids()


class Prospect(Placed):
    tags = ids()
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    observation = fields.String(allow_none=True)
    viable = fields.Boolean(allow_none=True)


FORMS: dict[str, type[Form]] = {
    "poles": Pole,
    "boxes": Box,
    "splitters": Splitter,
    "projects": Project,
    "pole-types": PoleType,
    "box-types": BoxType,
    "tags": Tag,
    "properties": Property,
    "ftth-clients": Client,
    "prospects": Prospect,
}


def read_form(name: str, body: object, *, partial: bool = False) -> Record:
    """The known fields of a body. Raises RefusedError that says which one is wrong, and why."""
    if not isinstance(body, dict):
        raise RefusedError("a JSON object is expected")
    try:
        loaded: Record = FORMS[name]().load(body, partial=partial)
    except ValidationError as error:
        raise RefusedError("; ".join(_flat(error.messages_dict))) from error
    return loaded


def _flat(messages: Mapping[Any, Any], path: str = "") -> list[str]:
    found = []
    for key, value in messages.items():
        below = f"{path}{key}"
        if isinstance(value, dict):
            found += _flat(value, f"{below}.")
        else:
            found.append(f"{below}: {' '.join(value)}")
    return found
