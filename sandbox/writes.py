"""Creating, changing and deleting records of every kind, by the forms in `forms`."""

from typing import Any

from sandbox.behaviour import Behaviour
from sandbox.clients import check_chosen, check_code, end_client, new_client
from sandbox.forms import read_form
from sandbox.records import MAKER, Record, RefusedError, new_id, now, place
from sandbox.sales import change_property, end_property, sell
from sandbox.store import REFERENCES, Store

KINDS = {"poles": "Pole", "points": "Point", "boxes": "Box", "splitters": "Splitter"}

# Collection -> the (collection, field) pairs that forbid deleting a record they name.
USERS = {
    "poles": [("boxes", "pole"), ("properties", "pole")],
    "boxes": [("properties", "box")],
    "projects": [("boxes", "project"), ("properties", "project")],
    "pole-types": [("poles", "poleType")],
    "box-types": [("boxes", "boxType")],
}


def create(store: Store, name: str, body: object, known: Behaviour) -> Record:
    """The body of the 201 answer. Raises RefusedError, and then nothing was made."""
    form = read_form(name, body)
    _check_references(store, form)
    if name == "properties":
        return sell(store, form, known)
    if name == "ftth-clients":
        check_code(store, form.get("code"), known)
        return new_client(store, form)
    if name == "prospects":
        check_chosen(store, form.get("code"), known)
    if name in {"poles", "boxes"} and "coords" not in form:
        raise RefusedError("coords: missing, and so are lat and lng")
    record = add(store, name, {**form, **_defaults(store, name, form)})
    return {**record, "_id": record["id"], "__v": 0}


def add(store: Store, name: str, fields: Record) -> Record:
    made = now()
    kind = {"kind": KINDS[name]} if name in KINDS else {}
    record = {**fields, **kind, "creatorData": MAKER, "createdAt": made, "updatedAt": made}
    record["id"] = new_id()
    if kind and "coords" in record:
        place(record)
    for neighbour in record.get("adjacents", []):
        _join(store, neighbour, record["id"])
    return store[name].add(record)


def change(store: Store, name: str, record: Record, body: object, known: Behaviour) -> None:
    form = read_form(name, body, partial=True)
    _check_references(store, form)
    for field in ("onu", "licensing"):
        if field in form:
            form[field] = {**record[field], **form[field]}
    if name == "properties":
        change_property(store, record, form, known)
        return
    if name == "ftth-clients":
        check_code(store, form.get("code"), known, record["id"])
    if "adjacents" in form:
        for neighbour in record["adjacents"]:
            _part(store, neighbour, record["id"])
        for neighbour in form["adjacents"]:
            _join(store, neighbour, record["id"])
    store[name].change(record["id"], **form)


def delete(store: Store, name: str, record: Record, *, keep_client: bool = False) -> None:
    """Raises RefusedError while something else depends on the record."""
    for user, field in USERS.get(name, []):
        if using := store[user].with_value(field, [record["id"]]):
            raise RefusedError(f"still in use by {len(using)} of {user}")
    if name == "properties":
        end_property(store, record, keep_client=keep_client)
    elif name == "ftth-clients":
        end_client(store, record)
    else:
        if name == "splitters" and any(record["connectables"]["output"]):
            raise RefusedError("still in use by its connections")
        for splitter in store["splitters"].with_value("parent", [record["id"]]):
            store["splitters"].remove(splitter["id"])
        for neighbour in record.get("adjacents", []):
            _part(store, neighbour, record["id"])
        store[name].remove(record["id"])


def _defaults(store: Store, name: str, form: Record) -> Record:
    """What OZmap fills in itself."""
    if name == "poles" and "name" not in form:
        prefix = store["pole-types"][form["poleType"]]["prefix"]
        return {"name": f"{prefix}{len(store['poles']) + 1}"}
    if name == "boxes":
        return _box_defaults(store, form)
    return _splitter_defaults(store, form) if name == "splitters" else {}


def _box_defaults(store: Store, form: Record) -> Record:
    prefix = store["box-types"][form["boxType"]]["prefix"]
    filled: Record = {"name": f"{prefix}{len(store['boxes']) + 1}", "cables": []}
    if "pole" not in form:
        point = add(store, "points", {"coords": form["coords"], "adjacents": [], "tags": []})
        filled["pole"] = point["id"]
    return {**filled, "underground": False, **form}


def _splitter_defaults(store: Store, form: Record) -> Record:
    kind = store["splitter-types"][form["splitterType"]]
    outputs = kind["ratio"]["output"]
    ports: list[dict[str, Any]] = form.get("ports") or [{} for _ in range(outputs)]
    return {
        "name": f"{kind['prefix']}{len(store['splitters'].with_value('parent', [form['parent']])) + 1}",
        **form,
        "project": store["boxes"][form["parent"]]["project"],
        "isBalanced": kind["isBalanced"],
        "orientation": "right",
        "ratio": kind["ratio"],
        "attenuation": form.get("attenuation") or kind["attenuation"],
        "currentPower": [None] * outputs,
        "installPower": [None] * outputs,
        "connectables": {"input": [None] * kind["ratio"]["input"], "output": [None] * outputs},
        "ports": [{"tags": [], "blocked": False, **port, "id": new_id()} for port in ports],
    }


def _check_references(store: Store, form: Record) -> None:
    for field in REFERENCES:
        named = form.get(field)
        for key in named if isinstance(named, list) else [named]:
            if key is not None and not store.referred(field, key):
                raise RefusedError(f"{field}: {key} does not exist")


def _join(store: Store, key: str, other: str) -> None:
    record = store.referred("adjacents", key)
    if record and other not in record["adjacents"]:
        record["adjacents"] = [*record["adjacents"], other]


def _part(store: Store, key: str, other: str) -> None:
    if record := store.referred("adjacents", key):
        record["adjacents"] = [one for one in record["adjacents"] if one != other]
