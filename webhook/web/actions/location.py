"""`localizacao`: location -> point, address and a map link, so that the customer can confirm it."""

from schemas.request import LocationRequest, LocationRequestSchema
from webhook.location.place import Place
from webhook.outcomes import LOCALIZACAO_OK, Answer
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, Question

_REQUEST = LocationRequestSchema()


def location(question: Question) -> Answer:
    """The request's place, with its address where a map knows one."""
    request: LocationRequest = question.read(_REQUEST)
    found = place_of(question, request)
    if isinstance(found, Answer):
        return found
    place = question.parts.locator.with_address(found, question.ozmap.deadline)
    return Answer(LOCALIZACAO_OK, place, _shown(place))


def _shown(place: Place) -> str:
    return f"{place.address}\n{place.map_url}" if place.address else place.map_url


ACTIONS = [Action("localizacao", location, read=True)]
