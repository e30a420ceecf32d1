"""The place of a request."""

from schemas.request import LocationRequest
from webhook.location.place import Place
from webhook.outcomes import Answer
from webhook.web.actions.base import ActionRequest


def place_of(request: ActionRequest, values: LocationRequest) -> Place | Answer:
    """The place, or the answer that asks for one. Raises StoreUnavailable."""
    return request.services.locator.resolve(
        values, request.tenant, request.platform.name, request.ozmap.deadline
    )
