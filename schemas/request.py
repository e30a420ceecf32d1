"""What a flow sends: Portuguese keys in, a request record out.

Unknown keys are ignored, since an author's extra field must not break a sale. A value that is empty, or
still the literal placeholder of a variable that has no value, counts as missing.
"""

import re
from collections.abc import Mapping

from marshmallow import ValidationError, fields, pre_load, validates_schema

from schemas.fields import BoxId, Choice, Code, Mode, Number, Tags, Words
from schemas.point import Point
from schemas.record import R, RecordSchema, key, record, schema_of

# "{lat}", "{{ lat|0 }}", "${lat}", and what is left of "{lat}, {lng}". JSON text has quotes: no placeholder.
# And what programs write for "no value".
_NOTHING = re.compile(
    r"""(?:[\s,;]|\$?\{[^{}"']*\}|\{\{[^{}"']*\}\}|\[[a-z_ ]+\]|%[a-z_]+%)*"""
    r"""|\s*(?:null|undefined|none|nan)\s*""",
    re.IGNORECASE,
)

WIDEST_RADIUS_M = 10_000

_CONVERSATION = "The conversation's id on the platform, the same in all of its calls."
_DEGREES = "Degrees, WGS 84; with a decimal comma too, as text."
_OTHER_NAMES = {
    "lat": "latitude", "lng": "longitude", "lon": "longitude", "long": "longitude",
    "accuracy": "precisao_m", "horizontal_accuracy": "precisao_m",
}  # fmt: skip


def is_missing(value: object) -> bool:
    """Whether a flow sent no value here."""
    return value is None or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))


class BaseRequestSchema(RecordSchema[R]):
    """A request whose keys without a value are dropped."""

    @pre_load
    def _present(self, values: Mapping[str, object], **_: object) -> dict[str, object]:
        present = {key: value for key, value in values.items() if not is_missing(value)}
        others = {name: present[other] for other, name in _OTHER_NAMES.items() if other in present}
        return others | present


class RequestSchema(BaseRequestSchema[dict[str, object]]):
    """Loads into a dict: for actions whose keys are not known beforehand."""

    record = dict


def _raw(example: object, *types: str) -> fields.Field[object]:
    return fields.Raw(metadata={"examples": [example]} | ({"type": [*types]} if types else {}))


@record
class LocationRequest:
    """Where: in whatever of these a flow has it. Coordinates and `location` are raw."""

    latitude: object = key(_raw(-27.59871, "number", "string"), about=_DEGREES, default=None)
    longitude: object = key(_raw(-48.519455, "number", "string"), about=_DEGREES, default=None)
    location: object = key(
        _raw("-27.598710, -48.519455"),
        "localizacao",
        "Whatever the customer sent: a pin, a map link, coordinates, a Plus Code, words.",
        default=None,
    )
    metres: object = key(
        _raw(12.5, "number", "string"),
        "precisao_m",
        "How far from its point the place may be, in metres, where the channel says it.",
        default=None,
    )
    address: str | None = key(Words(), "endereco", "A street, or a whole address.", default=None)
    postcode: str | None = key(Words(), "cep", "CEP.", default=None)
    number: str | None = key(Words(), "numero", "Of the house.", default=None)
    district: str | None = key(Words(), "bairro", default=None)
    city: str | None = key(Words(), "cidade", default=None)
    state: str | None = key(Words(), "uf", default=None)
    conversation: str | None = key(Words(), "conversa_id", _CONVERSATION, default=None)
    """Whose location page to look at where the request has no place."""


@record
class FeasibilityRequest(LocationRequest):
    """A place, and how to look for a box near it."""

    mode: Mode | None = key(
        Choice(*Mode), "modo", "Along the poles, or in a circle; the ISP's own without it.", default=None
    )
    radius_m: float | None = key(Number(WIDEST_RADIUS_M), "raio_m", "Metres, in radius mode.", default=None)


@record
class ConversationRequest:
    """Which conversation."""

    conversation: str = key(Words(), "conversa_id", _CONVERSATION)


@record
class ReservationKey:
    """Whose reservation. One of `conversation` and `code` is there."""

    conversation: str | None = key(Words(), "conversa_id", _CONVERSATION, default=None)
    code: str | None = key(
        Code(), "codigo_cliente", "Of the client in OZmap. This or `conversa_id` must be there.", default=None
    )
    """Of the client in OZmap, where the flow knows better than we do."""
    box: str | None = key(BoxId(), "caixa_id", "The box to take: a `caixa_id` of a reply.", default=None)


@record
class SaleRequest(LocationRequest, ReservationKey):
    """A customer, and where."""

    name: str = key(Words(), "nome", kw_only=True)
    phone: str = key(
        Words(longest=40, metadata={"examples": ["48 99988-7766"]}),
        "telefone",
        "With its area code (DDD).",
        kw_only=True,
    )
    tags: tuple[str, ...] = key(
        Tags(), about="Names or ids of tags, as a list or separated by commas.", default=()
    )
    observation: str | None = key(Words(longest=500), "observacao", default=None)


@record
class Customer:
    """What a sale keeps of its request: all of it personal, and None once its purpose is over."""

    name: str | None = None
    phone: str | None = None
    """E.164: +5548999887766."""
    lat: float | None = None
    lng: float | None = None
    address: str | None = None
    observation: str | None = None
    tags: str | None = None
    """Comma text."""

    @property
    def point(self) -> Point | None:
        """None once the place was purged."""
        return Point(self.lat, self.lng) if self.lat is not None and self.lng is not None else None


@record
class ProspectRequest(SaleRequest):
    """A customer whom no box reaches."""


@record
class ReservationRequest(SaleRequest, FeasibilityRequest):
    """A customer who wants a port, and how to look for one."""


NO_CONVERSATION = "ou codigo_cliente precisa vir: é por um deles que a reserva é encontrada depois"


class _KeySchema(BaseRequestSchema[R]):
    @validates_schema
    def _says_whose(self, values: Mapping[str, object], **_: object) -> None:
        if not {"conversation", "code"} & values.keys():
            raise ValidationError(NO_CONVERSATION, "conversa_id")


LocationRequestSchema = schema_of(LocationRequest, BaseRequestSchema)
FeasibilityRequestSchema = schema_of(FeasibilityRequest, BaseRequestSchema)
ConversationRequestSchema = schema_of(ConversationRequest, BaseRequestSchema)
ReservationKeySchema = schema_of(ReservationKey, _KeySchema)
ProspectRequestSchema = schema_of(ProspectRequest, _KeySchema)
ReservationRequestSchema = schema_of(ReservationRequest, _KeySchema)
