"""Settings: read once from the environment (and TENANTS_FILE), checked whole before anything starts.

Whatever is missing, misspelt or contradictory becomes one line that names the setting and how to mend it.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvValidationError
from limits import parse_many
from marshmallow import ValidationError
from marshmallow.validate import URL, Length, OneOf, Range

from schemas.tenants import SHORTEST_KEY, UNKNOWN, Tenant, make_tenant, tenant_schema
from webhook.location.geocoders import SERVICES
from webhook.outcomes import CATALOGUE
from webhook.platforms import PLATFORMS
from webhook.store import database_url

# The name that logs give to the one tenant of a service without TENANTS_FILE.
SINGLE = "isp"

_schema = tenant_schema(PLATFORMS)
_FILE_ONLY = {"textos"}
_TENANT_NAMES = {
    name.upper()
    for name in {field.data_key or key for key, field in _schema.fields.items()} - _FILE_ONLY
    | {"ozmap_token_file"}
}
_STYLES = {f"{name.upper()}_VALUES": p for name, p in PLATFORMS.items() if len(p.styles) > 1}
_SERVICE_NAMES = {
    "REPLY_DEADLINE", "PORT", "WEB_CONCURRENCY", "DATABASE_URL", "SETTLE_TIME",
    "GEOCODER", "GEOCODER_URL", "GEOCODER_KEY", "GEOCODER_CONTACT", "CEP_URL",
    "RECIPES_DIR", "PUBLIC_URL", "FINDME_URL", "MAP_TILES", "MAP_CREDIT", "SATELLITE_TILES",
    "SATELLITE_CREDIT", "TRUSTED_PROXIES", "HUGGY_API_URL", "OPERATOR_KEY", "SIMULATOR",
    "RATE_LIMIT", "REDIS_URL",
}  # fmt: skip
NAMES = _TENANT_NAMES | _SERVICE_NAMES | {"TENANTS_FILE", *_STYLES}
"""Every environment variable that is a setting."""
NO_GEOCODER = "none"
DATABASE = "sqlite:///var/webhook.db"
_URL = URL(schemes={"http", "https"}, require_tld=False)
_PREFIXES = ("OZMAP_", "GEOCODER_", *(f"{name.upper()}_" for name in PLATFORMS))


class SettingsError(Exception):
    """The service cannot start; each of `problems` is one line that says what to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Tiles:
    """Where the location page has its pictures from, and whom it must name for them."""

    map: str = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    map_credit: str = "© OpenStreetMap"
    satellite: str = (
        "https://server.arcgisonline.com/ArcGIS/rest/services/World_Imagery/MapServer/tile/{z}/{y}/{x}"
    )
    satellite_credit: str = "© Esri, Maxar, Earthstar Geographics"


@dataclass(frozen=True)
class Settings:
    """What the operator decided."""

    tenants: tuple[Tenant, ...]
    styles: Mapping[str, str]
    """Platform name to the name of its value style."""
    reply_deadline: float = 4.5
    """Seconds in which a flow gets its answer."""
    port: int = 15000
    processes: int = 2
    database_url: str = field(default=DATABASE, repr=False)
    settle_time: float = 60.0
    """Seconds after which a write of unknown fate is taken for lost, and may be repeated."""
    geocoder: str | None = "nominatim"
    """A name of webhook.location.geocoders.SERVICES; None: no address is looked for."""
    geocoder_url: str | None = None
    """Its base address, without a slash at the end; None: the service's own."""
    geocoder_key: str | None = field(default=None, repr=False)
    geocoder_contact: str | None = None
    """Whom the geocoder's operator can reach about our calls."""
    cep_url: str = "https://viacep.com.br/ws"
    public_url: str = "http://127.0.0.1:15000"
    """How customers reach this service, without a slash at the end."""
    findme_url: str | None = None
    """An ISP's own location page, with `{conversa_id}` in it, handed out in place of ours."""
    tiles: Tiles = field(default_factory=Tiles)
    trusted_proxies: int = 0
    recipes_dir: str | None = None
    """A folder with the ISP's own recipes."""
    huggy_api_url: str = "https://api.huggy.app/v3"
    """Base of Huggy's API v3."""
    operator_key: str | None = field(default=None, repr=False)
    """What the operator's own pages want to see; None: they are off."""
    rate_limit: str | None = None
    """Calls with one flow key in a time, as `120/minute`; None: no limit."""
    redis_url: str | None = field(default=None, repr=False)
    """Where those are counted; None: in each process."""
    simulator: bool = False
    """Whether /simulador plays the flows, with the first key of each platform, for anyone who opens it."""


