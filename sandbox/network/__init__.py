"""The sample network: a neighbourhood of Florianópolis that does not exist, made by code.

Nothing in it depends on the clock, on the machine or on how large it is made.
"""

from sandbox.network.boxes import (
    BORDER,
    CE,
    CTO,
    EAST,
    GATED,
    WEST,
    all_plans,
    box_record,
    splitter_records,
)
from sandbox.network.customers import customer_records
from sandbox.network.frame import coords, fixed_id, record
from sandbox.network.places import PLACES, Place
from sandbox.network.streets import COMMON, GATED_XS, GATED_YS, ORNAMENTAL, Streets, blocks_for
from sandbox.records import Record

__all__ = ["PLACES", "Place", "sample_network"]


def sample_network(poles: int = 1000) -> dict[str, list[Record]]:
    """Records by collection, with at least so many poles (never fewer than about 1,000).

    A larger network grows to the east and the north; the places in PLACES stay as they are.
    """
    streets = Streets(blocks_for(poles))
    network: dict[str, list[Record]] = {
        "poles": [one for one in streets.at.values() if one["kind"] == "Pole"],
        "points": [one for one in streets.at.values() if one["kind"] != "Pole"],
        "boxes": [],
        "splitters": [],
        "properties": [],
        "ftth-clients": [],
        "prospects": [],
        "projects": _projects(streets),
        "tags": _tags(),
        **_types(),
        "horizontal-condominiums": [_gated_community()],
    }
    for plan in all_plans(streets):
        box = box_record(plan, streets.at[plan.pole])
        splitters = splitter_records(plan, box)
        network["boxes"].append(box)
        network["splitters"] += splitters
        if plan.service_splitter:
            properties, clients = customer_records(plan, box, splitters[-1], streets)
            network["properties"] += properties
            network["ftth-clients"] += clients
    return network


def _projects(streets: Streets) -> list[Record]:
    border, east, north = streets.xs[BORDER], streets.xs[-1] + 100, streets.ys[-1] + 100
    cable = fixed_id("cable type", "drop")
    areas = {
        WEST: ("Trindade Oeste", 200, _rectangle(-1300, -900, border, north)),
        EAST: ("Trindade Leste", 150, _rectangle(border, -900, east, north)),
        GATED: ("Jardim das Bromélias", 150, _gated_area()),
    }
    found = []
    for key, (name, metres, area) in areas.items():
        lng, lat = area["coordinates"][0][0]
        fields = {
            "area": area,
            "lat": lat,
            "lng": lng,
            "hierarchyLevels": {
                "box": {"POP": 1, "CE": 2, "CTO": 3},
                "cable": {"PRIMÁRIO": 1, "SECUNDÁRIO": 2, "DROP": 3},
            },
            "name": name,
            "drop": {
                "type": {"cableType": cable},
                "defaults": {"cableType": cable},
                "maxSize": metres,
            },
            "defaultPonPotency": 0,
            "parents": [],
            "hasLogo": False,
        }
        found.append({**record((name,), fields), "id": key})
    return found


def _types() -> dict[str, list[Record]]:
    poles = {COMMON: ("Concreto", True), ORNAMENTAL: ("Ornamental", False)}
    boxes = {CTO: ("CTO", 3), CE: ("CE", 2)}
    colours = {"base": {"color": "#3388FFFF"}} | {
        state: {"fillColor": "#3388FFFF"} for state in ("regular", "not_implanted", "draft")
    }
    return {
        "pole-types": [
            {
                "name": name,
                "prefix": "P_",
                "viabilityAllowed": allowed,
                "color": "#3388FF",
                "description": "",
                **record((name,), {}),
                "id": key,
            }
            for key, (name, allowed) in poles.items()
        ],
        "box-types": [
            {
                "code": name,
                "prefix": f"{name} ",
                "default_level": level,
                "default_reserve": 0,
                "config": colours,
                **record((name,), {}),
                "id": key,
            }
            for key, (name, level) in boxes.items()
        ],
        "splitter-types": _splitter_types(),
    }


def _splitter_types() -> list[Record]:
    return [
        {
            "code": f"1x{outputs}",
            "prefix": "Splitter ",
            "isDrop": is_drop,
            "isBalanced": True,
            "ratio": {"output": outputs, "input": 1},
            "attenuation": [10.5 if outputs == 8 else 13.7] * outputs,
            **record(("splitter type", outputs, is_drop), {}),
        }
        for outputs, is_drop in ((8, True), (16, True), (8, False))
    ]


def _tags() -> list[Record]:
    names = {
        "Sem viabilidade": ["prospect"],
        "Aguardando expansão": ["prospect", "client"],
        "Chatbot": ["prospect", "client", "property"],
        "Revisar em campo": ["box", "pole", "splitter.ports"],
    }
    return [record(("tag", name), {"name": name, "allowedTypes": types}) for name, types in names.items()]


def _gated_community() -> Record:
    fields: Record = {
        "polygon": _gated_area(),
        "project": GATED,
        "name": "Condomínio Jardim das Bromélias",
        "observation": "",
        "address": "Acesso das Bromélias, 1",
        "color": None,
        "tags": [],
    }
    return record(("condominium",), fields)


def _gated_area() -> Record:
    return _rectangle(GATED_XS[0] - 25, GATED_YS[0] - 25, GATED_XS[-1] + 25, GATED_YS[-1] + 25)


def _rectangle(west: float, south: float, east: float, north: float) -> Record:
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"coordinates": [[coords(x, y) for x, y in corners]], "type": "Polygon"}
