"""Recipes from their files: ours, and an ISP's own, which may take the place of one of ours."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from webhook.platforms import PLATFORMS
from webhook.recipes.file import NAME, RecipeSchema, Way
from webhook.recipes.model import Recipe
from webhook.settings import SettingsError

BUILTIN = Path(__file__).parent / "builtin"
_TABLE = re.compile(r"""\s*\[\[?([\w.\s"'-]+)\]\]?\s*(?:#.*)?""")
_KEY = re.compile(r"""\s*([\w.\s"'-]+?)\s*=""")


def load(folder: str | None) -> dict[str, Recipe]:
    """All recipes by name. Raises SettingsError with every mistake, each with its file and line."""
    paths = sorted(BUILTIN.glob("*.toml"))
    problems: list[str] = []
    if folder is not None:
        own = sorted(Path(folder).glob("*.toml"))
        if not own:
            problems.append(f"RECIPES_DIR {folder} has no recipes: name a folder with *.toml files")
        paths += own
    recipes = {}
    for path in paths:
        try:
            recipes[path.stem] = read(path)
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return recipes


def read(path: Path) -> Recipe:
    """One file. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path}: is not TOML: {error}"]) from None
    if not NAME.fullmatch(path.stem):
        raise SettingsError([f"{path}: the file's name must be of a-z, 0-9 and _, beginning with a letter"])
    try:
        recipe: Recipe = RecipeSchema(path.stem, list(PLATFORMS)).load(table)
    except ValidationError as error:
        messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        lines = _lines(text)
        found = sorted((_line(lines, way), ".".join(way), said) for way, said in _walk(messages, ()))
        raise SettingsError(f"{path}:{line}: {way} {said}" for line, way, said in found) from None
    return recipe


def _walk(found: Any, way: Way) -> Iterator[tuple[Way, str]]:
    """Each mistake with the way to it, in the file's own words."""
    if isinstance(found, Mapping):
        for key, inner in found.items():
            # marshmallow's own levels of a dict field, below the name, are none of the file's.
            own = key == "_schema" or (key in {"key", "value"} and isinstance(inner, list))
            yield from _walk(inner, way if own else (*way, str(key)))
    else:
        for text in found:
            yield way, str(text)


def _lines(text: str) -> dict[Way, int]:
    """The first line of each table and key, by its way; tomllib does not tell."""
    lines: dict[Way, int] = {}
    table: Way = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _TABLE.fullmatch(line):
            way = table = _way(header[1])
        elif key := _KEY.match(line):
            way = (*table, *_way(key[1]))
        else:
            continue
        for depth in range(1, len(way) + 1):
            lines.setdefault(way[:depth], number)
    return lines


def _way(dotted: str) -> Way:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _line(lines: Mapping[Way, int], way: Way) -> int:
    """Of a key, or of the nearest table around it."""
    return next((lines[way[:depth]] for depth in range(len(way), 0, -1) if way[:depth] in lines), 1)
