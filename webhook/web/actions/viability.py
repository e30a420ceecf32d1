"""`viabilidade`: location -> is there a viable box."""

from schemas.conversation import Conversation
from schemas.fields import Mode
from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook.location.place import Rough
from webhook.outcomes import Answer
from webhook.viability import check, check_by_pole
from webhook.viability.verdict import Verdict
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, Question

_REQUEST = FeasibilityRequestSchema()


def feasibility(question: Question) -> Answer:
    """The verdict at the request's place."""
    request: FeasibilityRequest = question.read(_REQUEST)
    mode = request.mode or question.tenant.mode or question.platform.mode
    place = place_of(question, request)
    if isinstance(place, Answer):
        known = place.result if isinstance(place.result, Rough) else None
        return Answer(place.outcome, Verdict(place.outcome, mode=mode, place=known), place.detail)
    ozmap, tenant, lookups = question.ozmap, question.tenant, question.parts.lookups
    if mode is Mode.RADIUS:
        verdict = check(ozmap, place, mode, request.radius_m, tenant)
    elif request.conversation is None:
        verdict = check_by_pole(ozmap, place, tenant, lookups.pieces)
    else:
        conversation = Conversation(question.platform.name, request.conversation)
        verdict = lookups.verdict(ozmap, place, tenant, conversation.key)
    return Answer(verdict.outcome, verdict, place.missing)


ACTIONS = [
    Action(
        "viabilidade",
        feasibility,
        read=True,
        summary="Is there a viable box near?",
        request=FeasibilityRequestSchema,
    )
]
