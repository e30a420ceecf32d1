"""What each route does: values in, answer out. A module per room."""

from schemas.reply import REPLIES, Reply
from webhook.recipes.run import Kitchen
from webhook.web.actions import echo, findme, location, recipes, sales, viability
from webhook.web.actions.question import Action

ACTIONS = [*viability.ACTIONS, *location.ACTIONS, *findme.ACTIONS, *sales.ACTIONS, *echo.ACTIONS]


def actions_of(kitchen: Kitchen, platform: str) -> list[Action]:
    """All routes of a platform."""
    return [*ACTIONS, *recipes.actions(kitchen, platform)]


def replies_of(kitchen: Kitchen) -> dict[str, type[Reply]]:
    """By action, the schema of its reply."""
    return REPLIES | {f"consulta/{name}": recipe.reply() for name, recipe in kitchen.recipes.items()}
