"""`localizacao`: location -> point, address and a map link, so that the customer can confirm it."""

from schemas.reply import Location
from schemas.request import LocationRequest, LocationRequestSchema
from webhook.location.place import Place
from webhook.outcomes import LOCALIZACAO_OK, Answer
from webhook.web.actions.base import ActionRequest, action


@action("localizacao", request=LocationRequestSchema(), reply=Location, read=True)
def location(request: ActionRequest, values: LocationRequest) -> Answer:
    """The place as a point, an address and a map link, for the customer to confirm."""
    place = request.place(values)
    if isinstance(place, Answer):
        return place
    place = request.services.locator.addresses.with_address(place, request.ozmap.deadline)
    return Answer(LOCALIZACAO_OK, place, _confirmation(place))


def _confirmation(place: Place) -> str:
    """What the customer is to confirm. `missing` says that the map has the street but not the house."""
    if place.missing:
        return f"{place.missing}\n{place.map_url}"
    address = f"Encontrei este lugar: {place.address}\n" if place.address else "Encontrei este lugar: "
    return address + place.map_url
