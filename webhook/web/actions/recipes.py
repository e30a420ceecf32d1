"""`consulta/<receita>`: an OZmap read, flattened by a recipe. Each recipe is an action of its own."""

from dataclasses import replace
from functools import partial

from schemas.request import LocationRequestSchema, RequestSchema
from webhook.outcomes import CONSULTA_DESCONHECIDA, Answer
from webhook.recipes.model import PLACE_KEYS, Recipe
from webhook.recipes.run import Kitchen
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, Question, reading

_PLACE = LocationRequestSchema()


def actions(kitchen: Kitchen, platform: str) -> list[Action]:
    """An action per recipe that a platform may use, and one for all other names."""
    own = [
        Action(
            f"consulta/{recipe.name}",
            partial(_consult, recipe),
            read=True,
            summary=recipe.description,
            request=recipe.request,
        )
        for recipe in kitchen.recipes.values()
        if recipe.platforms is None or platform in recipe.platforms
    ]
    return [*own, _ANY_OTHER]


def _unknown(_: Question) -> Answer:
    return Answer(CONSULTA_DESCONHECIDA)


_ANY_OTHER = Action(
    "consulta/<path:receita>",
    _unknown,
    read=True,
    summary="A name that no recipe has, or none for this platform",
    request=RequestSchema,
)


def _consult(recipe: Recipe, question: Question) -> Answer:
    with reading():
        values = recipe.values_from(question.values, besides=PLACE_KEYS)
    if recipe.wanted & PLACE_KEYS:
        place = place_of(question, question.read(_PLACE))
        if isinstance(place, Answer):
            return replace(place, result=None)
        values |= {"latitude": place.point.lat, "longitude": place.point.lng}
    return question.parts.kitchen.run(recipe, values, question.ozmap, question.tenant.slug)
