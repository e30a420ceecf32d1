"""`viabilidade`: location -> is there a viable box."""

from dataclasses import dataclass

from schemas.fields import Mode
from schemas.request import FeasibilityRequest, FeasibilityRequestSchema
from webhook.location.place import Place, Rough
from webhook.outcomes import Answer
from webhook.viability import look_up, look_up_by_pole
from webhook.viability.verdict import Verdict
from webhook.web.actions.place import place_of
from webhook.web.actions.question import Action, Question

_REQUEST = FeasibilityRequestSchema()


@dataclass(frozen=True)
class Feasibility:
    """What the reply's keys are read from: a verdict, and the mode and place that it is for."""

    verdict: Verdict
    mode: Mode
    place: Place | Rough | None


def feasibility(question: Question) -> Answer:
    """The verdict at the request's place."""
    request: FeasibilityRequest = question.read(_REQUEST)
    mode = request.mode or question.tenant.mode or question.platform.mode
    place = place_of(question, request)
    if isinstance(place, Answer):
        known = place.result if isinstance(place.result, Rough) else None
        return Answer(place.outcome, Feasibility(Verdict(place.outcome), mode, known), place.detail)
    ozmap, tenant, lookups = question.ozmap, question.tenant, question.parts.lookups
    if mode is Mode.RADIUS:
        verdict = look_up(ozmap, place, mode, request.radius_m, tenant)
    elif request.conversation is None:
        verdict = look_up_by_pole(ozmap, place, tenant, lookups.tiles)
    else:
        conversation = f"{question.platform.name}:{request.conversation}"
        verdict = lookups.verdict(ozmap, place, tenant, conversation)
    return Answer(verdict.outcome, Feasibility(verdict, mode, place), place.missing, verdict.failure)


ACTIONS = [
    Action(
        "viabilidade",
        feasibility,
        read=True,
        summary="Is there a viable box near?",
        request=FeasibilityRequestSchema,
    )
]
