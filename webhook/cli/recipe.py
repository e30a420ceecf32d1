"""python -m webhook recipe try NAME key=value ...: OZmap's raw answer and the flat one."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import count

from marshmallow import ValidationError

from schemas.messages import lines
from schemas.reply import Reply
from webhook.cli import Commands
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapError
from webhook.recipes.flatten import readable
from webhook.recipes.load import load as load_recipes
from webhook.recipes.model import Recipe
from webhook.recipes.run import answer_of, steps
from webhook.settings import SettingsError, load

READS_TIMEOUT = 30.0
"""Seconds for all reads of the recipe."""
LONGEST_EXAMPLE = 60
"""Characters of a proposed key's value."""


def add_to(commands: Commands) -> None:
    group = commands.add_parser("recipe", help="recipes").add_subparsers(required=True, metavar="COMMAND")
    parser = group.add_parser("try", help="run a recipe, and show every key that its answers could give")
    parser.add_argument("name")
    parser.add_argument("values", nargs="*", metavar="key=value")
    parser.add_argument("--isp", help="the slug of the ISP, where TENANTS_FILE has several")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints both answers and the keys; 0 if OZmap answered."""
    settings = load()
    recipes = load_recipes(settings.recipes_dir)
    tenants = [isp for isp in settings.tenants if arguments.isp in {None, isp.slug}]
    if len(tenants) != 1:
        raise SettingsError(["name one of: --isp " + " | ".join(isp.slug for isp in settings.tenants)])
    if arguments.name not in recipes:
        raise SettingsError([f"no recipe {arguments.name}: there are " + ", ".join(recipes)])
    recipe = recipes[arguments.name]
    values = _values(recipe, arguments.values)
    ozmap = Ozmap(OzmapAccount(OzmapClient(tenants[0], Breaker())), Deadline(READS_TIMEOUT))
    try:
        _show(recipe, values, ozmap, tenants[0].texts)
    except OzmapError as error:
        print(f"OZmap: {error.reason} {error.message}".strip(), file=sys.stderr)
        return 1
    return 0


def _values(recipe: Recipe, given: list[str]) -> dict[str, object]:
    """Raises SettingsError."""
    try:
        return recipe.inputs_schema().read_one(dict(pair.partition("=")[::2] for pair in given))
    except ValidationError as error:
        hint = "; give coordinates here, a flow may send any location" if recipe.needs_place else ""
        raise SettingsError(f"{'.'.join(path)}=... {text}{hint}" for path, text in lines(error)) from None


def _show(recipe: Recipe, values: Mapping[str, object], ozmap: Ozmap, texts: Mapping[str, str]) -> None:
    made = []
    for step in steps(recipe, values, ozmap):
        made.append(step)
        print(f"# OZmap: GET {'/'.join(step.read.path)}")
        if step.raw is None:
            print("# nothing there\n")
            continue
        print(
            f"{_json(step.raw)}\n\n# Every key that this answer could give, as `key = expression  # value`:"
        )
        for key, (expression, value) in _proposed(step.raw).items():
            print(f"{key} = {_text(expression)}  # {readable(value)[:LONGEST_EXAMPLE]}")
        print()
    answer = answer_of(recipe, made)
    # A recipe that found nothing has no result, and all of its keys are empty.
    flat = {name: getattr(answer.result, name, None) for name in recipe.key_names}
    common = {"codigo": answer.outcome.code, "mensagem": answer.outcome.words(texts, answer.detail)}
    print(f"# The flat reply\n{_json(common | flat)}")


def _text(value: str) -> str:
    """A text in TOML. It has JSON's escapes, but not pairs of them for one character."""
    return json.dumps(value, ensure_ascii=False)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _proposed(answer: object) -> dict[str, tuple[str, object]]:
    """Key to its expression and value, for all that a flat reply can take from an answer."""
    proposed: dict[str, tuple[str, object]] = {}
    for expression, value in _values_in(answer):
        # rows[0].idsOfAll -> ids_of_all: neither OZmap's page nor its camel case belongs into a reply key.
        plain = re.sub(r"\brows\b|\[0\]", "", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", expression))
        words = re.sub("[^a-z0-9]+", "_", plain.lower()).strip("_")
        key = words if words[:1].isalpha() and words not in Reply().fields else f"valor_{words}".strip("_")
        free = next(n for n in count(1) if f"{key}_{n}" not in proposed) if key in proposed else 0
        proposed[f"{key}_{free}" if free else key] = (expression, value)
    return proposed


def _values_in(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """JMESPath expression and value of each leaf: of a list of records its length and its first record."""
    if isinstance(value, dict):
        for name, inner in value.items():
            plain = name if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else _text(name)
            yield from _values_in(inner, f"{path}.{plain}" if path else plain)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        yield f"length({path or '@'})", len(value)
        yield from _values_in(value[0], f"{path}[0]")
    else:
        yield path or "@", value
