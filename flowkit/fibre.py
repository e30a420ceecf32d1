"""Where there is fibre: the boxes with free ports around a point, for the simulator's map."""

from collections import Counter

from schemas.ozmap import Box
from schemas.ozmap_fields import Coordinates
from schemas.point import Point
from schemas.record import RowSchema, key, record, schema_of
from schemas.tenants import Tenant
from webhook.ozmap.api import Ozmap
from webhook.ozmap.records import near, page_of

REACH_M = 1500.0
MOST = 200
"""Boxes that are read: OZmap gives the nearest first, and a town has thousands."""


@record
class _PlacedBox(Box):
    point: Point = key(Coordinates(), "coords", kw_only=True)


_BOXES = schema_of(_PlacedBox, RowSchema)()


def free_boxes(ozmap: Ozmap, tenant: Tenant, centre: Point) -> list[dict[str, object]]:
    """Name, point and free ports of the boxes around `centre` that the tenant may sell in now.

    Raises OzmapError.
    """
    answer = ozmap.read("boxes", ["boxes"], {"limit": MOST, "page": 1, "filter": near(centre, REACH_M)})
    boxes = [
        box
        for box in page_of(_BOXES, "boxes", answer).records
        if not box.draft and (box.implanted or not tenant.implanted_only)
    ]
    ports: Counter[str] = Counter()
    for splitter in ozmap.splitters_of(box.id for box in boxes):
        ports[splitter.box] += splitter.free_ports
    return [
        {"name": box.name, "point": box.point, "free_ports": ports[box.id]} for box in boxes if ports[box.id]
    ]
