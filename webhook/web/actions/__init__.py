"""What each route of a platform does: values in, answer out. Only webhook.web and the tools import it."""

from collections.abc import Iterable, Mapping

from webhook.recipes.model import Recipe
from webhook.web.actions import echo, findme, location, recipes, sales, viability
from webhook.web.actions.base import Action
from webhook.web.actions.conversation import leading

ACTIONS = [
    viability.feasibility,
    location.location,
    findme.make,
    findme.result,
    sales.reserve,
    sales.consult,
    sales.cancel,
    sales.activate,
    sales.prospect,
    echo.echo,
]
"""The routes of every service, in the order of the documentation."""


def all_actions(own_recipes: Mapping[str, Recipe]) -> list[Action]:
    """The fixed actions, one per recipe, and the conversation that calls them."""
    steps = [*ACTIONS, *map(recipes.action_of, own_recipes.values())]
    return [*steps, leading(steps)]


def actions_of(actions: Iterable[Action], platform: str) -> list[Action]:
    """The actions that a platform may call."""
    return [action for action in actions if action.platforms is None or platform in action.platforms]
