"""The place of a request."""

from schemas.request import LocationRequest
from webhook.location.place import Place
from webhook.outcomes import Answer
from webhook.web.actions.question import Question


def place_of(question: Question, request: LocationRequest) -> Place | Answer:
    """The place, or the answer that asks for one. Raises StoreUnavailable."""
    return question.parts.locator.resolve(
        request, question.tenant, question.platform.name, question.ozmap.deadline
    )
