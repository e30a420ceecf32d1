"""`reserva...` and `prospect`: the sale itself."""

from dataclasses import fields
from typing import Any

from schemas.conversation import Conversation
from schemas.reply import Prospect, Reservation
from schemas.request import (
    Customer,
    ProspectRequest,
    ProspectRequestSchema,
    ReservationKey,
    ReservationKeySchema,
    ReservationRequest,
    ReservationRequestSchema,
    SaleRequest,
)
from webhook.location.place import Place
from webhook.outcomes import Answer
from webhook.sales.answers import WRITING
from webhook.sales.claims import Claims, Who
from webhook.sales.phones import NoPhone, e164
from webhook.sales.records import NewReservation
from webhook.sales.requests import Sales
from webhook.sales.work import Rules
from webhook.store.health import has_keeper
from webhook.web.actions.base import ActionRequest, action
from webhook.web.body import BadValues

AFTER_A_CRASH = 5.0
"""Seconds after the reply deadline until a request that still leases a sale is taken for dead."""


@action("reserva", request=ReservationRequestSchema(), reply=Reservation)
def reserve(request: ActionRequest, values: ReservationRequest) -> Answer:
    """Reserves a port in the nearest viable box.

    `caixa_id` names another one.
    """
    asked = _customer(request, values)
    if isinstance(asked, Answer):
        return asked
    customer, place = asked
    new = NewReservation(
        customer,
        platform=request.platform.name,
        precision=place.precision,
        mode=values.mode or request.tenant.mode or request.platform.mode,
        radius_m=values.radius_m,
        wanted_box=values.box,
    )
    sales, who = _sales(request, values)
    return sales.reserve(who, new, place)


@action("reserva/consulta", request=ReservationKeySchema(), reply=Reservation, read=True)
def consult(request: ActionRequest, values: ReservationKey) -> Answer:
    """The conversation's reservation."""
    sales, who = _sales(request, values)
    return sales.consult(who)


@action("reserva/cancelamento", request=ReservationKeySchema(), reply=Reservation)
def cancel(request: ActionRequest, values: ReservationKey) -> Answer:
    """Gives the port back."""
    sales, who = _sales(request, values)
    return sales.cancel(who)


@action("reserva/ativacao", request=ReservationKeySchema(), reply=Reservation)
def activate(request: ActionRequest, values: ReservationKey) -> Answer:
    """Sets the client to implanted."""
    sales, who = _sales(request, values)
    return sales.activate(who)


@action("prospect", request=ProspectRequestSchema(), reply=Prospect)
def prospect(request: ActionRequest, values: ProspectRequest) -> Answer:
    """Creates a prospect, with tags.

    It is a customer whom no box reaches, for the sellers to come back to.
    """
    asked = _customer(request, values)
    if isinstance(asked, Answer):
        return asked
    customer, place = asked
    sales, who = _sales(request, values)
    return sales.prospect(who, customer, place.point)


def _sales(request: ActionRequest, values: ReservationKey) -> tuple[Sales, Who]:
    """The request's sales, and whose it means. Raises BadValues."""
    services, tenant, ozmap = request.services, request.tenant, request.ozmap
    rules = Rules(
        services.settings.settle_time, has_keeper(services.store, tenant.slug), services.lookups.tiles
    )
    claims = Claims(services.store, tenant.slug, services.settings.reply_deadline + AFTER_A_CRASH)
    sooner = ozmap.deadline.at_most(ozmap.deadline.remaining() - WRITING)
    sales = Sales(claims, ozmap.until(sooner, background=False), tenant, rules)
    named = values.conversation
    conversation = None if named is None else Conversation(request.platform.name, named)
    who = sales.who(conversation, values.code)
    if who is None:
        raise BadValues("codigo_cliente começa como os códigos deste serviço, e não é o desta conversa")
    return sales, who


def _customer(request: ActionRequest, values: SaleRequest) -> tuple[Customer, Place] | Answer:
    """What the sale keeps of the request: every field of Customer. Or the answer that asks for more."""
    try:
        phone = e164(values.phone, request.tenant.country.alpha2)
    except NoPhone as error:
        raise BadValues(f"telefone {error}") from None
    place = request.place(values)
    if isinstance(place, Answer):
        return place
    found: dict[str, Any] = {
        "phone": phone,
        "lat": place.point.lat,
        "lng": place.point.lng,
        "address": place.address or values.address,
        "tags": ", ".join(values.tags),
    }
    given = {one.name: getattr(values, one.name) for one in fields(Customer) if one.name not in found}
    return Customer(**found, **given), place
