"""Runs a recipe: request values to OZmap reads, their answers to flat values."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from webhook.net.cache import SharedCache
from webhook.outcomes import CONSULTA_OK, CONSULTA_VAZIA, Answer
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError, OzmapRefused, OzmapUnavailable, OzmapUnreadable
from webhook.recipes import flatten
from webhook.recipes.model import Read, Recipe
from webhook.recipes.templates import filled

CACHED = 1000
"""Answers per recipe."""
DONE = "Consulta feita."
_UNEXPECTED = object()


class RecipeRunner:
    """Runs recipes, and caches the answers of those with `cache_s`; may be shared by threads."""

    def __init__(self, recipes: Mapping[str, Recipe]) -> None:
        self.recipes = recipes
        self._caches: dict[str, SharedCache[Answer]] = {
            name: SharedCache("recipes", CACHED, recipe.cache_seconds)
            for name, recipe in recipes.items()
            if recipe.cache_seconds
        }

    def run(self, recipe: Recipe, values: Mapping[str, object], ozmap: Ozmap, tenant: str) -> Answer:
        """The recipe's answer; `values` has every key that it wants."""

        def ask() -> Answer:
            # OzmapError leaves the cache's fetch as an exception, so a failure is never cached.
            return answer_of(recipe, steps(recipe, values, ozmap))

        try:
            if cache := self._caches.get(recipe.name):
                # Tenants share the process but not an OZmap: the tenant is part of the cache's key.
                return cache.get((tenant, json.dumps(values, sort_keys=True)), ask, ozmap.deadline)
            return ask()
        except OzmapError as error:
            return Answer(error.outcome)
        except TimeoutError:
            return Answer(OzmapUnavailable.outcome)


@dataclass(frozen=True)
class Step:
    """A read and its result."""

    read: Read
    raw: object
    """OZmap's answer; None after a 404, or if the read before gave no value to ask with."""
    values: flatten.Values | None
    """None if nothing is there."""


def steps(recipe: Recipe, values: Mapping[str, object], ozmap: Ozmap) -> Iterator[Step]:
    """The recipe's reads, up to the first that finds nothing. Raises OzmapError."""
    known = dict(values)
    for read in recipe.reads:
        raw = _ask(recipe, read, known, ozmap)
        flat = None if raw is None or _is_empty(recipe, read, raw) else flatten.values_of(read, raw)
        yield Step(read, raw, flat)
        if flat is None:
            return
        known |= flat


def answer_of(recipe: Recipe, steps: Iterable[Step]) -> Answer:
    """The values of all steps as one answer."""
    values: flatten.Values = {}
    for step in steps:
        if step.values is None:
            return Answer(CONSULTA_VAZIA)
        values |= step.values
    return Answer(CONSULTA_OK, SimpleNamespace(**values), flatten.message(recipe, values) or DONE)


def _ask(recipe: Recipe, read: Read, values: Mapping[str, object], ozmap: Ozmap) -> object:
    """OZmap's answer, None if it has nothing there. Raises OzmapError."""
    if any(values[name] is None for name in read.placeholders()):
        return None
    operation = f"receita {recipe.name}"
    segments = [str(filled(template, values)) for template in read.path]
    # The request's values are checked when they are read; this one comes from OZmap's first answer.
    if {".", ".."} & set(segments):
        raise OzmapUnreadable(f"{operation}: a dot instead of an id")
    parameters = {name: _parameter(filled(value, values)) for name, value in read.parameters.items()}
    try:
        answer: object = ozmap.read(operation, segments, parameters)
    except OzmapRefused as error:
        if error.reason == "404":
            return None
        raise
    if answer is None:
        raise OzmapUnreadable(f"{operation}: no content")
    return answer


def _is_empty(recipe: Recipe, read: Read, answer: object) -> bool:
    """Whether `vazio` says that nothing is there. Raises OzmapUnreadable if the answer has another shape.

    An unexpected shape must not become "nothing there": nobody knows whether there is something.
    """
    empty = read.empty.search(answer, otherwise=_UNEXPECTED) if read.empty else False
    if empty is _UNEXPECTED:
        raise OzmapUnreadable(f"receita {recipe.name}: not the answer that vazio expects")
    return empty is True


def _parameter(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
