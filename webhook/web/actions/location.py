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
    """What the customer is to confirm: a street whose house is not on the map is said to be no more."""
    if place.missing:
        return f"{place.missing}\n{place.map_url}"
    found = f"Encontrei este lugar: {place.address}\n" if place.address else "Encontrei este lugar: "
    return found + place.map_url


ACTIONS = [
    Action(
        "localizacao",
        location,
        read=True,
        summary="The place as a point, an address and a map link, for the customer to confirm",
        request=LocationRequestSchema,
    )
]
