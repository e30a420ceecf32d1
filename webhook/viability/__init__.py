"""Is there a box with a free port near a place?"""

from schemas.fields import Mode
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.outcomes import ENDERECO_IMPRECISO
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.viability.pole import by_pole
from webhook.viability.radius import by_radius
from webhook.viability.verdict import Verdict


def check(ozmap: Ozmap, place: Place, mode: Mode, radius_m: float | None, tenant: Tenant) -> Verdict:
    """Three-valued: what OZmap does not answer stays undefined, and is never a no.

    Of a place that is only a street a no proves nothing about the house: it asks for more.
    """
    try:
        if mode is Mode.RADIUS:
            verdict = by_radius(ozmap, place.point, radius_m, tenant)
        else:
            verdict = by_pole(ozmap, place.point, tenant)
    except OzmapError as error:
        verdict = Verdict(error.outcome)
    if verdict.viable is False and not place.is_the_house:
        verdict = Verdict(ENDERECO_IMPRECISO)
    return verdict.at(place, mode)
