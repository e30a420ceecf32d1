"""python -m webhook recipe try NAME key=value ...: OZmap's raw answer beside the flat one."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from schemas.reply import Reply
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError
from webhook.recipes.flatten import readable
from webhook.recipes.load import load as load_recipes
from webhook.recipes.model import PLACE_KEYS, Recipe
from webhook.recipes.run import steps, told
from webhook.settings import SettingsError, load

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PATIENCE = 30.0
"""Seconds for the whole try."""
LONGEST_EXAMPLE = 60
"""Characters of a proposed key's value."""


def add_to(commands: "Commands") -> None:
    """The command's place on the command line."""
    group = commands.add_parser("recipe", help="recipes").add_subparsers(required=True, metavar="COMMAND")
    parser = group.add_parser("try", help="run a recipe, and show what else could be had")
    parser.add_argument("name")
    parser.add_argument("values", nargs="*", metavar="key=value")
    parser.add_argument("--isp", help="the slug of the ISP, where TENANTS_FILE has several")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints both answers and the keys; 0 when OZmap answered."""
    try:
        settings = load()
        recipes = load_recipes(settings.recipes_dir)
        tenants = [isp for isp in settings.tenants if arguments.isp in {None, isp.slug}]
        if len(tenants) != 1:
            raise SettingsError(["name one of: --isp " + " | ".join(isp.slug for isp in settings.tenants)])
        if arguments.name not in recipes:
            raise SettingsError([f"no recipe {arguments.name}: there are " + ", ".join(recipes)])
        recipe = recipes[arguments.name]
        values = _values(recipe, arguments.values)
        ozmap = Ozmap(OzmapAccount(OzmapClient(tenants[0], Breaker())), Deadline(PATIENCE))
        _show(recipe, values, ozmap, tenants[0].texts)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except OzmapError as error:
        print(f"OZmap: {error.reason} {error.message}".strip(), file=sys.stderr)
        return 1
    return 0


def _values(recipe: Recipe, given: list[str]) -> dict[str, Any]:
    """Raises SettingsError."""
    try:
        return recipe.values_from(dict(pair.partition("=")[::2] for pair in given))
    except ValidationError as error:
        messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        hint = "; give coordinates here, a flow may send any location" if recipe.wanted & PLACE_KEYS else ""
        raise SettingsError(f"{name}=... {texts[0]}{hint}" for name, texts in messages.items()) from None


def _show(recipe: Recipe, values: dict[str, Any], ozmap: Ozmap, texts: Mapping[str, str]) -> None:
    made = []
    for step in steps(recipe, values, ozmap):
        made.append(step)
        print(f"# OZmap: GET {'/'.join(step.read.path)}")
        if step.raw is None:
            print("# nothing there\n")
            continue
        print(
            f"{_json(step.raw)}\n\n# Every key that could be had from it, as `key = expression  # its value`:"
        )
        for key, (expression, value) in _proposed(step.raw).items():
            print(f"{key} = {_text(expression)}  # {readable(value)[:LONGEST_EXAMPLE]}")
        print()
    found = told(recipe, made)
    flat = {name: getattr(found.result, name, None) for name in recipe.key_names}
    said = found.outcome.words(texts, found.detail)
    print(f"# The flat reply\n{_json({'codigo': found.outcome.code, 'mensagem': said} | flat)}")


def _text(value: str) -> str:
    """A text in TOML, which takes JSON's escapes but not its pairs of them."""
    return json.dumps(value, ensure_ascii=False)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _proposed(answer: Any) -> dict[str, tuple[str, Any]]:
    """Key to its expression and value: all that a flat reply can have of an answer."""
    found: dict[str, tuple[str, Any]] = {}
    for expression, value in _values_in(answer):
        plain = re.sub(r"\brows\b|\[0\]", "", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", expression))
        words = re.sub("[^a-z0-9]+", "_", plain.lower()).strip("_")
        key = words if words[:1].isalpha() and words not in Reply().fields else f"valor_{words}".strip("_")
        free = next(n for n in count(1) if f"{key}_{n}" not in found) if key in found else 0
        found[f"{key}_{free}" if free else key] = (expression, value)
    return found


def _values_in(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """By JMESPath expression: a list of plain values whole, of other lists how many and their first one's."""
    if isinstance(value, dict):
        for name, inner in value.items():
            plain = name if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else _text(name)
            yield from _values_in(inner, f"{way}.{plain}" if way else plain)
    elif isinstance(value, list) and not any(isinstance(inner, dict | list) for inner in value):
        yield way or "@", value
    elif isinstance(value, list):
        yield f"length({way or '@'})", len(value)
        yield from _values_in(value[0], f"{way}[0]")
    else:
        yield way or "@", value
