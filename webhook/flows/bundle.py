"""The folders of flow definitions: every flow that can be read, and what is wrong with the others."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from webhook.flows.definition import Flow, FlowSchema, IndexEntry, IndexEntrySchema
from webhook.platforms import PLATFORMS

ROOT = Path(__file__).parents[2]
INDEX = "index.toml"

_FLOW = FlowSchema()
_ENTRY = IndexEntrySchema()


@dataclass(frozen=True)
class Finding:
    """Something wrong; `step` is empty where it is not about one."""

    file: str
    step: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}{f' [{self.step}]' if self.step else ''}: {self.text}"


@dataclass
class Bundle:
    """Flows and index entries by platform and name."""

    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)
    entries: dict[tuple[str, str], IndexEntry] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def folder(platform: str, root: Path = ROOT) -> Path:
    """Where a platform's flows are."""
    return root / f"{platform}_flows"


def load(root: Path = ROOT) -> Bundle:
    """All flows of all platforms."""
    bundle = Bundle()
    for platform in PLATFORMS:
        where = folder(platform, root)
        for path in sorted(where.glob("*.json")):
            _read_flow(bundle, platform, path)
        _read_index(bundle, platform, where / INDEX)
    return bundle


def _read_flow(bundle: Bundle, platform: str, path: Path) -> None:
    file = f"{path.parent.name}/{path.name}"
    try:
        flow: Flow = _FLOW.load(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        bundle.findings.append(Finding(file, "", f"is not JSON: {error}"))
        return
    except ValidationError as error:
        bundle.findings += [Finding(file, "", f"{at} {said}".strip()) for at, said in _messages(error)]
        return
    if (flow.platform, f"{flow.name}.json") != (platform, path.name):
        bundle.findings.append(Finding(file, "", f"says it is {flow.name} of {flow.platform}"))
    bundle.flows[platform, path.stem] = flow


def _read_index(bundle: Bundle, platform: str, path: Path) -> None:
    file = f"{path.parent.name}/{path.name}"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        bundle.findings.append(Finding(file, "", f"cannot be read: {error}"))
        return
    for name, table in tables.items():
        try:
            bundle.entries[platform, name] = _ENTRY.load(table)
        except ValidationError as error:
            bundle.findings += [Finding(file, name, f"{at} {said}".strip()) for at, said in _messages(error)]


def _messages(error: ValidationError) -> Iterator[tuple[str, str]]:
    """The way to each mistake, and what it is."""
    messages: Any = error.normalized_messages()  # type: ignore[no-untyped-call]
    return _walk(messages, ())


def _walk(found: Any, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(found, Mapping):
        for key, inner in found.items():
            yield from _walk(inner, (*way, str(key)) if key != "_schema" else way)
    else:
        for text in found:
            yield ".".join(way), str(text)