def load() -> Settings:
    """The settings of this process. Raises SettingsError with every problem at once."""
    problems = _misspelt(os.environ.keys())
    given = {name: os.environ[name] for name in sorted(NAMES & os.environ.keys())}
    for name in [name for name, value in given.items() if not value.strip()]:
        problems[name] = "is empty: give it a value or remove it"
        del given[name]
    single = {name: value for name, value in given.items() if name in _TENANT_NAMES}
    if "TENANTS_FILE" in given:
        problems |= dict.fromkeys(single, "is set beside TENANTS_FILE: keep one of them")
        tenants, found = _tenants_of(given["TENANTS_FILE"])
    else:
        lower = {name.lower(): value for name, value in single.items()}
        tenants, found = _tenants({SINGLE: lower}, lambda _, name: name.upper())
    service, wrong = _service()
    problems = found | wrong | _shared_keys(tenants) | _shared_codes(tenants) | problems
    if problems:
        raise SettingsError(f"{name} {text}" for name, text in problems.items())
    return Settings(tenants=tuple(tenants), **service)


# Below, problems are a dict: the setting as the operator knows it, to what is wrong and how to mend it.


def _misspelt(names: Iterable[str]) -> dict[str, str]:
    """Names that can only be meant for us: with one of our prefixes, or almost one of our long names."""
    problems = {}
    for name in sorted(set(names) - NAMES):
        near = get_close_matches(name, NAMES, n=1)
        almost = len(name) >= len("OZMAP_CA") and get_close_matches(name, NAMES, n=1, cutoff=0.9)
        if name.startswith(_PREFIXES) or almost:
            mend = f"did you mean {near[0]}?" if near else "remove it"
            problems[name] = f"is not a setting: {mend}"
    return problems


