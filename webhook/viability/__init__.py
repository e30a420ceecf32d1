"""Decides whether a box with a free port is near a place. `web` and `sales` import it, `location` never does.

A verdict has three values: what OZmap does not answer stays unknown, and is never a "no".
"""

from collections.abc import Callable

from schemas.fields import Mode
from schemas.tenants import Tenant
from webhook.location.place import Place
from webhook.outcomes import ENDERECO_IMPRECISO
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError
from webhook.viability.network import Tiles
from webhook.viability.pole import by_pole
from webhook.viability.radius import by_radius
from webhook.viability.verdict import Verdict


def look_up(ozmap: Ozmap, place: Place, mode: Mode, radius_m: float | None, tenant: Tenant) -> Verdict:
    """The verdict from what OZmap answers now; nothing comes from memory."""
    if mode is Mode.POLE:
        return look_up_by_pole(ozmap, place, tenant)
    return _verdict(place, lambda: by_radius(ozmap, place.point, radius_m, tenant))


def look_up_by_pole(ozmap: Ozmap, place: Place, tenant: Tenant, tiles: Tiles | None = None) -> Verdict:
    """As `look_up`; with `tiles` the pole network may come from memory."""
    return _verdict(place, lambda: by_pole(ozmap, place.point, tenant, tiles))


def _verdict(place: Place, lookup: Callable[[], Verdict]) -> Verdict:
    try:
        verdict = lookup()
    except OzmapError as error:
        return Verdict(error.outcome, failure=error.reason)
    if verdict.viable is False and not place.is_the_house:
        # A "no" for a street says nothing about the house, so ask for a full address instead.
        return Verdict(ENDERECO_IMPRECISO)
    return verdict
