"""Feasibility by radius: `GET /ftth-viability/radius`."""

from sandbox.behaviour import Behaviour
from sandbox.filters import inside
from sandbox.ports import free_ports
from sandbox.records import Record, point_of
from sandbox.store import Store
from schemas.point import Point


def radius_answer(store: Store, point: Point, radius_m: float, known: Behaviour) -> Record:
    """Boxes, refused boxes and properties around a point, in OZmap's documented shape.

    Boxes come by name, not by distance: OZmap's order is unknown, so none may be relied on.
    """
    near = [pair for pair in store["boxes"].near(point, radius_m) if not pair[1]["draft"]]
    rows = [_row(store, metres, box, known) for metres, box in near[: known.radius_boxes]]
    rows.sort(key=lambda row: (row["name"], row["id"]))
    viable = [row for row in rows if row["availability"]]
    return {
        "viable": bool(viable) or known.viable_without_boxes,
        "boxes": [] if known.viable_without_boxes else viable,
        "refused_boxes": [row for row in rows if not row["availability"]],
        "properties": [
            {"id": one["id"], "address": one["address"], "observation": one["observation"]}
            for _, one in store["properties"].near(point, radius_m)
        ],
    }


def _row(store: Store, metres: float, box: Record, known: Behaviour) -> Record:
    where = point_of(box)
    return {
        "distance": round(metres, 2),
        "name": box["name"],
        "id": box["id"],
        "project": box["project"],
        "lat": box["lat"],
        "lng": box["lng"],
        "implanted": box["implanted"],
        "availability": len(free_ports(store, box["id"], known)),
        "horizontal_condos": [
            {"id": condo["id"], "name": condo["name"]}
            for condo in store["horizontal-condominiums"].values()
            if where and inside(where, condo["polygon"]["coordinates"])
        ],
    }
