"""The settings of the service, each declared once: its name, default, kind of value and meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError

from schemas.messages import lines
from schemas.tenants import Tenant
from webhook.location.geocoders import SERVICES
from webhook.net.reads import AT_ONCE
from webhook.platforms import PLATFORMS
from webhook.settings import kinds
from webhook.settings.kinds import TEXT, Kind, address, choice, hours, seconds, template, whole

NO_GEOCODER = "none"
_VIACEP = "https://viacep.com.br/ws"
_HUGGY = "https://api.huggy.app/v3"
T = TypeVar("T")


class Setting(NamedTuple):
    """An environment variable. docs/settings.md has the same, and a test compares the two."""

    name: str
    default: object
    kind: Kind
    meaning: str


def _setting(name: str, default: T, kind: Kind, meaning: str, secret: bool = False) -> T:
    """A dataclass field that carries its declaration. A secret one stays out of what is printed."""
    declared = Setting(name, default, kind, meaning)
    return field(default=default, repr=not secret, metadata={"setting": declared})


@dataclass(frozen=True)
class MapTiles:
    """Where the location page gets its pictures from, and whom it must name for them."""

    map: str = _setting(
        "MAP_TILES", "https://tile.openstreetmap.org/{z}/{x}/{y}.png", kinds.TILES, "Pictures of the map."
    )
    map_credit: str = _setting("MAP_CREDIT", "© OpenStreetMap", TEXT, "Author of the map, shown on it.")
    satellite: str = _setting(
        "SATELLITE_TILES",
        "https://server.arcgisonline.com/ArcGIS/rest/services/World_Imagery/MapServer/tile/{z}/{y}/{x}",
        kinds.TILES,
        "Pictures of the satellite view.",
    )
    satellite_credit: str = _setting(
        "SATELLITE_CREDIT", "© Esri, Maxar, Earthstar Geographics", TEXT, "Author of the satellite view."
    )


@dataclass(frozen=True)
class Settings:
    """What the operator decided."""

    tenants: tuple[Tenant, ...]
    styles: Mapping[str, str]
    """Platform name to the name of its value style, where the operator chose one."""
    reply_deadline: float = _setting(
        "REPLY_DEADLINE", 4.5, seconds(0.5, 60), "Seconds within which a flow gets its reply."
    )
    port: int = _setting("PORT", 15000, whole("a port", 1, 65535), "Port of the web processes.")
    processes: int = _setting(
        "WEB_CONCURRENCY", 2, whole("a number of processes", 1, 64), "Web processes, each with 192 threads."
    )
    ozmap_at_once: int = _setting(
        "OZMAP_AT_ONCE",
        AT_ONCE,
        whole("a number of reads", 1, 1000),
        "Reads that each process has under way at once at the OZmap of each ISP.",
    )
    worker_metrics_port: int | None = _setting(
        "WORKER_METRICS_PORT",
        None,
        whole("a port", 1, 65535),
        "Port of the worker's metrics, on 127.0.0.1 only; unset: none.",
    )
    database_url: str = _setting(
        "DATABASE_URL", "sqlite:///var/webhook.db", kinds.DATABASE, "Store of sales and links.", secret=True
    )
    settle_time: float = _setting(
        "SETTLE_TIME", 60.0, seconds(1, 3600), "Seconds after which a write of unknown fate counts as lost."
    )
    geocoder: str | None = _setting(
        "GEOCODER", "nominatim", choice([*SERVICES, NO_GEOCODER]), "Service that finds typed addresses."
    )
    geocoder_url: str | None = _setting(
        "GEOCODER_URL", None, address("https://nominatim.example.com"), "Base address of your own geocoder."
    )
    geocoder_key: str | None = _setting("GEOCODER_KEY", None, TEXT, "Key for the geocoder.", secret=True)
    geocoder_contact: str | None = _setting(
        "GEOCODER_CONTACT", None, TEXT, "E-mail address for the operator of the geocoder."
    )
    cep_url: str = _setting(
        "CEP_URL", _VIACEP, address(_VIACEP), "Base address of ViaCEP, or of a service that answers like it."
    )
    public_url: str = _setting(
        "PUBLIC_URL",
        "http://127.0.0.1:15000",
        address("https://webhook.isp.example"),
        "Address at which customers reach this service, in location links and exported flows.",
    )
    findme_url: str | None = _setting(
        "FINDME_URL", None, template("{conversa_id}"), "Your own location page, in place of ours."
    )
    tiles: MapTiles = field(default_factory=MapTiles)
    trusted_proxies: int = _setting(
        "TRUSTED_PROXIES", 0, whole("a number of proxies", 0, 10), "Proxies that set X-Forwarded-For."
    )
    flows_dir: str | None = _setting(
        "FLOWS_DIR", None, kinds.FOLDER, "Folder with conversations of your own."
    )
    conversation_h: float = _setting(
        "CONVERSA_H",
        24.0,
        hours(1, 24 * 30),
        "Hours after which a conversation that nobody continued is over.",
    )
    recipes_dir: str | None = _setting("RECIPES_DIR", None, TEXT, "Folder with recipes of your own.")
    huggy_api_url: str = _setting("HUGGY_API_URL", _HUGGY, address(_HUGGY), "Base address of Huggy's API v3.")
    operator_key: str | None = _setting(
        "OPERATOR_KEY", None, kinds.KEY, "Key for /metrics and /flows; unset: both are off.", secret=True
    )
    rate_limit: str | None = _setting(
        "RATE_LIMIT", None, kinds.RATE, "Calls that one flow key may make in a time; unset: no limit."
    )
    redis_url: str | None = _setting(
        "REDIS_URL",
        None,
        kinds.REDIS,
        "Counts those calls, and the location page's look-ups; unset: each process counts alone.",
        secret=True,
    )
    simulator: bool = _setting(
        "SIMULATOR", False, kinds.SWITCH, "Serves /simulador, where anyone may play the flows with your keys."
    )

    def style_of(self, platform: str) -> str:
        """The name of a platform's value style: its first one, unless the operator chose another."""
        return self.styles.get(platform) or next(iter(PLATFORMS[platform].styles))


