"""What each route does: values in, answer out. A module per room."""

from webhook.web.actions import echo, location, viability

ACTIONS = [*viability.ACTIONS, *location.ACTIONS, *echo.ACTIONS]
