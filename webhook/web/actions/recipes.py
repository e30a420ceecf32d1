"""`consulta/<receita>`: an OZmap read, flattened by a recipe. Each recipe is an action of its own."""

from dataclasses import replace
from functools import partial
from typing import Any

from marshmallow import ValidationError

from schemas.recipe import PLACE_KEYS, REQUEST_KEYS, Recipe, typed
from schemas.request import LocationRequestSchema, is_missing
from webhook.outcomes import CONSULTA_DESCONHECIDA, Answer
from webhook.recipes.run import Kitchen
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, BadValues, Question

_PLACE = LocationRequestSchema()


def actions(kitchen: Kitchen, platform: str) -> list[Action]:
    """An action per recipe that a platform may use, and one for all other names."""
    own = [
        Action(f"consulta/{recipe.name}", partial(_consult, recipe), read=True)
        for recipe in kitchen.recipes.values()
        if recipe.platforms is None or platform in recipe.platforms
    ]
    return [*own, Action("consulta/<path:receita>", _unknown, read=True)]


def _unknown(_: Question) -> Answer:
    return Answer(CONSULTA_DESCONHECIDA)


def _consult(recipe: Recipe, question: Question) -> Answer:
    values: dict[str, Any] = {}
    wanted = recipe.wanted
    if wanted & PLACE_KEYS:
        place = place_of(question, question.read(_PLACE))
        if isinstance(place, Answer):
            return replace(place, result=None)
        values |= {"latitude": place.point.lat, "longitude": place.point.lng}
    for name in sorted(wanted - PLACE_KEYS):
        values[name] = _sent(question, name, recipe.inputs.get(name) or REQUEST_KEYS[name])
    return question.parts.kitchen.run(recipe, values, question.ozmap, question.tenant.slug)


def _sent(question: Question, name: str, kind: str) -> Any:
    """Raises BadValues."""
    value = question.values.get(name)
    if is_missing(value):
        raise BadValues(f"falta {name}")
    try:
        return typed(kind, value)
    except ValidationError as error:
        raise BadValues(f"{name} {error.messages[0]}") from None
