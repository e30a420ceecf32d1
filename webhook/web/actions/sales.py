"""`reserva...` and `prospect`: the sale itself."""

from typing import Any

from schemas.conversation import Conversation
from schemas.request import (
    ProspectRequest,
    ProspectRequestSchema,
    ReservationKey,
    ReservationKeySchema,
    ReservationRequest,
    ReservationRequestSchema,
    SaleRequest,
)
from webhook.location.place import Place
from webhook.outcomes import DADOS_INVALIDOS, Answer
from webhook.sales.codes import e164, prospect_code
from webhook.sales.desk import Desk, Who
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, Question

_RESERVATION = ReservationRequestSchema()
_KEY = ReservationKeySchema()
_PROSPECT = ProspectRequestSchema()

AFTER_A_CRASH = 5.0
"""Seconds over the reply deadline after which a request that still holds a sale is taken for dead."""


def reserve(question: Question) -> Answer:
    """A port in the nearest viable box, or in the asked-for one."""
    request: ReservationRequest = question.read(_RESERVATION)
    checked = _person(question, request)
    if isinstance(checked, Answer):
        return checked
    values, place = checked
    values |= {
        "platform": question.platform.name,
        "precision": place.precision,
        "mode": request.mode or question.tenant.mode or question.platform.mode,
        "radius_m": request.radius_m,
        "wanted_box": request.box,
    }
    return _desk(question).reserve(_who(question, request), values, place.missing)


def prospect(question: Question) -> Answer:
    """A customer whom no box reaches, for the sellers to come back to."""
    request: ProspectRequest = question.read(_PROSPECT)
    checked = _person(question, request)
    if isinstance(checked, Answer):
        return checked
    values, place = checked
    who = _who(question, request)
    values |= {"conversation": who.conversation}
    return _desk(question).prospect(
        prospect_code(who.code, place.point), who.conversation or who.code, values
    )


def consult(question: Question) -> Answer:
    """The conversation's reservation."""
    return _desk(question).consult(_who(question, question.read(_KEY)))


def cancel(question: Question) -> Answer:
    """Gives the port back."""
    return _desk(question).cancel(_who(question, question.read(_KEY)))


def activate(question: Question) -> Answer:
    """The customer is connected."""
    return _desk(question).activate(_who(question, question.read(_KEY)))


def _desk(question: Question) -> Desk:
    parts = question.parts
    lease_for = parts.reply_deadline + AFTER_A_CRASH
    return Desk(parts.store, question.ozmap, question.tenant, parts.settle_time, lease_for)


def _who(question: Question, request: ReservationKey) -> Who:
    conversation = Conversation(question.platform.name, request.conversation or "")
    code = request.code or conversation.client_code(question.tenant.prefix)
    return Who(code, None if request.conversation is None else conversation.key)


def _person(question: Question, request: SaleRequest) -> tuple[dict[str, Any], Place] | Answer:
    """The row's values and the place, or the answer that says what is missing or wrong."""
    phone = e164(request.phone, question.tenant.country.alpha2)
    if phone is None:
        return Answer(DADOS_INVALIDOS, detail="telefone deve ter DDD e número, como 48 99988-7766")
    place = place_of(question, request)
    if isinstance(place, Answer):
        return place
    values = {
        "name": request.name,
        "phone": phone,
        "lat": place.point.lat,
        "lng": place.point.lng,
        "address": place.address or request.address,
        "observation": request.observation,
        "tags": ", ".join(request.tags),
    }
    return values, place


ACTIONS = [
    Action(
        "reserva",
        reserve,
        read=False,
        summary="Reserves a port in the nearest viable box",
        request=ReservationRequestSchema,
    ),
    Action(
        "reserva/consulta",
        consult,
        read=True,
        summary="The conversation's reservation",
        request=ReservationKeySchema,
    ),
    Action(
        "reserva/cancelamento",
        cancel,
        read=False,
        summary="Gives the port back",
        request=ReservationKeySchema,
    ),
    Action(
        "reserva/ativacao",
        activate,
        read=False,
        summary="Sets the client to implanted",
        request=ReservationKeySchema,
    ),
    Action(
        "prospect",
        prospect,
        read=False,
        summary="Creates a prospect, with tags",
        request=ProspectRequestSchema,
    ),
]
