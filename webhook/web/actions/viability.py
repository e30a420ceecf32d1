"""`viabilidade`: location -> is there a viable box."""

from dataclasses import dataclass

from schemas.conversation import Conversation
from schemas.fields import Mode
from schemas.reply import Viability
from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook.location.place import Place, Rough
from webhook.net.bulkhead import Full
from webhook.outcomes import Answer
from webhook.viability import look_up, look_up_by_pole
from webhook.viability.lookups import Question
from webhook.viability.verdict import Reason, Verdict
from webhook.web.actions.base import ActionRequest, action


@dataclass(frozen=True)
class Feasibility:
    """What the reply's keys are read from: a verdict, and the mode and place that it is for."""

    verdict: Verdict
    mode: Mode
    place: Place | Rough | None

    @property
    def reason(self) -> Reason | None:
        return self.verdict.reason


@action("viabilidade", request=FeasibilityRequestSchema(), reply=Viability, read=True, asked_again=True)
def feasibility(request: ActionRequest, values: FeasibilityRequest) -> Answer:
    """Is there a viable box near?"""
    mode = values.mode or request.tenant.mode or request.platform.mode
    place = request.place(values)
    if isinstance(place, Answer):
        if not request.waits and place.outcome.later:  # the geocoder was not waited for
            raise Full("full")
        known = place.result if isinstance(place.result, Rough) else None
        return Answer(place.outcome, Feasibility(Verdict(place.outcome), mode, known), place.detail)
    verdict = _verdict(request, place, mode, values)
    return Answer(verdict.outcome, Feasibility(verdict, mode, place), place.missing, verdict.failure)


def _verdict(request: ActionRequest, place: Place, mode: Mode, values: FeasibilityRequest) -> Verdict:
    ozmap, tenant, lookups = request.ozmap, request.tenant, request.services.lookups
    if values.conversation is not None:
        conversation = Conversation(request.platform.name, values.conversation)
        question = Question(tenant, conversation.key, place, mode, values.radius_m, request.protocol)
        verdict = lookups.verdict(ozmap, question)
        if mode is Mode.POLE:
            request.services.recent.remember(tenant.slug, conversation.key, place.point, verdict)
        return verdict
    # Without a conversation nobody could ask again, so the lookup must end within this request.
    if not request.waits:
        raise Full("full")
    if mode is Mode.RADIUS:
        return look_up(ozmap, place, mode, values.radius_m, tenant)
    return look_up_by_pole(ozmap, place, tenant, lookups.tiles)
