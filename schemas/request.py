"""What a flow sends: Portuguese keys in, a request record out.

Unknown keys are ignored, since an author's extra field must not break a sale. A value that is empty, or
still the literal placeholder of a variable that has no value, counts as missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load

from schemas.fields import Choice, Mode, Number

# "{lat}", "{{ lat|0 }}", "${lat}", and what is left of "{lat}, {lng}". JSON text has quotes: no placeholder.
_NOTHING = re.compile(r"""(?:[\s,;]|\$?\{[^{}"']*\}|\{\{[^{}"']*\}\})*""")

WIDEST_RADIUS_M = 10_000


def is_missing(value: object) -> bool:
    """Whether a flow sent no value here."""
    return value is None or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))


@dataclass(frozen=True)
class FeasibilityRequest:
    """Location values are raw: webhook.location reads them."""

    latitude: object = None
    longitude: object = None
    location: object = None
    address: object = None
    postcode: object = None
    mode: Mode | None = None
    radius_m: float | None = None


class FeasibilityRequestSchema(Schema):
    """Request keys of `viabilidade`."""

    class Meta:
        unknown = EXCLUDE

    latitude = fields.Raw()
    longitude = fields.Raw()
    location = fields.Raw(data_key="localizacao")
    address = fields.Raw(data_key="endereco")
    postcode = fields.Raw(data_key="cep")
    mode = Choice(*Mode, data_key="modo")
    radius_m = Number(most=WIDEST_RADIUS_M, data_key="raio_m")

    @pre_load
    def _present(self, values: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        present = {key: value for key, value in values.items() if not is_missing(value)}
        other_names = {"latitude": "lat", "longitude": "lng"}
        return {name: present[other] for name, other in other_names.items() if other in present} | present

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> FeasibilityRequest:
        mode = values.pop("mode", None)
        return FeasibilityRequest(mode=mode and Mode(mode), **values)
