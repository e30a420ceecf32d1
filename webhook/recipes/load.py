"""Recipes from their files: ours, and an ISP's own. One of an ISP replaces ours of the same name."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from marshmallow import ValidationError

from schemas import messages
from webhook.recipes import check
from webhook.recipes.kinds import NAME
from webhook.recipes.model import Recipe, RecipeSchema
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
    mistakes = list(check.mistakes(table))
    try:
        recipe = RecipeSchema().read_one(table)
        if not mistakes:
            return replace(recipe, name=path.stem)
    except ValidationError as error:
        mistakes += messages.lines(error)
    numbers = _line_numbers(text)
    lines = sorted((_line_of(keys, numbers), ".".join(keys), mistake) for keys, mistake in mistakes)
    raise SettingsError(f"{path}:{line}: {key} {mistake}" for line, key, mistake in lines)


def _line_numbers(text: str) -> dict[messages.Path, int]:
    """The first line of each table and key. tomllib does not tell, so this reads the file's lines again."""
    numbers: dict[messages.Path, int] = {}
    table: messages.Path = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _TABLE.fullmatch(line):
            keys = table = _keys(header[1])
        elif key := _KEY.match(line):
            keys = (*table, *_keys(key[1]))
        else:
            continue
        for depth in range(1, len(keys) + 1):
            numbers.setdefault(keys[:depth], number)
    return numbers


def _keys(dotted: str) -> messages.Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _line_of(keys: messages.Path, numbers: Mapping[messages.Path, int]) -> int:
    """The line of a key; of the nearest table around a key that the file does not have."""
    return next(
        (numbers[keys[:depth]] for depth in range(len(keys), 0, -1) if keys[:depth] in numbers),
        1,
    )
