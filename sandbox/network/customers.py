"""Properties and clients of the sample network: invented people on the used ports."""

from random import Random

from sandbox.network.boxes import Plan, fiber_id
from sandbox.network.frame import coords, fixed_id, record
from sandbox.network.streets import Streets
from sandbox.records import Record

DARK = "CTO 31-01"  # a box whose customers all have no light
FIRST = (
    "Ana Beatriz", "Caio", "Débora", "Edson", "Fabíola", "Gilberto", "Helena", "Ivo", "Jussara",
    "Karina", "Luan", "Marlene", "Nelson", "Olívia", "Paulo Sérgio", "Rita", "Sandro", "Tainá",
    "Ubirajara", "Vânia", "Wagner", "Yara", "Zeca",
)  # fmt: skip
LAST = (
    "Amorim", "Bittencourt", "Cardoso", "Dutra", "Espíndola", "Fagundes", "Goulart", "Hoffmann",
    "Inácio", "Jaques", "Kuhn", "Lacerda", "Machado", "Nascimento", "Peixoto", "Quadros",
    "Rosa", "Schmitz", "Teixeira", "Vieira",
)  # fmt: skip


def customer_records(
    plan: Plan, box: Record, splitter: Record, streets: Streets
) -> tuple[list[Record], list[Record]]:
    """(properties, clients) on the used ports of a service splitter."""
    properties, clients = [], []
    for port in plan.used:
        name = ("property", plan.pole, port)
        chance = Random(repr(name))
        client = None
        if chance.random() > 0.08:
            client = _client(plan, port, chance)
            clients.append(client)
        connection = {
            "id": splitter["id"],
            "kind": "Splitter",
            "port": port,
            "fiber": fiber_id(plan, splitter["name"], port),
        }
        drop = fixed_id("drop", plan.pole, port)
        fields: Record = {
            "history": {"clients": [_entry(client, plan, port)]},
            "observation": "",
            "drop": drop,
            "tags": [],
            "cables": [drop],
            "kind": "Property",
            **_whereabouts(plan, box, streets, chance),
            "client": client and client["id"],
            "box": box["id"],
            "project": plan.project,
            "connections": [connection],
            "potencyRead": None if plan.name == DARK else -17 - int(drop[-2:], 16) % 80 / 10,
        }
        properties.append(record(name, fields))
    return properties, clients


def _whereabouts(plan: Plan, box: Record, streets: Streets, chance: Random) -> Record:
    """Older properties have no coordinates, and name their box as `parent`."""
    address = f"{plan.street}, {chance.randrange(10, 990)} - Trindade"
    if chance.random() < 0.03:
        return {"address": address, "name": "", "parent": box["id"]}
    x, y = streets.xy[plan.pole]
    east, north = x + chance.uniform(-60, 60), y + chance.choice((-1, 1)) * chance.uniform(9, 25)
    return {"coords": coords(east, north), "address": address, "pole": box["pole"]}


def _client(plan: Plan, port: int, chance: Random) -> Record:
    key = fixed_id("client", plan.pole, port)
    person = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    fields = {
        "tags": [],
        "observation": "",
        "implanted": chance.random() > 0.1,
        "onu": {
            "user_PPPoE": f"cliente{key[-6:]}",
            "serial_number": f"OZSB{key[-8:].upper()}",
            "mac_address": ":".join(["02", *(key[n : n + 2].upper() for n in range(14, 24, 2))]),
        },
        "certified": False,
        "status": 1 if plan.name == DARK else 0,
        "kind": "ftth",
        "code": str(int(key[8:], 16) % 10**9),
        "name": person,
    }
    return record(("client", plan.pole, port), fields)


def _entry(client: Record | None, plan: Plan, port: int) -> Record:
    """A line of the property's history; without a client now, one that left."""
    gone = "2024-11-29T12:29:00.094Z"
    key = fixed_id("left", plan.pole, port)
    return {
        "id": client["id"] if client else key,
        "code": client["code"] if client else str(int(key[8:], 16) % 10**9),
        "enter_date": None,
        "exit_date": None if client else gone,
    }
