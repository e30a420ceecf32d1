"""What each route does: values in, answer out. A module per room."""

from webhook.web.actions import echo, findme, location, sales, viability

ACTIONS = [*viability.ACTIONS, *location.ACTIONS, *findme.ACTIONS, *sales.ACTIONS, *echo.ACTIONS]
