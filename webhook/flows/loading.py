"""Reads the folders of flow templates, and collects what is wrong with the files that cannot be read."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from marshmallow import ValidationError

from schemas.messages import lines
from webhook.flows.definition import FLOW, INDEX_ENTRY, Flow, IndexEntry
from webhook.platforms import PLATFORMS

ROOT = Path(__file__).parents[2]
INDEX = "index.toml"


@dataclass(frozen=True)
class Finding:
    """A mistake in a file; `step` is empty when the mistake is not in one step."""

    file: str
    step: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}{f' [{self.step}]' if self.step else ''}: {self.text}"


@dataclass
class Templates:
    """Flows and index entries by platform and name."""

    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)
    entries: dict[tuple[str, str], IndexEntry] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def folder(platform: str, root: Path = ROOT) -> Path:
    """The folder with the flows of a platform."""
    return root / f"{platform}_flows"


def load(root: Path = ROOT) -> Templates:
    """All flows of all platforms."""
    templates = Templates()
    for platform in PLATFORMS:
        for path in sorted(folder(platform, root).glob("*.json")):
            _read_flow(templates, platform, path)
        _read_index(templates, platform, folder(platform, root) / INDEX)
    return templates


def parse(text: str) -> Flow:
    """The flow that a file's text defines. Raises ValueError (no JSON) or ValidationError."""
    return FLOW.read_one(json.loads(text))


def _read_flow(templates: Templates, platform: str, path: Path) -> None:
    file = f"{path.parent.name}/{path.name}"
    try:
        flow = parse(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        templates.findings += _findings(file, "", error)
        return
    except (OSError, ValueError, RecursionError) as error:
        templates.findings.append(Finding(file, "", f"is not JSON: {error}"))
        return
    if (flow.platform, f"{flow.name}.json") != (platform, path.name):
        templates.findings.append(Finding(file, "", f"says it is {flow.name} of {flow.platform}"))
    templates.flows[platform, path.stem] = flow


def _read_index(templates: Templates, platform: str, path: Path) -> None:
    file = f"{path.parent.name}/{path.name}"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        templates.findings.append(Finding(file, "", f"cannot be read: {error}"))
        return
    for name, table in tables.items():
        try:
            templates.entries[platform, name] = INDEX_ENTRY.read_one(table)
        except ValidationError as error:
            templates.findings += _findings(file, name, error)


def _findings(file: str, step: str, error: ValidationError) -> Iterator[Finding]:
    for path, text in lines(error):
        yield Finding(file, step, f"{'.'.join(path)} {text}".strip())
