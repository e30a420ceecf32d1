"""What a flow sends: Portuguese keys in, a request record out.

Unknown keys are ignored, since an author's extra field must not break a sale. A value that is empty, or
still the literal placeholder of a variable that has no value, counts as missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load

from schemas.fields import Choice, Mode, Number, Words

# "{lat}", "{{ lat|0 }}", "${lat}", and what is left of "{lat}, {lng}". JSON text has quotes: no placeholder.
# And what programs write for "no value".
_NOTHING = re.compile(
    r"""(?:[\s,;]|\$?\{[^{}"']*\}|\{\{[^{}"']*\}\}|\[[a-z_ ]+\]|%[a-z_]+%)*"""
    r"""|\s*(?:null|undefined|none|nan)\s*""",
    re.IGNORECASE,
)

WIDEST_RADIUS_M = 10_000


def is_missing(value: object) -> bool:
    """Whether a flow sent no value here."""
    return value is None or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))


class RequestSchema(Schema):
    """Loads into `record`, a frozen dataclass with the same names."""

    record: ClassVar[Any]

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _present(self, values: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {key: value for key, value in values.items() if not is_missing(value)}

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        return self.record(**values)


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


class LocationRequestSchema(RequestSchema):
    """Request keys of every action that needs a place."""

    record = LocationRequest

    latitude = fields.Raw()
    longitude = fields.Raw()
    location = fields.Raw(data_key="localizacao")
    address = Words(data_key="endereco")
    postcode = Words(data_key="cep")
    number = Words(data_key="numero")
    district = Words(data_key="bairro")
    city = Words(data_key="cidade")
    state = Words(data_key="uf")

    @pre_load
    def _other_names(self, values: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        names = {"latitude": "lat", "longitude": "lng"}
        given = {name: values[other] for name, other in names.items() if not is_missing(values.get(other))}
        return given | {key: value for key, value in values.items() if not is_missing(value)}


@dataclass(frozen=True)
class FeasibilityRequest(LocationRequest):
    """A place, and how to look for a box near it."""

    mode: Mode | None = None
    radius_m: float | None = None


class FeasibilityRequestSchema(LocationRequestSchema):
    """Request keys of `viabilidade`."""

    record: ClassVar[Any] = FeasibilityRequest

    mode = Choice(*Mode, data_key="modo")
    radius_m = Number(most=WIDEST_RADIUS_M, data_key="raio_m")