TENANTS_FILE = Setting("TENANTS_FILE", None, TEXT, "TOML file that describes several ISPs.")
STYLES = {
    name: Setting(
        f"{name.upper()}_VALUES",
        next(iter(platform.styles)),
        choice(platform.styles),
        f"Style of the values in replies to {platform.brand}.",
    )
    for name, platform in PLATFORMS.items()
    if len(platform.styles) > 1
}
"""Keyed by platform."""

_FIELDS: dict[str, Setting] = {
    one.name: one.metadata["setting"] for one in (*fields(Settings), *fields(MapTiles)) if one.metadata
}
SETTINGS = {one.name: one for one in (*_FIELDS.values(), *STYLES.values(), TENANTS_FILE)}
"""Every setting of the service, keyed by its name."""
SECRETS = {
    one.metadata["setting"].name for one in fields(Settings) if one.metadata and not one.repr
}  # fmt: skip


def read(given: Mapping[str, str], tenants: tuple[Tenant, ...]) -> tuple[Settings | None, dict[str, str]]:
    """The settings, or the problems: the name of a setting to how to mend it."""
    schema = Schema.from_dict({name: setting.kind.field for name, setting in SETTINGS.items()})
    try:
        loaded = schema(unknown=EXCLUDE).load(given)
    except ValidationError as error:
        return None, {path[0]: SETTINGS[path[0]].kind.mend for path, _ in lines(error)}
    values = {name: loaded.get(setting.name, setting.default) for name, setting in _FIELDS.items()}
    tiles = {one.name: values.pop(one.name) for one in fields(MapTiles)}
    if values["geocoder"] == NO_GEOCODER:
        values["geocoder"] = None
    styles = {name: loaded[setting.name] for name, setting in STYLES.items() if setting.name in loaded}
    return Settings(tenants, styles, tiles=MapTiles(**tiles), **values), {}
