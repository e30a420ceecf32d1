"""The tenants: one from the environment, or those of TENANTS_FILE."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from marshmallow import ValidationError

from schemas.messages import lines
from schemas.tenants import UNKNOWN, Tenant, make_tenant, tenant_schema
from webhook.outcomes import CATALOGUE
from webhook.platforms import PLATFORMS

Problems: TypeAlias = dict[str, str]
"""A setting as the operator knows it, to what is wrong and how to mend it."""

SINGLE = "isp"
"""The tenant's name in the log of a service without TENANTS_FILE."""

_SCHEMA = tenant_schema(PLATFORMS)
_FILE_ONLY = {"textos"}
_IN_FILE = {field.data_key or name for name, field in _SCHEMA.fields.items()} | {"ozmap_token_file"}
NAMES = {name.upper() for name in _IN_FILE - _FILE_ONLY - {"ozmap_token_file"}}
"""The environment variables that describe the single tenant."""
SECRETS = {"OZMAP_TOKEN", "HUGGY_API_TOKEN", *(f"{name.upper()}_KEY" for name in PLATFORMS)}


def from_environment(given: Mapping[str, str]) -> tuple[list[Tenant], Problems]:
    """The single tenant, and the problems."""
    table = {name.lower(): value for name, value in given.items()}
    return _read({SINGLE: table}, lambda _, name: name.upper())


def from_file(path: str) -> tuple[list[Tenant], Problems]:
    """The tenants of a TENANTS_FILE, and the problems."""
    where = f"TENANTS_FILE {path}"
    try:
        # utf-8-sig: editors on Windows begin a file with a byte order mark.
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError) as error:
        return [], {where: f"cannot be read: {error}"}
    except tomllib.TOMLDecodeError as error:
        return [], {where: f"is not TOML: {error}"}
    isps = tables.get("isp")
    if tables.keys() != {"isp"} or not isinstance(isps, dict) or not isps:
        return [], {where: "must hold tables [isp.<slug>] and nothing else"}
    tenants, problems = _read(isps, lambda slug, name: f"{where} [isp.{slug}] {name}".rstrip())
    return tenants, problems | _shared_keys(tenants) | _shared_codes(tenants)


def _read(tables: Mapping[str, Any], spell: Callable[[str, str], str]) -> tuple[list[Tenant], Problems]:
    """`spell(slug, name)` is a setting as the operator knows it."""
    tenants: list[Tenant] = []
    problems: Problems = {}
    for slug, table in tables.items():
        if isinstance(table, dict) and not any(f"{name}_key" in table for name in PLATFORMS):
            names = " or ".join(spell(slug, f"{name}_key") for name in PLATFORMS)
            problems[names] = "is missing: without a key no flow can call"
        try:
            tenant = make_tenant(slug, _SCHEMA.load(table))
        except ValidationError as error:
            for path, text in lines(error):
                name = path[0] if path else ""
                # Of several texts for one setting the first says enough.
                problems.setdefault(spell(slug, name), _mend(name, text))
            continue
        tenants.append(tenant)
        for code in tenant.texts.keys() - CATALOGUE.keys():
            problems[spell(slug, f"textos.{code}")] = "is no outcome code: see docs/pt/outcomes.md"
    return tenants, problems


def _mend(name: str, text: str) -> str:
    if name in _FILE_ONLY:
        return "must be a table of texts"
    near = get_close_matches(name, _IN_FILE, n=1)
    return f"{text}: did you mean {near[0]}?" if text == UNKNOWN and near else text


def _shared_keys(tenants: Iterable[Tenant]) -> Problems:
    """Keys that two tenants share. The key alone tells whose call it is, so each needs keys of its own."""
    owners: dict[str, str] = {}
    problems = {}
    for tenant in tenants:
        for platform, keys in tenant.keys.items():
            for key in keys:
                owner = owners.setdefault(key, tenant.slug)
                if owner != tenant.slug:
                    problems[f"{platform}_key of [isp.{tenant.slug}]"] = (
                        f"is also a key of [isp.{owner}]: give each ISP keys of its own"
                    )
    return problems


def _shared_codes(tenants: Iterable[Tenant]) -> Problems:
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
