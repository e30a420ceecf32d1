"""Decides which of a request's location values counts, and has it read."""

from schemas.request import FeasibilityRequest
from webhook.location.place import Place, Precision
from webhook.location.text import from_pair, from_text
from webhook.outcomes import (
    DADOS_INVALIDOS,
    LOCALIZACAO_AUSENTE,
    LOCALIZACAO_NAO_ENTENDIDA,
    Answer,
)


def resolve(request: FeasibilityRequest) -> Place | Answer:
    """The place, or the answer that asks for another location.

    The first value present decides. There is no falling through: what a customer sent last must not be
    replaced by something that an earlier step left behind.
    """
    pair = (request.latitude, request.longitude)
    if any(value is not None for value in pair):
        if any(value is None for value in pair):
            return Answer(DADOS_INVALIDOS, detail="latitude e longitude só valem juntas, e falta uma delas")
        point = from_pair(*pair)
    elif any(value is not None for value in (request.location, request.address, request.postcode)):
        point = from_text(request.location)
    else:
        return Answer(LOCALIZACAO_AUSENTE)
    return Place(point, Precision.EXACT) if point else Answer(LOCALIZACAO_NAO_ENTENDIDA)
