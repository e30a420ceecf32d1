"""What a flow sends: Portuguese keys in, a request record out.

Unknown keys are ignored, since an author's extra field must not break a sale. A value that is empty, or
still the literal placeholder of a variable that has no value, counts as missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import ValidationError, fields, pre_load, validates_schema
from marshmallow.types import ErrorMessages

from schemas.fields import BoxId, Choice, Code, Mode, Number, Tags, Words
from schemas.point import Point
from schemas.record import R, RecordSchema

# "{lat}", "{{ lat|0 }}", "${lat}", and what is left of "{lat}, {lng}". JSON text has quotes: no placeholder.
# And what programs write for "no value".
_NOTHING = re.compile(
    r"""(?:[\s,;]|\$?\{[^{}"']*\}|\{\{[^{}"']*\}\}|\[[a-z_ ]+\]|%[a-z_]+%)*"""
    r"""|\s*(?:null|undefined|none|nan)\s*""",
    re.IGNORECASE,
)

WIDEST_RADIUS_M = 10_000

_MISSING: ErrorMessages = {"required": "está faltando"}
_CONVERSATION = {"description": "The conversation's id on the platform, the same in all of its calls."}
_DEGREES = {
    "type": ["number", "string"],
    "description": "Degrees, WGS 84; with a decimal comma too, as text.",
}


def is_missing(value: object) -> bool:
    """Whether a flow sent no value here."""
    return value is None or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))


class BaseRequestSchema(RecordSchema[R]):
    """A request whose keys without a value are dropped."""

    @pre_load
    def _present(self, values: Mapping[str, object], **_: object) -> dict[str, object]:
        return {key: value for key, value in values.items() if not is_missing(value)}


class RequestSchema(BaseRequestSchema[dict[str, object]]):
    """Loads into a dict: for actions whose keys are not known beforehand."""

    record = dict


@dataclass(frozen=True)
class LocationRequest:
    """Where: in whatever of these a flow has it. Coordinates and `location` are raw."""

    latitude: object = None
    longitude: object = None
    location: object = None
    address: str | None = None
    postcode: str | None = None
    number: str | None = None
    district: str | None = None
    city: str | None = None
    state: str | None = None
    conversation: str | None = None
    """Whose location page to look at where the request has no place."""


class _PlaceSchema(BaseRequestSchema[R]):
    latitude = fields.Raw(metadata=_DEGREES | {"examples": [-27.59871]})
    longitude = fields.Raw(metadata=_DEGREES | {"examples": [-48.519455]})
    location = fields.Raw(
        data_key="localizacao",
        metadata={
            "description": "Whatever the customer sent: a pin, a map link, coordinates, a Plus Code, words.",
            "examples": ["-27.598710, -48.519455"],
        },
    )
    address = Words(data_key="endereco", metadata={"description": "A street, or a whole address."})
    postcode = Words(data_key="cep", metadata={"description": "CEP."})
    number = Words(data_key="numero", metadata={"description": "Of the house."})
    district = Words(data_key="bairro")
    city = Words(data_key="cidade")
    state = Words(data_key="uf")
    conversation = Words(data_key="conversa_id", metadata=_CONVERSATION)

    @pre_load
    def _other_names(self, values: Mapping[str, object], **_: object) -> dict[str, object]:
        names = {"latitude": "lat", "longitude": "lng"}
        given = {name: values[other] for name, other in names.items() if not is_missing(values.get(other))}
        return given | {key: value for key, value in values.items() if not is_missing(value)}


class LocationRequestSchema(_PlaceSchema[LocationRequest]):
    """Request keys of every action that needs a place."""

    record = LocationRequest


@dataclass(frozen=True)
class ConversationRequest:
    """Which conversation."""

    conversation: str


class ConversationRequestSchema(BaseRequestSchema[ConversationRequest]):
    """Request keys of `findme`."""

    record = ConversationRequest

    conversation = Words(
        data_key="conversa_id", required=True, error_messages=_MISSING, metadata=_CONVERSATION
    )


@dataclass(frozen=True)
class FeasibilityRequest(LocationRequest):
    """A place, and how to look for a box near it."""

    mode: Mode | None = None
    radius_m: float | None = None


class _FeasibilitySchema(_PlaceSchema[R]):
    mode = Choice(
        *Mode,
        data_key="modo",
        metadata={"description": "Along the poles, or in a circle; the ISP's own without it."},
    )
    radius_m = Number(
        most=WIDEST_RADIUS_M, data_key="raio_m", metadata={"description": "Metres, in radius mode."}
    )


class FeasibilityRequestSchema(_FeasibilitySchema[FeasibilityRequest]):
    """Request keys of `viabilidade`."""

    record = FeasibilityRequest


NO_CONVERSATION = "ou codigo_cliente precisa vir: é por um deles que a reserva é encontrada depois"


@dataclass(frozen=True)
class ReservationKey:
    """Whose reservation. One of `conversation` and `code` is there."""

    conversation: str | None = None
    code: str | None = None
    """Of the client in OZmap, where the flow knows better than we do."""
    box: str | None = None


class _KeySchema(BaseRequestSchema[R]):
    conversation = Words(data_key="conversa_id", metadata=_CONVERSATION)
    code = Code(
        data_key="codigo_cliente",
        metadata={"description": "Of the client in OZmap. This or `conversa_id` must be there."},
    )
    box = BoxId(data_key="caixa_id", metadata={"description": "The box to take: a `caixa_id` of a reply."})

    @validates_schema
    def _says_whose(self, values: Mapping[str, object], **_: object) -> None:
        if not {"conversation", "code"} & values.keys():
            raise ValidationError(NO_CONVERSATION, "conversa_id")


class ReservationKeySchema(_KeySchema[ReservationKey]):
    """Request keys of the actions on a reservation that is there."""

    record = ReservationKey


@dataclass(frozen=True, kw_only=True)
class SaleRequest(LocationRequest, ReservationKey):
    """A customer, and where."""

    name: str
    phone: str
    tags: tuple[str, ...] = ()
    observation: str | None = None


class _SaleSchema(_PlaceSchema[R], _KeySchema[R]):
    name = Words(data_key="nome", required=True, error_messages=_MISSING)
    phone = Words(
        longest=40,
        data_key="telefone",
        required=True,
        error_messages=_MISSING,
        metadata={"description": "With its area code (DDD).", "examples": ["48 99988-7766"]},
    )
    tags = Tags(metadata={"description": "Names or ids of tags, as a list or separated by commas."})
    observation = Words(longest=500, data_key="observacao")


@dataclass(frozen=True)
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


@dataclass(frozen=True, kw_only=True)
class ProspectRequest(SaleRequest):
    """A customer whom no box reaches."""


class ProspectRequestSchema(_SaleSchema[ProspectRequest]):
    """Request keys of `prospect`."""

    record = ProspectRequest


@dataclass(frozen=True, kw_only=True)
class ReservationRequest(SaleRequest, FeasibilityRequest):
    """A customer who wants a port, and how to look for one."""


class ReservationRequestSchema(_SaleSchema[ReservationRequest], _FeasibilitySchema[ReservationRequest]):
    """Request keys of `reserva`."""

    record = ReservationRequest
