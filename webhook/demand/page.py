"""The report as one HTML file that can be mailed: only the pictures of the map come from a network."""

import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.funnel import FunnelStep
from schemas.tenants import Tenant
from webhook.demand.cells import ACROSS, FEWEST, Cell
from webhook.demand.seen import RESOLUTION
from webhook.findme.page import LEAFLET, picture_hosts
from webhook.settings import MapTiles
from webhook.store.health import Owed
from webhook.viability.verdict import Reason

HERE = Path(__file__).parent
MOST_ON_MAP = 3000
"""Cells: with more of them, those with most refusals. A file that can be mailed has a few hundred kB."""
MOST_IN_TABLE = 10
BAR = 330
"""Units of the picture's width that the longest bar has: at 360 px one unit is one pixel."""

STEPS = {
    FunnelStep.PLACE: "disseram onde",
    FunnelStep.VIABLE: "têm fibra no endereço",
    FunnelStep.RESERVED: "reservaram a instalação",
    FunnelStep.PROSPECT: "deixaram contato (prospect)",
    FunnelStep.HANDED_OVER: "foram para um atendente",
}
REASONS = {
    Reason.NO_POLE: "Sem poste por perto",
    Reason.NO_BOX: "Sem caixa por perto",
    Reason.NO_PORT: "Sem porta livre",
    Reason.TOO_FAR: "Caixa longe demais",
}
COLOURS = {
    Reason.NO_POLE: "#0072b2",
    Reason.NO_BOX: "#d55e00",
    Reason.NO_PORT: "#009e73",
    Reason.TOO_FAR: "#cc79a7",
}
"""Told apart by whoever does not see red and green, too (Okabe and Ito)."""
KINDS = {"reservation": "Reservas", "prospect": "Prospects", "notice": "Mensagens"}

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Report:
    """What the page tells of one ISP."""

    tenant: Tenant
    since: str
    until: str
    cells: Sequence[Cell]
    steps: Mapping[FunnelStep, int]
    owed: Mapping[str, Owed]


def as_html(report: Report, tiles: MapTiles) -> str:
    """The whole file."""
    scripts = [_file(LEAFLET / "leaflet.js"), _file(HERE / "static" / "demand.js")]
    styles = [_file(LEAFLET / "leaflet.css"), _file(HERE / "static" / "demand.css")]
    on_map = [cell for cell in report.cells if cell.id]
    refused = [cell for cell in on_map if cell.refused]
    return _TEMPLATES.get_template("demand.html").render(
        isp=report.tenant.display_name or report.tenant.slug,
        since=_date(report.since),
        until=_date(report.until),
        policy=_policy(tiles, scripts, styles),
        scripts=scripts,
        styles=styles,
        bars=_bars(report.steps),
        conversations=sum(cell.conversations for cell in report.cells),
        elsewhere=sum(cell.conversations for cell in report.cells if not cell.id),
        hidden=max(0, len(on_map) - MOST_ON_MAP),
        data=_map_data(on_map[:MOST_ON_MAP], tiles),
        rows=[_row(cell) for cell in refused[:MOST_IN_TABLE]],
        reasons=[(COLOURS[reason], text) for reason, text in REASONS.items()],
        owed=[(KINDS[kind], one, _age(one.oldest_s)) for kind, one in report.owed.items()],
        fewest=FEWEST,
    )


def _file(path: Path) -> str:
    """The content of a tag, which ends nowhere in it."""
    text = path.read_text().partition("//# sourceMappingURL")[0]
    if "</script" in text or "</style" in text:
        raise ValueError(f"{path.name} would end its tag")
    return text


def _policy(tiles: MapTiles, scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The Content-Security-Policy: what stands in the file, and pictures of the tile services."""

    def hashes(texts: Sequence[str]) -> str:
        return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)};"
        f" img-src data: {picture_hosts(tiles)}; base-uri 'none'; form-action 'none'"
    )


def _bars(steps: Mapping[FunnelStep, int]) -> list[dict[str, object]]:
    """The funnel's."""
    longest = max(steps.values(), default=0) or 1
    first = steps[FunnelStep.PLACE] or longest
    return [
        {
            "text": text,
            "count": steps[step],
            "width": round(BAR * steps[step] / longest),
            "percent": round(100 * steps[step] / first),
        }
        for step, text in STEPS.items()
    ]


def _map_data(cells: Sequence[Cell], tiles: MapTiles) -> dict[str, object]:
    """What the script draws; short, because there may be thousands of cells."""
    return {
        "tiles": {"map": tiles.map, "satellite": tiles.satellite},
        "credits": {"map": tiles.map_credit, "satellite": tiles.satellite_credit},
        "colours": COLOURS,
        "words": REASONS,
        "most": max((cell.refused for cell in cells), default=0),
        "cells": [
            {
                "at": [round(degrees, 5) for point in cell.outline for degrees in point],
                "all": cell.conversations,
                "no": cell.refused,
                "why": cell.reasons,
                "fine": cell.resolution == RESOLUTION,
                "link": _link(cell),
            }
            for cell in cells
        ],
    }


def _row(cell: Cell) -> dict[str, object]:
    return {
        "refused": cell.refused,
        "conversations": cell.conversations,
        "why": ", ".join(f"{REASONS[Reason(reason)].lower()}: {times}" for reason, times in cell.reasons),
        "across": ACROSS[cell.resolution or 0],
        "link": _link(cell),
    }


def _link(cell: Cell) -> str:
    lat, lng = cell.centre or ("", "")
    return f"https://www.google.com/maps/search/?api=1&query={lat},{lng}"


def _date(day: str) -> str:
    return time.strftime("%d/%m/%Y", time.strptime(day, "%Y-%m-%d"))


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for unit, length in (("dia", 86400), ("hora", 3600)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{int(seconds // 60)} min"
