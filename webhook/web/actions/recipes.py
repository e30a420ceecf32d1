"""`consulta/<receita>`: an OZmap read, flattened by a recipe. Each recipe is an action of its own."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from schemas.reply import Reply
from schemas.request import LocationRequestSchema, RequestSchema
from webhook.outcomes import CONSULTA_DESCONHECIDA, Answer
from webhook.recipes.inputs import PLACE_KEYS
from webhook.recipes.model import Recipe
from webhook.web.actions.base import Action, ActionRequest, action

_PLACE = LocationRequestSchema()


def action_of(recipe: Recipe) -> Action:
    return Action(
        f"consulta/{recipe.name}",
        recipe.description,
        request=recipe.request(),
        reply=recipe.reply(),
        function=partial(_consult, recipe),
        read=True,
        platforms=recipe.platforms,
    )


@action("consulta/<path:receita>", request=RequestSchema(), reply=Reply, read=True)
def unknown_recipe(_: ActionRequest, __: object) -> Answer:
    """A name that no recipe has, or none for this platform."""
    return Answer(CONSULTA_DESCONHECIDA)


def _consult(recipe: Recipe, request: ActionRequest, loaded: Mapping[str, object]) -> Answer:
    # The schema of a recipe with a place also loads the keys of the place; those are read below.
    values = {key: loaded[key] for key in recipe.wanted - PLACE_KEYS}
    if recipe.needs_place:
        place = request.place(request.read(_PLACE))
        if isinstance(place, Answer):
            return replace(place, result=None)
        values |= {"latitude": place.point.lat, "longitude": place.point.lng}
    return request.services.recipes.run(recipe, values, request.ozmap, request.tenant.slug)
