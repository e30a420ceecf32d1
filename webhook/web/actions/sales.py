"""`reserva...` and `prospect`: the sale itself."""

from schemas.conversation import Conversation
from schemas.reply import Prospect, Reservation
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
from webhook.web.actions.base import ActionRequest, action

AFTER_A_CRASH = 5.0
"""Seconds after the reply deadline until a request that still leases a sale is taken for dead."""


@action("reserva", request=ReservationRequestSchema(), reply=Reservation)
def reserve(request: ActionRequest, values: ReservationRequest) -> Answer:
    """Reserves a port in the nearest viable box.

    `caixa_id` names another one.
    """
    customer = _customer(request, values)
    if isinstance(customer, Answer):
        return customer
    row, place = customer
    row |= {
        "platform": request.platform.name,
        "precision": place.precision,
        "mode": values.mode or request.tenant.mode or request.platform.mode,
        "radius_m": values.radius_m,
        "wanted_box": values.box,
    }
    return _desk(request).reserve(_who(request, values), row, place.missing)


@action("reserva/consulta", request=ReservationKeySchema(), reply=Reservation, read=True)
def consult(request: ActionRequest, values: ReservationKey) -> Answer:
    """The conversation's reservation."""
    return _desk(request).consult(_who(request, values))


@action("reserva/cancelamento", request=ReservationKeySchema(), reply=Reservation)
def cancel(request: ActionRequest, values: ReservationKey) -> Answer:
    """Gives the port back."""
    return _desk(request).cancel(_who(request, values))


@action("reserva/ativacao", request=ReservationKeySchema(), reply=Reservation)
def activate(request: ActionRequest, values: ReservationKey) -> Answer:
    """Sets the client to implanted."""
    return _desk(request).activate(_who(request, values))


@action("prospect", request=ProspectRequestSchema(), reply=Prospect)
def prospect(request: ActionRequest, values: ProspectRequest) -> Answer:
    """Creates a prospect, with tags.

    It is a customer whom no box reaches, for the sellers to come back to.
    """
    customer = _customer(request, values)
    if isinstance(customer, Answer):
        return customer
    row, place = customer
    who = _who(request, values)
    row |= {"conversation": who.conversation}
    return _desk(request).prospect(prospect_code(who.code, place.point), who.conversation or who.code, row)


def _desk(request: ActionRequest) -> Desk:
    services = request.services
    lease_for = services.settings.reply_deadline + AFTER_A_CRASH
    return Desk(services.store, request.ozmap, request.tenant, services.settings.settle_time, lease_for)


def _who(request: ActionRequest, values: ReservationKey) -> Who:
    conversation = Conversation(request.platform.name, values.conversation or "")
    code = values.code or conversation.client_code(request.tenant.prefix)
    return Who(code, None if values.conversation is None else conversation.key)


def _customer(request: ActionRequest, values: SaleRequest) -> tuple[dict[str, object], Place] | Answer:
    """The columns of the row and the place, or the answer that says what is missing or wrong."""
    phone = e164(values.phone, request.tenant.country.alpha2)
    if phone is None:
        return Answer(DADOS_INVALIDOS, detail="telefone deve ter DDD e número, como 48 99988-7766")
    place = request.place(values)
    if isinstance(place, Answer):
        return place
    row: dict[str, object] = {
        "name": values.name,
        "phone": phone,
        "lat": place.point.lat,
        "lng": place.point.lng,
        "address": place.address or values.address,
        "observation": values.observation,
        "tags": ", ".join(values.tags),
    }
    return row, place
