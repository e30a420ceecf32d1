"""Reads conversations: those that come with the service, and an ISP's own from its folder."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from marshmallow import ValidationError

from schemas.messages import lines
from webhook.flows import dialogue
from webhook.flows.dialogue import Dialogue

BUILT_IN = Path(__file__).parent / "conversations"
LOOP = Path(__file__).parent / "conversa.toml"
"""The flow of a platform on which the webhook leads: it is exported like a conversation, and never led."""


@dataclass(frozen=True)
class Finding:
    """A mistake in a file; `step` is empty when the mistake is not in one step."""

    file: str
    step: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}{f' [{self.step}]' if self.step else ''}: {self.text}"


class BadFile(Exception):
    """A conversation's file cannot be read."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def load(path: Path) -> Dialogue:
    """The conversation of a file. Raises BadFile."""
    try:
        # utf-8-sig: editors on Windows begin a file with a byte order mark.
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return dialogue.read(path.stem, tables)
    except ValidationError as error:
        raise BadFile(list(_findings(path.name, error))) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadFile([Finding(path.name, "", f"cannot be read: {error}")]) from None


def paths_in(folder: Path) -> list[Path]:
    """The conversations' files of a folder."""
    return sorted(folder.glob("*.toml"))


@cache
def built_in() -> Mapping[str, Dialogue]:
    """The conversations that come with the service, by name."""
    return {path.stem: load(path) for path in paths_in(BUILT_IN)}


@cache
def loop() -> Dialogue:
    """The flow that calls `conversa` again and again."""
    return load(LOOP)


def digest(path: Path) -> str:
    """What a copy remembers of its original."""
    return sha256(path.read_bytes()).hexdigest()[:16]


def _findings(file: str, error: ValidationError) -> Iterator[Finding]:
    for path, text in lines(error):
        step = path[1] if len(path) > 1 and path[0] == "passos" else ""
        # The schema puts a dict's values below "value".
        rest = [part for part in (path[2:] if step else path) if part != "value"]
        yield Finding(file, step, f"{'.'.join(rest)} {text}".strip())
