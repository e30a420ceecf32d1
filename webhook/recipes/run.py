"""Runs a recipe: request values to OZmap reads, their answers to flat values."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from webhook.net.cache import SharedCache
from webhook.outcomes import CONSULTA_OK, CONSULTA_VAZIA, Answer
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError, OzmapRefused, OzmapUnavailable, OzmapUnreadable
from webhook.recipes import flatten
from webhook.recipes.model import Read, Recipe, filled

REMEMBERED = 1000
"""Answers per recipe."""
DONE = "Consulta feita."


class Kitchen:
    """The recipes, and what is remembered of those that ask for it; may be shared by threads."""

    def __init__(self, recipes: Mapping[str, Recipe]) -> None:
        self.recipes = recipes
        self._remembered: dict[str, SharedCache[Answer]] = {
            name: SharedCache("recipes", REMEMBERED, recipe.cache_seconds)
            for name, recipe in recipes.items()
            if recipe.cache_seconds
        }

    def run(self, recipe: Recipe, values: Mapping[str, Any], ozmap: Ozmap, tenant: str) -> Answer:
        """The recipe's answer; `values` has all that it wants, as their types."""

        def ask() -> Answer:
            # A failure is raised, and so not remembered.
            return told(recipe, steps(recipe, values, ozmap))

        try:
            if cache := self._remembered.get(recipe.name):
                return cache.get((tenant, json.dumps(values, sort_keys=True)), ask, ozmap.deadline)
            return ask()
        except OzmapError as error:
            return Answer(error.outcome)
        except TimeoutError:
            return Answer(OzmapUnavailable.outcome)


@dataclass(frozen=True)
class Step:
    """A read and what came of it."""

    read: Read
    raw: Any
    """OZmap's answer; None after a 404, or where the read before had no value to ask with."""
    values: Mapping[str, Any] | None
    """None where nothing is there."""


def steps(recipe: Recipe, values: Mapping[str, Any], ozmap: Ozmap) -> Iterator[Step]:
    """The recipe's reads, up to the first that finds nothing. Raises OzmapError."""
    known = dict(values)
    for read in recipe.reads:
        raw = _ask(recipe, read, known, ozmap)
        found = None if raw is None or _is_empty(recipe, read, raw) else flatten.values_of(read, raw)
        yield Step(read, raw, found)
        if found is None:
            return
        known |= found


def told(recipe: Recipe, steps: Iterable[Step]) -> Answer:
    """What the reads found, as one answer."""
    values: dict[str, Any] = {}
    for step in steps:
        if step.values is None:
            return Answer(CONSULTA_VAZIA)
        values |= step.values
    return Answer(CONSULTA_OK, SimpleNamespace(**values), flatten.message(recipe, values) or DONE)


def _ask(recipe: Recipe, read: Read, values: Mapping[str, Any], ozmap: Ozmap) -> Any:
    """OZmap's answer, None where it has nothing there. Raises OzmapError."""
    if any(values[name] is None for name in read.placeholders()):
        return None
    operation = f"receita {recipe.name}"
    segments = [str(filled(part, values)) for part in read.path]
    if {".", ".."} & set(segments):
        raise OzmapUnreadable(f"{operation}: a dot instead of an id")
    parameters = {name: _parameter(filled(value, values)) for name, value in read.parameters.items()}
    try:
        answer = ozmap.read(operation, segments, parameters)
    except OzmapRefused as error:
        if error.reason == "404":
            return None
        raise
    if answer is None:
        raise OzmapUnreadable(f"{operation}: no content")
    return answer


def _is_empty(recipe: Recipe, read: Read, answer: Any) -> bool:
    """Whether the recipe calls this answer nothing. Raises OzmapUnreadable for one it has no word on."""
    empty = read.empty.holds(answer) if read.empty else False
    if empty is None:
        raise OzmapUnreadable(f"receita {recipe.name}: not the answer that vazio expects")
    return empty


def _parameter(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
