"""What each route of a platform does: values in, answer out. Only webhook.web and the tools import it."""

from collections.abc import Mapping

from webhook.recipes.model import Recipe
from webhook.web.actions import echo, findme, location, recipes, sales, viability
from webhook.web.actions.base import Action

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
    """The fixed actions, and one per recipe."""
    return [*ACTIONS, *map(recipes.action_of, own_recipes.values())]


def actions_of(own_recipes: Mapping[str, Recipe], platform: str) -> list[Action]:
    """The actions that a platform may call."""
    return [
        action
        for action in all_actions(own_recipes)
        if action.platforms is None or platform in action.platforms
    ]