def _service() -> tuple[dict[str, Any], dict[str, str]]:
    env = Env(eager=False)
    mends = {
        "REPLY_DEADLINE": "must be seconds between 0.5 and 60",
        "PORT": "must be a port between 1 and 65535",
        "DATABASE_URL": "must be sqlite:///a/file.db or postgresql://user:password@host/database",
        "SETTLE_TIME": "must be seconds between 1 and 3600",
        "WEB_CONCURRENCY": "must be a number of processes between 1 and 64",
        "GEOCODER": "must be one of: " + " | ".join((*SERVICES, NO_GEOCODER)),
        "GEOCODER_URL": "must be an address, like https://nominatim.example.com",
        "CEP_URL": "must be an address, like https://viacep.com.br/ws",
        "PUBLIC_URL": "must be an address, like https://webhook.isp.example",
        "FINDME_URL": "must be an address with {conversa_id} in it",
        "MAP_TILES": "must be an address with {z}, {x} and {y} in it",
        "SATELLITE_TILES": "must be an address with {z}, {x} and {y} in it",
        "OPERATOR_KEY": f"must have {SHORTEST_KEY} characters or more",
        "RATE_LIMIT": "must be calls in a time, like 120/minute or 10/second; 5000/day",
        "REDIS_URL": "must be an address, like redis://127.0.0.1:6379/0, with rediss:// for TLS",
        "SIMULATOR": "must be 1 or 0",
        "TRUSTED_PROXIES": "must be a number of proxies between 0 and 10",
        "HUGGY_API_URL": "must be an address, like https://api.huggy.app/v3",
    }
    values: dict[str, Any] = {
        "reply_deadline": env.float("REPLY_DEADLINE", 4.5, validate=Range(0.5, 60)),
        "port": env.int("PORT", 15000, validate=Range(1, 65535)),
        "processes": env.int("WEB_CONCURRENCY", 2, validate=Range(1, 64)),
        "database_url": env.str("DATABASE_URL", DATABASE, validate=_is_database),
        "settle_time": env.float("SETTLE_TIME", Settings.settle_time, validate=Range(1, 3600)),
        "geocoder": env.str("GEOCODER", "nominatim", validate=OneOf((*SERVICES, NO_GEOCODER))),
        "geocoder_url": _without_slash(env.str("GEOCODER_URL", None, validate=_URL)),
        "geocoder_key": env.str("GEOCODER_KEY", None),
        "geocoder_contact": env.str("GEOCODER_CONTACT", None),
        "public_url": _without_slash(env.str("PUBLIC_URL", Settings.public_url, validate=_URL)),
        "findme_url": env.str("FINDME_URL", None, validate=_has("{conversa_id}")),
        "tiles": Tiles(
            map=env.str("MAP_TILES", Tiles.map, validate=_has("{z}", "{x}", "{y}")),
            map_credit=env.str("MAP_CREDIT", Tiles.map_credit),
            satellite=env.str("SATELLITE_TILES", Tiles.satellite, validate=_has("{z}", "{x}", "{y}")),
            satellite_credit=env.str("SATELLITE_CREDIT", Tiles.satellite_credit),
        ),
        "operator_key": env.str("OPERATOR_KEY", None, validate=Length(SHORTEST_KEY)),
        "rate_limit": env.str("RATE_LIMIT", None, validate=_is_rate),
        "redis_url": env.str("REDIS_URL", None, validate=_is_redis),
        "simulator": env.bool("SIMULATOR", False),
        "trusted_proxies": env.int("TRUSTED_PROXIES", 0, validate=Range(0, 10)),
        "recipes_dir": env.str("RECIPES_DIR", None),
        "cep_url": _without_slash(env.str("CEP_URL", Settings.cep_url, validate=_URL)),
        "huggy_api_url": _without_slash(env.str("HUGGY_API_URL", Settings.huggy_api_url, validate=_URL)),
    }
    styles = {name: next(iter(platform.styles)) for name, platform in PLATFORMS.items()}
    for name, platform in _STYLES.items():
        mends[name] = "must be one of: " + " | ".join(platform.styles)
        styles[platform.name] = env.str(name, styles[platform.name], validate=OneOf(platform.styles))
    try:
        env.seal()
    except EnvValidationError as error:
        return {}, {name: mends[name] for name in error.error_messages}
    if "DYNO" in os.environ and database_url(values["database_url"]).get_backend_name() == "sqlite":
        return {}, {
            "DATABASE_URL": "is a file, and this host (DYNO is set) throws its disk away at restart:"
            " add a PostgreSQL, or sales that customers were promised get lost"
        }
    service = SERVICES.get(values["geocoder"])
    if (service and service.key_name) and not values["geocoder_key"]:
        return {}, {"GEOCODER_KEY": f"is missing: {service.name} takes no call without a key"}
    return values | {"styles": styles, "geocoder": service and service.name}, {}


def _has(*names: str) -> Callable[[str], None]:
    """A check for an address with these names in braces."""

    def check(url: str) -> None:
        plain = url
        for name in names:
            if name not in url:
                raise ValidationError(f"lacks {name}")
            plain = plain.replace(name, "1")
        if urlsplit(plain).scheme not in {"http", "https"}:
            raise ValidationError("no address")

    return check


