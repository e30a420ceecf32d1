"""Tenants: the ISPs that this service answers for, as settings describe them."""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema
from marshmallow.validate import Range

from schemas.countries import COUNTRIES, Area, Country
from schemas.fields import Choice, Mode, Number, Tags, number

# Long enough that nobody guesses it, short enough for the keys that people already have.
SHORTEST_KEY = 8
UNKNOWN = "is not a setting"
# A walk or a circle wider than this is no drop cable; it only makes OZmap work.
WIDEST_M = 10_000


@dataclass(frozen=True)
class Tenant:
    """One ISP: its OZmap, the keys its flows send, and what it wants of a feasibility."""

    slug: str
    ozmap_url: str
    """With scheme and port, without `/api/v2`."""
    ozmap_token: str = field(repr=False)
    keys: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Platform name to the keys that its flows may send."""
    ozmap_auth: str = "raw"
    ozmap_ca: str | None = None
    mode: Mode | None = None
    radius_m: float | None = None
    """None leaves the radius to OZmap's own setting."""
    pole_max_m: float = 100.0
    drop_max_m: float | None = None
    """None leaves the longest drop to each OZmap project."""
    reach_max_m: float = 600.0
    implanted_only: bool = False
    country: Country = COUNTRIES["br"]
    """Where its customers are: tells a latitude from a longitude."""
    area: Area | None = None
    """Where it sells: an address that two towns have is looked for here first."""
    prefix: str = "BOT"
    """Of the client codes that this service makes."""
    tags: tuple[str, ...] = ()
    """Names or ids, put on every prospect."""
    expires_h: float | None = None
    """Hours after which a reservation that is not implanted is cancelled; None: never."""
    give_up_d: float = 7.0
    """Days after which what could not be delivered is left to the operator."""
    retention_d: float = 30.0
    """Days that personal data stays in the store after the last change."""
    display_name: str = ""
    """How customers know the ISP; shown on the location page."""
    chat_url: str | None = None
    """Back to the chat."""
    huggy_api_token: str | None = field(default=None, repr=False)
    """For Huggy's API v3; None: Huggy is told nothing."""
    huggy_flow: int | None = None
    """Huggy's number of the flow that goes on with a conversation; None: none is started."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Outcome code to the tenant's own wording of its message."""

    @property
    def region(self) -> Area:
        """Where its customers are looked for: where it sells, or all of its country."""
        return self.area or self.country.area


