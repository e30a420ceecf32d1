"""`viabilidade`: location -> is there a viable box."""

from schemas.conversation import Conversation
from schemas.fields import Mode
from schemas.reply import Viability
from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook.location.place import Rough
from webhook.outcomes import Answer
from webhook.viability import check, check_by_pole
from webhook.viability.verdict import Verdict
from webhook.web.actions.base import ActionRequest, action
from webhook.web.actions.place import place_of


@action(
    "viabilidade",
    "Is there a viable box near?",
    request=FeasibilityRequestSchema(),
    reply=Viability,
    read=True,
)
def feasibility(request: ActionRequest, values: FeasibilityRequest) -> Answer:
    """The verdict at the request's place."""
    mode = values.mode or request.tenant.mode or request.platform.mode
    place = place_of(request, values)
    if isinstance(place, Answer):
        known = place.result if isinstance(place.result, Rough) else None
        return Answer(place.outcome, Verdict(place.outcome, mode=mode, place=known), place.detail)
    ozmap, tenant, lookups = request.ozmap, request.tenant, request.services.lookups
    if mode is Mode.RADIUS:
        verdict = check(ozmap, place, mode, values.radius_m, tenant)
    elif values.conversation is None:
        # Without a conversation nobody could ask again, so the lookup must end within this request.
        verdict = check_by_pole(ozmap, place, tenant, lookups.pieces)
    else:
        conversation = Conversation(request.platform.name, values.conversation)
        verdict = lookups.verdict(ozmap, place, tenant, conversation.key)
    return Answer(verdict.outcome, verdict, place.missing)
