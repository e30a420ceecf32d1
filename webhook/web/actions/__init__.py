"""What each route does: values in, answer out. A module per room."""

from webhook.web.actions import echo, viability

ACTIONS = [*viability.ACTIONS, *echo.ACTIONS]