class _Text(fields.Field[str]):
    default_error_messages = {
        "required": "is missing: set it",
        "null": "is missing: set it",
        "invalid": "must be text without spaces or line breaks",
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not text or not text.isprintable() or " " in text:
            raise self.make_error("invalid")
        return text


class _Token(_Text):
    default_error_messages = {"invalid": "must be plain ASCII without spaces, as {owner} shows it"}

    def __init__(self, owner: str, **options: Any) -> None:
        super().__init__(**options)
        self._owner = owner

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        token = super()._deserialize(value, *args, **kwargs)
        if not token.isascii():
            raise self.make_error("invalid")
        return token

    def make_error(self, key: str, **values: Any) -> ValidationError:
        return super().make_error(key, owner=self._owner, **values)


class _Url(_Text):
    default_error_messages = {
        "invalid": "must look like https://isp.ozmap.com.br:9994, with or without /api/v2",
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            parts = urlsplit(text)
            host = parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            raise self.make_error("invalid") from None
        extras = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not host or extras:
            raise self.make_error("invalid")
        return text.rstrip("/").removesuffix("/api/v2").rstrip("/")


class _ChatUrl(_Text):
    default_error_messages = {
        "invalid": "must be an address that opens the chat, like https://wa.me/5548999990000"
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not text.startswith(("https://", "http://", "whatsapp://", "tg://")):
            raise self.make_error("invalid")
        return text


class _CertificateFile(_Text):
    default_error_messages = {"invalid": "must name a readable file of CA certificates (PEM)"}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        path = super()._deserialize(value, *args, **kwargs)
        try:
            ssl.create_default_context(cafile=path)
        except OSError:
            raise self.make_error("invalid") from None
        return path


class _Keys(fields.Field[tuple[str, ...]]):
    default_error_messages = {
        "invalid": "must be keys separated by commas, each of at least {shortest} characters",
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
            raise self.make_error("invalid", shortest=SHORTEST_KEY)
        keys = tuple(key.strip() for key in listed if key.strip())
        if not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise self.make_error("invalid", shortest=SHORTEST_KEY)
        return keys


class _Metres(Number):
    default_error_messages = {"invalid": "must be a number of metres above 0, at most {most:g}"}

    def __init__(self, **options: Any) -> None:
        super().__init__(most=WIDEST_M, **options)


class _Box(fields.Field[Area]):
    default_error_messages = {
        "invalid": "must be south, west, north, east in degrees, as in -27.85, -48.61, -27.37, -48.35",
    }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Area:
        listed = value.split(",") if isinstance(value, str) else value
        numbers = [number(entry) for entry in listed] if isinstance(listed, list) else []
        degrees = [entry for entry in numbers if entry is not None]
        if len(degrees) != len(Area._fields) or len(numbers) != len(degrees):
            raise self.make_error("invalid")
        area = Area(*degrees)
        if not (-90 <= area.south < area.north <= 90 and -180 <= area.west < area.east <= 180):
            raise self.make_error("invalid")
        return area


class _Span(Number):
    default_error_messages = {"invalid": "must be a number of {unit} above 0, at most {most:g}"}

    def __init__(self, unit: str, most: float, **options: Any) -> None:
        super().__init__(most=most, **options)
        self._unit = unit

    def make_error(self, key: str, **values: Any) -> ValidationError:
        return super().make_error(key, unit=self._unit, **values)


class _Prefix(_Text):
    default_error_messages = {"invalid": "must be 1 to 20 letters, digits, _ or -"}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not re.fullmatch("[A-Za-z0-9_-]{1,20}", text):
            raise self.make_error("invalid")
        return text


class _Tags(Tags):
    default_error_messages = {"invalid": "must be tag names or ids, separated by commas"}


class _Choice(Choice):
    default_error_messages = {"invalid": "must be one of: {words}"}


class _YesNo(fields.Boolean):
    truthy = {"1", "true", "sim", True}
    falsy = {"0", "false", "nao", "não", False}
    default_error_messages = {"invalid": "must be sim or nao"}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(value, str):
            value = value.strip().lower()
        return bool(super()._deserialize(value, *args, **kwargs))


_FLOW = "must be the number that Huggy gives to the flow"


class TenantSchema(Schema):
    """A table `[isp.<slug>]` of TENANTS_FILE, or the environment of a single tenant in lower case."""

    class Meta:
        unknown = "raise"

    error_messages = {"unknown": UNKNOWN, "type": "must be a table of settings"}

    ozmap_url = _Url(required=True)
    ozmap_token = _Token("OZmap", required=True)
    ozmap_auth = _Choice("raw", "bearer")
    ozmap_ca = _CertificateFile()
    mode = _Choice(*Mode, data_key="modo")
    radius_m = _Metres(data_key="raio_m")
    pole_max_m = _Metres(data_key="poste_max_m")
    drop_max_m = _Metres()
    reach_max_m = _Metres(data_key="alcance_max_m")
    implanted_only = _YesNo(data_key="somente_implantadas")
    country = _Choice(*COUNTRIES, data_key="pais")
    area = _Box()
    prefix = _Prefix(data_key="prefixo")
    tags = _Tags()
    expires_h = _Span("hours", 24 * 365, data_key="expira_h")
    give_up_d = _Span("days", 365, data_key="desiste_dias")
    retention_d = _Span("days", 3650, data_key="retencao_dias")
    display_name = fields.String(data_key="nome", validate=validate.Length(1, 60))
    chat_url = _ChatUrl()
    huggy_api_token = _Token("Huggy")
    huggy_flow = fields.Integer(
        validate=Range(min=1, error=_FLOW), error_messages={"invalid": _FLOW, "null": _FLOW}
    )
    texts = fields.Dict(keys=fields.String(), values=fields.String(), data_key="textos")

    @validates_schema
    def check_flow(self, data: Any, **_: Any) -> None:
        """A flow that nothing could start is a mistake."""
        if "huggy_flow" in data and "huggy_api_token" not in data:
            raise ValidationError("needs the API token of Huggy beside it", "huggy_flow")

    @pre_load
    def read_token_file(self, data: Any, **_: Any) -> Any:
        """`ozmap_token_file` names a file whose only content is the key (a mounted secret)."""
        if not isinstance(data, dict) or "ozmap_token_file" not in data:
            return data
        given = {name: value for name, value in data.items() if name != "ozmap_token_file"}
        if "ozmap_token" in given:
            raise ValidationError("is set beside the key itself: keep one of them", "ozmap_token_file")
        try:
            return given | {"ozmap_token": Path(data["ozmap_token_file"]).read_text().strip()}
        except (OSError, TypeError, UnicodeError):
            raise ValidationError("must name a readable text file", "ozmap_token_file") from None


def tenant_schema(platforms: Iterable[str]) -> Schema:
    """TenantSchema with the key setting of each platform (`huggy_key` ...)."""
    return TenantSchema.from_dict({f"{platform}_key": _Keys() for platform in platforms})()


def make_tenant(slug: str, loaded: Mapping[str, Any]) -> Tenant:
    """A Tenant from what `tenant_schema` loaded."""
    keys = {name.removesuffix("_key"): value for name, value in loaded.items() if name.endswith("_key")}
    others = {name: value for name, value in loaded.items() if not name.endswith("_key")}
    if "country" in others:
        others["country"] = COUNTRIES[others["country"]]
    return Tenant(slug=slug, keys=keys, **others)
