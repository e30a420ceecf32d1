"""Runs a recipe: request values to OZmap reads, their answers to flat values."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from schemas.recipe import Read, Recipe, filled
from webhook.cache import SharedCache
from webhook.outcomes import CONSULTA_OK, CONSULTA_VAZIA, Answer
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError, OzmapRefused, OzmapUnavailable
from webhook.recipes import flatten

REMEMBERED = 1000
"""Answers per recipe."""
DONE = "Consulta feita."


class Kitchen:
    """The recipes, and what is remembered of those that ask for it; may be shared by threads."""

    def __init__(self, recipes: Mapping[str, Recipe]) -> None:
        self.recipes = recipes
        self._remembered: dict[str, SharedCache[Answer]] = {
            name: SharedCache(REMEMBERED, recipe.cache_seconds)
            for name, recipe in recipes.items()
            if recipe.cache_seconds
        }

    def run(self, recipe: Recipe, values: Mapping[str, Any], ozmap: Ozmap, tenant: str) -> Answer:
        """The recipe's answer; `values` has all that it wants, as their types."""
        try:
            if cache := self._remembered.get(recipe.name):
                key = (tenant, json.dumps(values, sort_keys=True))
                return cache.get(key, lambda: answer(recipe, values, ozmap), ozmap.deadline)
            return answer(recipe, values, ozmap)
        except OzmapError as error:
            return Answer(error.outcome)
        except TimeoutError:
            return Answer(OzmapUnavailable.outcome)


def answer(recipe: Recipe, values: Mapping[str, Any], ozmap: Ozmap) -> Answer:
    """Raises OzmapError, so that a failure is not remembered."""
    found: dict[str, Any] = {}
    for read in recipe.reads:
        known = {**values, **found}
        if any(known[name] is None for name in read.placeholders()):
            return Answer(CONSULTA_VAZIA)
        raw = raw_answer(recipe, read, known, ozmap)
        if raw is None or flatten.is_empty(read, raw):
            return Answer(CONSULTA_VAZIA)
        found |= flatten.values_of(read, raw)
        if read is recipe.main and recipe.spread:
            found |= flatten.spread_over(recipe.spread, raw)
    said = flatten.message(recipe, found) or DONE
    return Answer(CONSULTA_OK, SimpleNamespace(**found), said)


def raw_answer(recipe: Recipe, read: Read, values: Mapping[str, Any], ozmap: Ozmap) -> Any:
    """What OZmap answers, None where it has nothing there. Raises OzmapError."""
    segments = [str(filled(part, values)) for part in read.path]
    parameters = {name: _parameter(filled(value, values)) for name, value in read.parameters.items()}
    try:
        return ozmap.read(f"receita {recipe.name}", segments, parameters)
    except OzmapRefused as error:
        if error.reason == "404":
            return None
        raise


def _parameter(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
