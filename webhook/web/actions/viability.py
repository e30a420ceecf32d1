"""`viabilidade`: location -> is there a viable box."""

from dataclasses import dataclass

from schemas.conversation import Conversation
from schemas.fields import Mode
from schemas.reply import Viability
from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook.location.place import Place, Rough
from webhook.outcomes import Answer
from webhook.viability import look_up, look_up_by_pole
from webhook.viability.verdict import Verdict
from webhook.web.actions.base import ActionRequest, action


@dataclass(frozen=True)
class Feasibility:
    """What the reply's keys are read from: a verdict, and the mode and place that it is for."""

    verdict: Verdict
    mode: Mode
    place: Place | Rough | None


@action("viabilidade", request=FeasibilityRequestSchema(), reply=Viability, read=True)
def feasibility(request: ActionRequest, values: FeasibilityRequest) -> Answer:
    """Is there a viable box near?"""
    mode = values.mode or request.tenant.mode or request.platform.mode
    place = request.place(values)
    if isinstance(place, Answer):
        known = place.result if isinstance(place.result, Rough) else None
        return Answer(place.outcome, Feasibility(Verdict(place.outcome), mode, known), place.detail)
    ozmap, tenant, lookups = request.ozmap, request.tenant, request.services.lookups
    if mode is Mode.RADIUS:
        verdict = look_up(ozmap, place, mode, values.radius_m, tenant)
    elif values.conversation is None:
        # Without a conversation nobody could ask again, so the lookup must end within this request.
        verdict = look_up_by_pole(ozmap, place, tenant, lookups.tiles)
    else:
        conversation = Conversation(request.platform.name, values.conversation)
        verdict = lookups.verdict(ozmap, place, tenant, conversation.key)
    return Answer(verdict.outcome, Feasibility(verdict, mode, place), place.missing, verdict.failure)
