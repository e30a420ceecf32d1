"""Feasibility by radius: OZmap looks in a circle and decides itself."""

from schemas.point import Point
from schemas.tenants import Tenant
from webhook.outcomes import VIAVEL_SEM_CAIXA
from webhook.ozmap.api import Ozmap
from webhook.viability.verdict import Reason, Verdict, not_viable, viable


def by_radius(ozmap: Ozmap, point: Point, radius_m: float | None, tenant: Tenant) -> Verdict:
    """One call. Without a radius from the request or the tenant, OZmap's own default applies."""
    answer = ozmap.radius_viability(point, radius_m or tenant.radius_m)
    if answer.viable and not answer.boxes:
        return Verdict(VIAVEL_SEM_CAIXA)
    boxes = [box for box in answer.boxes if box.implanted or not tenant.implanted_only]
    if boxes:
        return viable(boxes)
    return not_viable(Reason.NO_PORT if answer.refused_boxes else Reason.NO_BOX)
