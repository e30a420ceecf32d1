"""Is there a box with a free port near a place?

Three-valued: what OZmap does not answer stays undefined, and is never a no.
"""

from collections.abc import Callable

from schemas.fields import Mode
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.outcomes import ENDERECO_IMPRECISO
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.viability.pieces import Pieces
from webhook.viability.pole import by_pole
from webhook.viability.radius import by_radius
from webhook.viability.verdict import Verdict


def check(ozmap: Ozmap, place: Place, mode: Mode, radius_m: float | None, tenant: Tenant) -> Verdict:
    """As things are now: nothing comes from memory."""
    if mode is Mode.POLE:
        return check_by_pole(ozmap, place, tenant)
    return _of(ozmap, place, mode, lambda: by_radius(ozmap, place.point, radius_m, tenant))


def check_by_pole(ozmap: Ozmap, place: Place, tenant: Tenant, pieces: Pieces | None = None) -> Verdict:
    """`pieces` is what may be remembered of the poles."""
    return _of(ozmap, place, Mode.POLE, lambda: by_pole(ozmap, place.point, tenant, pieces))


def _of(ozmap: Ozmap, place: Place, mode: Mode, look: Callable[[], Verdict]) -> Verdict:
    """Of a place that is only a street a no proves nothing about the house: it asks for more."""
    try:
        verdict = look()
    except OzmapError as error:
        ozmap.reasons.append(error.reason)
        verdict = Verdict(error.outcome)
    if verdict.viable is False and not place.is_the_house:
        verdict = Verdict(ENDERECO_IMPRECISO)
    return verdict.at(place, mode)
