"""What an answer says of the demand: where a verdict fell, and how far the conversation came."""

import h3

from schemas.funnel import FunnelStep
from schemas.point import Point
from webhook import outcomes
from webhook.outcomes import Answer, Outcome
from webhook.store.demand import Seen

RESOLUTION = 9
"""Of H3: cells of about 350 m across."""

_VERDICTS = {
    outcomes.VIAVEL: outcomes.VIAVEL,
    outcomes.SEM_VIABILIDADE: outcomes.SEM_VIABILIDADE,
    outcomes.VIAVEL_SEM_CAIXA: outcomes.VIAVEL_SEM_CAIXA,
    outcomes.BUSCA_INCOMPLETA: outcomes.BUSCA_INCOMPLETA,
    outcomes.RESERVADO: outcomes.VIAVEL,
}
"""Answers after which a flow asks no more about the place, and the verdict that each one is."""
_STEPS = {
    outcomes.VIAVEL: {FunnelStep.VIABLE},
    outcomes.RESERVADO: {FunnelStep.VIABLE, FunnelStep.RESERVED},
    outcomes.RESERVA_PENDENTE: {FunnelStep.VIABLE, FunnelStep.RESERVED},
    outcomes.PROSPECT_CRIADO: {FunnelStep.PROSPECT},
    outcomes.PROSPECT_PENDENTE: {FunnelStep.PROSPECT},
    outcomes.CONVERSA_TRANSFERIDA: {FunnelStep.HANDED_OVER},
}


def seen_in(answer: Answer, place: Point | None) -> Seen | None:
    """`place` is what the request was about. None: nothing to count."""
    steps: set[FunnelStep] = _STEPS.get(answer.outcome, set())
    if place is None:
        return Seen(steps=frozenset(steps)) if steps else None
    steps = steps | {FunnelStep.PLACE}
    verdict: Outcome | None = _VERDICTS.get(answer.outcome)
    if verdict is None:
        return Seen(steps=frozenset(steps))
    # Of a lookup and of a reservation; a yes has none.
    reason = getattr(answer.result, "reason", None) or ""
    return Seen(h3.latlng_to_cell(*place, RESOLUTION), verdict.code, str(reason), frozenset(steps))
