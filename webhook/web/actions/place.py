"""The place of a request: the one it brings, or the one confirmed on the conversation's location page."""

from schemas.conversation import Conversation
from schemas.request import LocationRequest
from webhook.findme.links import Links
from webhook.location.place import Place
from webhook.outcomes import LOCALIZACAO_AUSENTE, Answer
from webhook.web.actions.question import Question


def place_of(question: Question, request: LocationRequest) -> Place | Answer:
    """The place, or the answer that asks for one. Raises StoreUnavailable."""
    place = question.parts.locator.resolve(request, question.tenant, question.ozmap.deadline)
    if isinstance(place, Place) or place.outcome is not LOCALIZACAO_AUSENTE or request.conversation is None:
        return place
    conversation = Conversation(question.platform.name, request.conversation)
    link = Links(question.parts.store).of_conversation(question.tenant.slug, conversation)
    return (link and link.place) or place
