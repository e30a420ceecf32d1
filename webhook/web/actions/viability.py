"""`viabilidade`: location -> is there a viable box."""

from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook import viability
from webhook.location.place import Rough
from webhook.outcomes import Answer
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
    verdict = viability.check(question.ozmap, place, mode, request.radius_m, question.tenant)
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
