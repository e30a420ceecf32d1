"""What each route does: values in, answer out. A module per room."""

from webhook.web.actions import echo, location, sales, viability

ACTIONS = [*viability.ACTIONS, *location.ACTIONS, *sales.ACTIONS, *echo.ACTIONS]