def _is_database(url: str) -> None:
    try:
        database_url(url)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def _is_rate(text: str) -> None:
    try:
        possible = all(item.amount for item in parse_many(text))
    except ValueError:
        possible = False
    if not possible:
        raise ValidationError("no rate")


def _is_redis(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.port != 0 and parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"redis", "rediss"} or not re.fullmatch("/?[0-9]*", parts.path):
        raise ValidationError("no address")


def _without_slash(url: str | None) -> str | None:
    return url.rstrip("/") if url else None


def _tenants_of(path: str) -> tuple[list[Tenant], dict[str, str]]:
    where = f"TENANTS_FILE {path}"
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError) as error:
        return [], {where: f"cannot be read: {error}"}
    except tomllib.TOMLDecodeError as error:
        return [], {where: f"is not TOML: {error}"}
    isps = tables.get("isp")
    if tables.keys() != {"isp"} or not isinstance(isps, dict) or not isps:
        return [], {where: "must hold tables [isp.<slug>] and nothing else"}
    return _tenants(isps, lambda slug, name: f"{where} [isp.{slug}] {name}".removesuffix(" _schema"))


def _tenants(
    tables: Mapping[str, Any], spell: Callable[[str, str], str]
) -> tuple[list[Tenant], dict[str, str]]:
    """The tenants, and the problems; `spell(slug, name)` is a setting as the operator knows it."""
    tenants: list[Tenant] = []
    problems: dict[str, str] = {}
    for slug, table in tables.items():
        if isinstance(table, dict) and not any(f"{name}_key" in table for name in PLATFORMS):
            names = " or ".join(spell(slug, f"{name}_key") for name in PLATFORMS)
            problems[names] = "is missing: without a key no flow can call"
        try:
            tenant = make_tenant(slug, _schema.load(table))
        except ValidationError as error:
            wrong: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
            problems |= {spell(slug, name): _mend(name, texts) for name, texts in wrong.items()}
            continue
        tenants.append(tenant)
        for code in tenant.texts.keys() - CATALOGUE.keys():
            problems[spell(slug, f"textos.{code}")] = "is no outcome code: see docs/pt/outcomes.md"
    return tenants, problems


def _mend(name: str, texts: Any) -> str:
    if name in _FILE_ONLY:
        return "must be a table of texts"
    near = get_close_matches(name, {known.lower() for known in _TENANT_NAMES} | _FILE_ONLY, n=1)
    hint = f": did you mean {near[0]}?" if texts[0] == UNKNOWN and near else ""
    return f"{texts[0]}{hint}"


def _shared_keys(tenants: Iterable[Tenant]) -> dict[str, str]:
    """A key picks its tenant, so no two tenants may share one."""
    owners: dict[str, str] = {}
    problems = {}
    for tenant in tenants:
        for platform, key in {(name, key) for name, keys in tenant.keys.items() for key in keys}:
            owner = owners.setdefault(key, tenant.slug)
            if owner != tenant.slug:
                problems[f"{platform}_key of [isp.{tenant.slug}]"] = (
                    f"is also a key of [isp.{owner}]: give each ISP keys of its own"
                )
    return problems


def _shared_codes(tenants: Iterable[Tenant]) -> dict[str, str]:
    """Two ISPs on one OZmap must not make the same client codes: each would take the other's for its own.

    Without regard to case, since nobody knows whether OZmap has any for codes.
    """
    problems = {}
    for tenant, other in combinations(tenants, 2):
        same = _address(tenant.ozmap_url) == _address(other.ozmap_url)
        first, second = sorted((f"{one.prefix}-".casefold() for one in (tenant, other)), key=len)
        if same and second.startswith(first):
            problems[f"prefixo of [isp.{other.slug}]"] = (
                f"begins like that of [isp.{tenant.slug}], which has the same ozmap_url:"
                " give each ISP on one OZmap a prefixo of its own"
            )
    return problems


def _address(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
