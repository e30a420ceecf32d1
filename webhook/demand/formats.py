"""The cells as CSV and as GeoJSON (RFC 7946), with the words that replies have."""

import csv
import json
from collections.abc import Iterable
from io import StringIO

from webhook.demand.cells import Cell
from webhook.viability.verdict import Reason

HEADS = ("isp", "celula", "resolucao", "latitude", "longitude", "codigo", "motivo", "conversas")


def as_csv(cells: Iterable[Cell]) -> str:
    """A line for each cell and outcome. Without a cell: elsewhere."""
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEADS)
    for cell in cells:
        centre = cell.centre or ("", "")
        for (outcome, reason), times in sorted(cell.counts.items()):
            lines.writerow([cell.tenant, cell.id, cell.resolution, *centre, outcome, reason, times])
    return text.getvalue()


def as_geojson(cells: Iterable[Cell]) -> str:
    """A polygon for each cell, and none for elsewhere."""
    # One by one: all of them at once are millions of objects.
    features = ",\n".join(json.dumps(_feature(cell)) for cell in cells)
    return f'{{"type": "FeatureCollection", "features": [\n{features}\n]}}\n'


def _feature(cell: Cell) -> dict[str, object]:
    return {"type": "Feature", "id": cell.id, "geometry": _polygon(cell), "properties": _properties(cell)}


def _polygon(cell: Cell) -> dict[str, object] | None:
    if cell.id is None:
        return None
    ring = [(lng, lat) for lat, lng in cell.outline]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _properties(cell: Cell) -> dict[str, object]:
    reasons = dict(cell.reasons)
    outcomes: dict[str, int] = {}
    for (outcome, _), times in cell.counts.items():
        outcomes[outcome] = outcomes.get(outcome, 0) + times
    return {
        "isp": cell.tenant,
        "celula": cell.id,
        "resolucao": cell.resolution,
        "conversas": cell.conversations,
        "sem_viabilidade": cell.refused,
        "motivo": next(iter(reasons), None),
        **{str(reason): reasons.get(reason, 0) for reason in Reason},
        **outcomes,
    }
