"""Recipes from their files: ours, and an ISP's own, which may take the place of one of ours."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.recipe import KEY, Recipe, RecipeSchema
from webhook.platforms import PLATFORMS
from webhook.settings import SettingsError

BUILTIN = Path(__file__).parent / "builtin"


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
    if not KEY.fullmatch(path.stem):
        raise SettingsError([f"{path}: the file's name must be of a-z, 0-9 and _, beginning with a letter"])
    try:
        recipe: Recipe = RecipeSchema(path.stem, list(PLATFORMS)).load(table)
    except ValidationError as error:
        messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise SettingsError(
            f"{path}:{_line(text, way)}: {'.'.join(way)} {said}" for way, said in _walk(messages, ())
        ) from None
    return recipe


def _walk(found: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each mistake with the way to it, in the file's own words."""
    if isinstance(found, Mapping):
        for key, inner in found.items():
            # marshmallow's own levels of a dict field are none of the file's.
            yield from _walk(inner, way if key in {"key", "value", "_schema"} else (*way, str(key)))
    else:
        for text in found:
            yield way, str(text)


def _line(text: str, way: tuple[str, ...]) -> int:
    """The line of a key, or of the nearest table around it; tomllib does not tell."""
    for depth in range(len(way), 0, -1):
        key = re.escape(way[depth - 1])
        table = re.escape(".".join(way[:depth]))
        for number, line in enumerate(text.splitlines(), start=1):
            if re.match(rf"\s*(?:\[{table}\]|[\"']?{key}[\"']?\s*=)", line):
                return number
    return 1
