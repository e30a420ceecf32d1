"""What a flow sends: Portuguese keys in, a request record out.

Unknown keys are ignored, since an author's extra field must not break a sale. A value that was not filled
(schemas/unfilled.py) counts as missing; one that cannot be read is left out where the request means the same
without it.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, cast

from marshmallow import ValidationError, fields, pre_load, validates_schema

from schemas.fields import BoxId, Choice, Code, Mode, Number, Tags, Words, radius, raw
from schemas.messages import lines
from schemas.point import Point
from schemas.record import R, RecordSchema, RowSchema, key, record, schema_of
from schemas.unfilled import is_missing, squeezed

WIDEST_RADIUS_M = 10_000

CONVERSATION = "The conversation's id on the platform, the same in all of its calls."
_DEGREES = "Degrees, WGS 84; with a decimal comma too, as text."
_OTHER_NAMES = {
    "lat": "latitude", "lng": "longitude", "lon": "longitude", "long": "longitude",
    "accuracy": "precisao_m", "horizontalaccuracy": "precisao_m",
}  # fmt: skip
"""Other spellings of a key, by their letters and digits."""
_CHANGES_THE_MEANING = {
    "latitude", "longitude", "localizacao", "modo", "raio_m", "caixa_id", "codigo_cliente"
}  # fmt: skip
_FEW = 100
_UNFILLED = "veio sem valor: confira a variável no construtor"


def known_as(keys: Iterable[str]) -> dict[str, str]:
    """The key that each spelling means, by its letters and digits: see `squeezed`."""
    spelled = {squeezed(key): key for key in keys}
    return {other: key for other, key in _OTHER_NAMES.items() if squeezed(key) in spelled} | spelled


class BaseRequestSchema(RecordSchema[R]):
    """A request whose keys without a value are dropped, and whose keys may be spelled in other ways."""

    needed = frozenset(_CHANGES_THE_MEANING)
    """Keys that may be missing, but must be readable if they are there."""

    def read_request(self, values: Mapping[str, object]) -> tuple[R, dict[str, str]]:
        """The record, and why each name that was left out of it cannot be read. Raises ValidationError."""
        try:
            return self.read_one(values), {}
        except ValidationError as error:
            wrong: dict[str, str] = {}
            for path, text in lines(error):
                wrong.setdefault(path[0], text)
        needed = self.needed | {name for name, field in self.keys.items() if field.required}
        if refused := {name: text for name, text in wrong.items() if name in needed}:
            sent = self._recognised(values)
            why = {name: f" ({_UNFILLED})" for name, value in sent if is_missing(value, name)}
            raise ValidationError({name: [text + why.get(name, "")] for name, text in refused.items()})
        present = self._present(values)
        return self.read_one({name: present[name] for name in present.keys() - wrong.keys()}), wrong

    @pre_load
    def _present(self, values: Mapping[str, object], **_: object) -> dict[str, object]:
        present = {}
        for name, value in self._recognised(values):
            field = self.keys[name]
            one = value if isinstance(field, Tags) or name == "localizacao" else _only_one(value, name)
            # A typed form says false of a text that nobody filled in.
            if not (is_missing(one, name) or (one is False and isinstance(field, Words))):
                present[name] = one
        return present

    def _recognised(self, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """Each value with our spelling of its name; those that were sent in it come last."""
        for sent, value in values.items():
            if sent not in self.keys and (name := self._spellings.get(squeezed(sent))):
                yield name, value
        yield from ((name, value) for name, value in values.items() if name in self.keys)

    @cached_property
    def keys(self) -> dict[str, fields.Field[Any]]:
        """Every key that a request may have, and what reads it."""
        return {field.data_key or name: field for name, field in self.fields.items()}

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return known_as(self.keys)


def _only_one(value: object, key: str) -> object:
    """What a list says that has one value, however often; a long one is compared with nothing."""
    if not isinstance(value, list) or len(value) > _FEW:
        return value
    different = [one for n, one in enumerate(value) if not is_missing(one, key) and one not in value[:n]]
    return different[0] if len(different) == 1 else value


class FieldsAlone(RowSchema[R], BaseRequestSchema[R]):
    """For requests without a rule over several keys."""

    def _row(self, row: Mapping[str, object]) -> R:
        return super()._row(self._present(row))


class RequestSchema(BaseRequestSchema[dict[str, object]]):
    """Loads into a dict: for actions whose keys are not known beforehand."""

    record = dict


@record
class LocationRequest:
    """Where: in whatever of these a flow has it. Coordinates and `location` are raw."""

    latitude: object = key(raw(-27.59871, "number", "string"), about=_DEGREES, default=None)
    longitude: object = key(raw(-48.519455, "number", "string"), about=_DEGREES, default=None)
    location: object = key(
        raw("-27.598710, -48.519455"),
        "localizacao",
        "Whatever the customer sent: a pin, a map link, coordinates, a Plus Code, words.",
        default=None,
    )
    metres: object = key(
        raw(12.5, "number", "string"),
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
    conversation: str | None = key(Words(), "conversa_id", CONVERSATION, default=None)
    """Whose location page to look at where the request has no place."""


@record
class FeasibilityRequest(LocationRequest):
    """A place, and how to look for a box near it."""

    mode: Mode | None = key(
        Choice(*Mode), "modo", "Along the poles, or in a circle; the ISP's own without it.", default=None
    )
    radius_m: float | None = key(
        Number(WIDEST_RADIUS_M, radius), "raio_m", "Metres, in radius mode.", default=None
    )


@record
class ConversationRequest:
    """Which conversation."""

    conversation: str = key(Words(), "conversa_id", CONVERSATION)


@record
class ReservationKey:
    """Whose reservation. One of `conversation` and `code` is there."""

    conversation: str | None = key(Words(), "conversa_id", CONVERSATION, default=None)
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
        Words(longest=100, metadata={"examples": ["48 99988-7766"]}),
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


NOCONVERSATION = "ou codigo_cliente precisa vir: é por um deles que a reserva é encontrada depois"


class _KeySchema(BaseRequestSchema[R]):
    needed = frozenset(_CHANGES_THE_MEANING | {"conversa_id"})

    @validates_schema
    def _says_whose(self, values: Mapping[str, object], **_: object) -> None:
        if not {"conversation", "code"} & values.keys():
            raise ValidationError(NOCONVERSATION, "conversa_id")


def request_schema(
    cls: type[R], base: type[BaseRequestSchema[Any]] = BaseRequestSchema
) -> type[BaseRequestSchema[R]]:
    return cast("type[BaseRequestSchema[R]]", schema_of(cls, base))


LocationRequestSchema = request_schema(LocationRequest)
FeasibilityRequestSchema = request_schema(FeasibilityRequest, FieldsAlone)
ConversationRequestSchema = request_schema(ConversationRequest)
ReservationKeySchema = request_schema(ReservationKey, _KeySchema)
ProspectRequestSchema = request_schema(ProspectRequest, _KeySchema)
ReservationRequestSchema = request_schema(ReservationRequest, _KeySchema)
