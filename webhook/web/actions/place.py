"""The place of a request: the one it brings, or the one confirmed on the conversation's location page."""

from schemas.conversation import Conversation
from schemas.request import LocationRequest
from webhook.findme.links import Links
from webhook.location.place import Place
from webhook.outcomes import LOCALIZACAO_AUSENTE, Answer
from webhook.web.actions.base import ActionRequest


def place_of(request: ActionRequest, values: LocationRequest) -> Place | Answer:
    """The place, or the answer that asks for one. Raises StoreUnavailable."""
    place = request.services.locator.resolve(values, request.tenant, request.ozmap.deadline)
    if isinstance(place, Place) or place.outcome is not LOCALIZACAO_AUSENTE or values.conversation is None:
        return place
    links = Links(request.services.store)
    link = links.of_conversation(
        request.tenant.slug, Conversation(request.platform.name, values.conversation)
    )
    return (link and link.place) or place
