"""Tenants: the ISPs that this service answers for, as settings describe them."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema
from marshmallow.validate import Range

from schemas import tenant_fields as kinds
from schemas.countries import COUNTRIES, Area, Country
from schemas.fields import Mode
from schemas.record import key, record, schema_of

UNKNOWN = "is not a setting"
# A walk or a circle wider than this is no drop cable; it only makes OZmap work.
WIDEST_M = 10_000

_FLOW = "must be the number that Huggy gives to the flow"


@record
class Tenant:
    """One ISP: its OZmap, the keys its flows send, and what it wants of a feasibility."""

    slug: str
    ozmap_url: str = key(kinds.OzmapUrl())
    """With scheme and port, without `/api/v2`."""
    ozmap_token: str = key(kinds.api_token("OZmap"), repr=False)
    keys: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Platform name to the keys that its flows may send."""
    ozmap_auth: str = key(kinds.one_of("raw", "bearer"), default="raw")
    ozmap_ca: str | None = key(kinds.certificate_file(), default=None)
    mode: Mode | None = key(kinds.one_of(*Mode), "modo", default=None)
    radius_m: float | None = key(kinds.span("metres", WIDEST_M), "raio_m", default=None)
    """None leaves the radius to OZmap's own setting."""
    pole_max_m: float = key(kinds.span("metres", WIDEST_M), "poste_max_m", default=100.0)
    drop_max_m: float | None = key(kinds.span("metres", WIDEST_M), default=None)
    """None leaves the longest drop to each OZmap project."""
    reach_max_m: float = key(kinds.span("metres", WIDEST_M), "alcance_max_m", default=600.0)
    implanted_only: bool = key(kinds.YesNo(), "somente_implantadas", default=False)
    country: Country = key(kinds.one_of(*COUNTRIES), "pais", default=COUNTRIES["br"])
    """Where its customers are: tells a latitude from a longitude."""
    area: Area | None = key(kinds.Bounds(), default=None)
    """Where it sells: an address that two towns have is looked for here first."""
    prefix: str = key(kinds.prefix(), "prefixo", default="BOT")
    """Of the client codes that this service makes."""
    tags: tuple[str, ...] = key(kinds.tag_names(), default=())
    """Names or ids, put on every prospect."""
    expires_h: float | None = key(kinds.span("hours", 24 * 365), "expira_h", default=None)
    """Hours after which a reservation that is not implanted is cancelled; None: never."""
    give_up_d: float = key(kinds.span("days", 365), "desiste_dias", default=7.0)
    """Days after which what could not be delivered is left to the operator."""
    retention_d: float = key(kinds.span("days", 3650), "retencao_dias", default=30.0)
    """Days that personal data stays in the store after the last change."""
    display_name: str = key(fields.String(validate=validate.Length(1, 60)), "nome", default="")
    """How customers know the ISP; shown on the location page."""
    conversation: str | None = key(kinds.conversation(), "conversa", default=None)
    """Which conversation `conversa` leads; None: the platform's."""
    flows_dir: str | None = key(kinds.folder(), default=None)
    """Folder with conversations of its own, beside those of FLOWS_DIR."""
    chat_url: str | None = key(kinds.chat_url(), default=None)
    """Back to the chat."""
    huggy_api_token: str | None = key(kinds.api_token("Huggy"), default=None, repr=False)
    """For Huggy's API v3; None: Huggy is told nothing."""
    huggy_flow: int | None = key(
        fields.Integer(validate=Range(min=1, error=_FLOW), error_messages={"invalid": _FLOW, "null": _FLOW}),
        default=None,
    )
    """Huggy's number of the flow that goes on with a conversation; None: none is started."""
    texts: Mapping[str, str] = key(
        fields.Dict(keys=fields.String(), values=fields.String()), "textos", default_factory=dict
    )
    """Outcome code to the tenant's own wording of its message."""

    @property
    def region(self) -> Area:
        """Where its customers are looked for: where it sells, or all of its country."""
        return self.area or self.country.area


class _TenantSchema(Schema):
    """A table `[isp.<slug>]` of TENANTS_FILE, or the environment of a single tenant in lower case."""

    class Meta:
        unknown = "raise"

    error_messages = {"unknown": UNKNOWN, "type": "must be a table of settings"}

    @validates_schema
    def check_flow(self, data: Mapping[str, object], **_: object) -> None:
        """A flow that nothing could start is a mistake."""
        if "huggy_flow" in data and "huggy_api_token" not in data:
            raise ValidationError("needs the API token of Huggy beside it", "huggy_flow")

    @pre_load
    def read_token_file(self, data: object, **_: object) -> object:
        """`ozmap_token_file` names a file whose only content is the key (a mounted secret)."""
        if not isinstance(data, dict) or "ozmap_token_file" not in data:
            return data
        given = {name: value for name, value in data.items() if name != "ozmap_token_file"}
        if "ozmap_token" in given:
            raise ValidationError("is set beside the key itself: keep one of them", "ozmap_token_file")
        try:
            return given | {"ozmap_token": Path(data["ozmap_token_file"]).read_text("utf-8").strip()}
        except (OSError, TypeError, UnicodeError):
            raise ValidationError("must name a readable text file", "ozmap_token_file") from None


def tenant_schema(platforms: Iterable[str]) -> Schema:
    """What reads a Tenant, with the key setting of each platform (`huggy_key` ...)."""
    keys: dict[str, fields.Field[Any]] = {f"{name}_key": kinds.Keys() for name in platforms}
    return schema_of(Tenant, _TenantSchema).from_dict(keys)()


def make_tenant(slug: str, loaded: Mapping[str, Any]) -> Tenant:
    """A Tenant from what `tenant_schema` loaded."""
    keys = {name.removesuffix("_key"): value for name, value in loaded.items() if name.endswith("_key")}
    others = {name: value for name, value in loaded.items() if not name.endswith("_key")}
    if "country" in others:
        others["country"] = COUNTRIES[others["country"]]
    return Tenant(slug=slug, keys=keys, **others)
