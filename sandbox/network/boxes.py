"""Boxes and splitters of the sample network: what hangs on which pole, and how full it is."""

from dataclasses import dataclass
from random import Random

from sandbox.network.frame import fixed_id, record
from sandbox.network.streets import SPURS, Key, Streets
from sandbox.records import Record

CTO, CE = fixed_id("box type", "CTO"), fixed_id("box type", "CE")
WEST, EAST, GATED = (fixed_id("project", name) for name in ("west", "east", "gated"))
BORDER = 6  # the column of the grid where project WEST ends and EAST begins
LEVELS = {"CTO": (3, CTO), "CE": (2, CE), "POP": (1, None)}  # hierarchyLevel, boxType
STATES = {
    "draft": {"draft": True, "implanted": False, "certified": False},
    "not implanted": {"draft": False, "implanted": False, "certified": False},
    "implanted": {"draft": False, "implanted": True, "certified": False},
    "certified": {"draft": False, "implanted": True, "certified": True},
}
ROW_STREETS = (
    "Rua das Orquídeas", "Rua do Sabiá", "Rua João Vicente", "Rua das Amoras",
    "Rua Dona Marina", "Rua do Ipê", "Rua Professora Zilda", "Rua das Gaivotas",
    "Rua Recanto do Sol", "Rua Manoel Tomé", "Rua da Figueira", "Rua Laurindo Alves",
    "Rua das Camélias",
)  # fmt: skip
COLUMN_STREETS = (
    "Servidão dos Açores", "Rua Cruz Torta", "Servidão Boa Vista", "Rua das Bromélias",
    "Servidão do Moinho", "Rua Alfredo Tavares", "Servidão das Pitangas", "Rua do Mirante",
    "Servidão São Bento", "Rua Caetano Lima", "Servidão do Riacho", "Rua das Acácias",
    "Servidão Dona Olga",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A box to be: `used` and `blocked` are port numbers of its service splitter, from 1."""

    pole: Key
    name: str
    street: str
    project: str
    state: str = "implanted"
    outputs: int = 8
    used: tuple[int, ...] = ()
    blocked: tuple[int, ...] = ()
    has_ports: bool = True  # older splitters have no `ports`
    network_splitter: bool = False
    service_splitter: bool = True


ALL = tuple(range(1, 9))
SPECIAL: dict[Key, Plan] = {
    plan.pole: plan
    for plan in (
        Plan(("grid", "h", 1, 1, 1), "POP - 1", ROW_STREETS[1], WEST, service_splitter=False),
        *(
            Plan(pole, name, ROW_STREETS[6], project, network_splitter=True, service_splitter=False)
            for pole, name, project in (
                (("grid", "h", 6, 2, 1), "CE 01", WEST),
                (("grid", "h", 6, 8, 1), "CE 02", EAST),
            )
        ),
        Plan(("grid", "h", 4, 4, 1), "CTO 04-04", ROW_STREETS[4], WEST, used=(1, 2, 5)),
        Plan(("grid", "h", 0, 5, 1), "CTO 00-05", ROW_STREETS[0], WEST, used=(1, 2)),
        Plan(("spur", "full", 20), "CTO 31-01", SPURS["full"].name, WEST, used=ALL),
        Plan(("spur", "full", 24), "CTO 31-02", SPURS["full"].name, WEST, "certified", used=ALL),
        Plan(
            ("spur", "blocked", 18), "CTO 32-01", SPURS["blocked"].name, WEST,
            used=(1, 2, 3, 4, 6, 7, 8), blocked=(5,),
        ),
        Plan(("spur", "draft", 16), "CTO 33-01", SPURS["draft"].name, WEST, "draft"),
        Plan(("spur", "far", 3), "CTO 34-01", SPURS["far"].name, WEST, used=(1, 3)),
        Plan(("spur", "new", 10), "CTO 35-01", SPURS["new"].name, EAST, "not implanted"),
        Plan(("spur", "new", 12), "CTO 35-02", SPURS["new"].name, EAST, used=(2, 3, 4)),
        Plan(("spur", "ornamental", 6), "CTO 36-01", SPURS["ornamental"].name, EAST, used=(1, 2)),
    )
}  # fmt: skip


def all_plans(streets: Streets) -> list[Plan]:
    """Every box: the special ones, then one on most blocks of the grid."""
    plans = list(SPECIAL.values())
    numbers: dict[str, int] = {}
    for key in streets.at:
        if len(key) < 5 or key[-1] != 1 or key in SPECIAL:
            continue
        chance = Random(repr((*key, "box")))
        if key[0] == "grid" and chance.random() > (0.85 if key[1] == "h" else 0.3):
            continue
        plans.append(_chance_plan(key, chance, numbers))
    return plans


def _chance_plan(key: Key, chance: Random, numbers: dict[str, int]) -> Plan:
    area, way, row, column, _ = key
    project = EAST if column >= BORDER else WEST
    street = ROW_STREETS[row % 13] if way == "h" else COLUMN_STREETS[column % 13]
    series = f"{row:02d}"
    if area == "gated":
        project, street, series = GATED, "Alameda das Bromélias", "GB"
    numbers[series] = numbers.get(series, 9) + 1  # lower numbers are for the special ones
    outputs = chance.choice((8, 8, 8, 16))
    share = 1.0 if chance.random() < 0.1 and area == "grid" else chance.uniform(0, 0.8)
    numbered = range(1, outputs + 1)
    used = tuple(n for n in numbered if chance.random() < share)
    return Plan(
        key,
        f"CTO {series}-{numbers[series]:02d}",
        street,
        project,
        chance.choices(list(STATES), (6, 12, 70, 12))[0] if area == "grid" else "implanted",
        outputs,
        used,
        tuple(n for n in numbered if n not in used and chance.random() < 0.03),
        has_ports=chance.random() > 0.15,
        network_splitter=chance.random() < 0.1,
    )


def box_record(plan: Plan, pole: Record) -> Record:
    level, kind = LEVELS[plan.name.partition(" ")[0]]
    fields = {
        "shared": False,
        **STATES[plan.state],
        "default_reserve": 0,
        "tags": [],
        "coords": list(pole["coords"]),
        "cables": [fixed_id("cable", plan.pole, end) for end in "ab"],
        "kind": "Box",
        "project": plan.project,
        "name": plan.name,
        "boxType": kind,
        "hierarchyLevel": level,
        "address": plan.street,
        "observation": "",
        "underground": False,
        "pole": pole["id"],
        "history": [],
    }
    return record(("box", *plan.pole), fields)


def splitter_records(plan: Plan, box: Record) -> list[Record]:
    """The splitters of a box; the service splitter comes last."""
    made = []
    if plan.network_splitter:
        # its outputs go on to other boxes
        made.append(_splitter(plan, box, "Splitter 1", (1, 2, 3, 4), is_drop=False))
    if plan.service_splitter:
        name = f"Splitter {len(made) + 1}"
        made.append(_splitter(plan, box, name, plan.used, is_drop=True))
    return made


def fiber_id(plan: Plan, splitter: str, port: int) -> str:
    return fixed_id("fiber", plan.pole, splitter, port)


def _splitter(plan: Plan, box: Record, name: str, used: tuple[int, ...], *, is_drop: bool) -> Record:
    outputs = plan.outputs if is_drop else 8
    numbered = range(1, outputs + 1)
    fields: Record = {
        "isBalanced": True,
        "orientation": "right",
        "currentPower": [None] * outputs,
        "installPower": [None] * outputs,
        "label": "",
        "attenuation": [10.5 if outputs == 8 else 13.7] * outputs,
        "implanted": box["implanted"],
        "isDrop": is_drop,
        "kind": "Splitter",
        "parent": box["id"],
        "project": plan.project,
        "name": name,
        "splitterType": fixed_id("splitter type", outputs, is_drop),
        "connectables": {
            "input": [fiber_id(plan, name, 0)],
            "output": [fiber_id(plan, name, n) if n in used else None for n in numbered],
        },
        "ratio": {"output": outputs, "input": 1},
    }
    if plan.has_ports:
        fields["ports"] = [
            {
                "tags": [],
                "blocked": n in plan.blocked,
                "id": fixed_id("port", plan.pole, name, n),
            }
            for n in numbered
        ]
    return record(("splitter", plan.pole, name), fields)
