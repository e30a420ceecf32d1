"""docs/settings.md and .env.example have every setting with its default, and no other."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from schemas.countries import Country
from schemas.tenants import Tenant, tenant_schema
from webhook.platforms import PLATFORMS
from webhook.settings import NAMES, SECRETS, tenants
from webhook.settings.service import SETTINGS

ROOT = Path(__file__).parents[1]
ISP, SERVICE = (
    [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in part.splitlines()
        if "| `" in line
    ]
    for part in (ROOT / "docs" / "settings.md").read_text().split("\n## ")[1:]
)


def shown(default: object) -> str:
    """A default as an operator would write it; empty where there is none."""
    if isinstance(default, bool):
        return "1" if default else "0"
    if isinstance(default, Country):
        return default.alpha2
    return f"{default:g}" if isinstance(default, int | float) else str(default or "")


def of_tenants() -> dict[str, str]:
    """Each setting of a tenant to its default."""
    defaults = {one.name: one.default for one in fields(Tenant)}
    own = {
        (field.data_key or name).upper(): "nao" if defaults.get(name) is False else shown(defaults.get(name))
        for name, field in tenant_schema(PLATFORMS).fields.items()
        if not field.required and name != "texts"
    }
    return own | {"OZMAP_URL": "required", "OZMAP_TOKEN": "required"}


def cell(default: str) -> str:
    return default if default == "required" else f"`{default}`" if default else "–"


def test_the_page_has_the_settings_of_the_service_as_they_are_declared():
    expected = [
        [
            f"`{one.name}`",
            cell(shown(one.default)),
            one.meaning,
            re.sub("^must (be|have) ", "", one.kind.mend).replace("|", "\\|") or "–",
        ]
        for one in SETTINGS.values()
    ]
    assert expected == SERVICE


def test_the_page_has_the_settings_of_an_isp_with_their_defaults():
    found = {row[0].strip("`"): row[1] for row in ISP}
    assert found == {name: cell(default) for name, default in of_tenants().items()} | {"textos": "–"}
    assert len(found) == len(ISP)
    assert all(meaning.endswith(".") for _, _, meaning in ISP)


@pytest.fixture(scope="module")
def example() -> dict[str, list[str]]:
    """Each name in .env.example to the values that it has there."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M
    ):
        found.setdefault(name, []).append(value)
    return found


def test_the_example_has_every_setting_and_no_other(example):
    files = {f"{name}_FILE" for name in SECRETS}
    assert example.keys() - files == NAMES - files == of_tenants().keys() | SETTINGS.keys()
    assert of_tenants().keys() == tenants.NAMES


def test_the_example_shows_the_defaults(example):
    defaults = of_tenants() | {name: shown(one.default) for name, one in SETTINGS.items()}
    given = {name: default for name, default in defaults.items() if default not in {"", "required"}}
    assert {name: example[name][0] for name in given} == given
