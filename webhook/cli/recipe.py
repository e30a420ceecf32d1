"""python -m webhook recipe try NAME key=value ...: OZmap's raw answer beside the flat one."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from schemas.recipe import PLACE_KEYS, REQUEST_KEYS, Recipe, typed
from webhook.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError
from webhook.recipes.flatten import values_of
from webhook.recipes.load import load as load_recipes
from webhook.recipes.run import answer, raw_answer
from webhook.settings import SettingsError, load

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PATIENCE = 30.0
"""Seconds for the whole try."""
MOST_KEYS = 200
"""Keys that are proposed."""
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
        _show(recipe, values, ozmap)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except OzmapError as error:
        print(f"OZmap: {error.reason} {error.said}".strip(), file=sys.stderr)
        return 1
    return 0


def _values(recipe: Recipe, given: list[str]) -> dict[str, Any]:
    """Raises SettingsError."""
    sent = dict(pair.partition("=")[::2] for pair in given)
    kinds = REQUEST_KEYS | dict(recipe.inputs)
    values, problems = {}, []
    for name in sorted(recipe.wanted):
        try:
            values[name] = typed(kinds[name], sent[name])
        except KeyError:
            problems.append(f"{name}=... is missing")
        except ValidationError as error:
            problems.append(f"{name} {error.messages[0]}")
    if problems:
        hint = "; give coordinates here, a flow may send any location" if recipe.wanted & PLACE_KEYS else ""
        raise SettingsError(f"{problem}{hint}" for problem in problems)
    return values


def _show(recipe: Recipe, values: dict[str, Any], ozmap: Ozmap) -> None:
    known = dict(values)
    for read in recipe.reads:
        raw = raw_answer(recipe, read, known, ozmap)
        print(f"# OZmap: GET {'/'.join(read.path)}\n{_json(raw)}\n")
        print("# Every value that a key could have, as `key = expression`:")
        for expression, value in list(_leaves(raw))[:MOST_KEYS]:
            print(f"{_key_for(expression)} = {json.dumps(expression)}  # {str(value)[:LONGEST_EXAMPLE]}")
        print()
        known |= values_of(read, raw)
    found = answer(recipe, values, ozmap)
    flat = {name: getattr(found.result, name, None) for name in recipe.key_names}
    print(f"# The flat reply\n{_json({'codigo': found.outcome.code, 'mensagem': found.detail} | flat)}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _leaves(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Each text, number, yes or no of an answer, by its JMESPath expression; of a list its first element."""
    if isinstance(value, dict):
        for name, inner in value.items():
            plain = name if name.replace("_", "a").isalnum() and not name[0].isdigit() else json.dumps(name)
            yield from _leaves(inner, f"{way}.{plain}" if way else plain)
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from _leaves(inner, f"{way}[0]")
    elif value is not None:
        yield way, value


def _key_for(expression: str) -> str:
    words = "".join(sign if sign.isalnum() else "_" for sign in expression.lower()).replace("_0_", "_")
    key = "_".join(word for word in words.split("_") if word and word not in {"rows", "0"})
    return key if key[:1].isalpha() else f"valor_{key}"
