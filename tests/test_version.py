"""The version stands in one place; whatever shows it has it from there."""

import tomllib
from pathlib import Path

from webhook.__version__ import __version__
from webhook.location.geocoder import USER_AGENT

ROOT = Path(__file__).parents[1]


def test_the_project_has_its_version_from_the_module():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in pyproject["project"]
    assert pyproject["project"]["dynamic"] == ["version"]
    dynamic = pyproject["tool"]["setuptools"]["dynamic"]
    assert dynamic == {"version": {"attr": "webhook.__version__.__version__"}}


def test_the_service_shows_it(client):
    assert client.get("/openapi.json").get_json()["info"]["version"] == __version__
    assert f"ozmap-chatbot-webhook/{__version__}" == USER_AGENT


def test_the_changelog_begins_with_it():
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0].split()[1] == __version__
