"""Properties and their clients: selling a port, moving it, giving it back.

Every function checks all before it writes anything, and relies on the server's one lock: two calls
for the last port are worked on one after the other.
"""

from typing import Any

from sandbox.behaviour import Behaviour
from sandbox.ports import Port, chosen_port, free_ports, holder_of, set_fiber
from sandbox.records import MAKER, Record, RefusedError, new_id, now, place
from sandbox.store import Store

CONNECTING = {"box", "connector", "port", "auto_connect"}
NOT_KEPT = {"client", "connector", "port", "auto_connect", "force", "drop_poles"}


def sell(store: Store, form: Record, known: Behaviour) -> Record:
    """A new property with its client on its port; the answer to POST has neither box nor port."""
    check_client(store, form.get("client"), known)
    port = _port_to_sell(store, form, known)
    made = now()
    record: Record = {
        "observation": None,
        "drop": None,
        "tags": [],
        "cables": [],
        "kind": "Property",
        "address": "",
        **{name: value for name, value in form.items() if name not in NOT_KEPT},
        "client": None,
        "creatorData": MAKER,
        "history": {"clients": []},
        "connections": [],
        "createdAt": made,
        "updatedAt": made,
        "id": new_id(),
    }
    place(record)
    store["properties"].add(record)
    set_client(store, record, form.get("client"))
    answer = {name: value for name, value in record.items() if name not in {"box", "connections"}}
    if port:
        connect(store, record, port)
        store.hide_connections(record["id"], known.connects_after)
    return answer


def change_property(store: Store, record: Record, form: Record, known: Behaviour) -> None:
    """Changes a property; a new box or port frees the old one."""
    if "client" in form:
        check_client(store, form["client"], known, record)
    target = {"box": record.get("box"), **form}
    port = None
    if CONNECTING & form.keys() and not _is_there(record, target):
        port = chosen_port(store, target, _sellable_box(store, target), known)
        disconnect(store, record)
    kept = {name: value for name, value in form.items() if name not in NOT_KEPT}
    store["properties"].change(record["id"], **kept)
    if "client" in form:
        set_client(store, record, form["client"])
    if port:
        connect(store, record, port)


def end_property(store: Store, record: Record) -> None:
    """The property goes, its client with it, and its port is free again."""
    disconnect(store, record)
    set_client(store, record, None)
    store["properties"].remove(record["id"])


def connect(store: Store, record: Record, port: Port) -> None:
    """Draws a drop cable to the port. A property without client that holds it has to leave."""
    if other := holder_of(store, port):
        code = store["ftth-clients"][record["client"]].get("code") if record["client"] else None
        disconnect(store, other)
        note = f"This property was disconnected when a new client was created ({code})"
        store["properties"].change(other["id"], observation=note)
    drop, fiber = new_id(), new_id()
    set_fiber(store, port, fiber)
    connection = {"id": port.splitter["id"], "kind": "Splitter", "port": port.number}
    store["properties"].change(
        record["id"], drop=drop, cables=[drop], connections=[{**connection, "fiber": fiber}]
    )


def disconnect(store: Store, record: Record) -> None:
    for one in record["connections"]:
        if splitter := store["splitters"].get(one["id"]):
            set_fiber(store, Port(splitter, one["port"]), None)
    store["properties"].change(record["id"], drop=None, cables=[], connections=[])


def check_client(store: Store, client: Any, known: Behaviour, holder: Record | None = None) -> None:
    """Raises RefusedError for a code that is in use, or a client that cannot be linked."""
    if isinstance(client, dict):
        check_code(store, client.get("code"), known, holder["client"] if holder else None)
    elif client is not None:
        if client not in store["ftth-clients"]:
            raise RefusedError(f"client: {client} does not exist")
        held = store["properties"].with_value("client", [client])
        if any(one is not holder for one in held):
            raise RefusedError(f"client: {client} has a property already")


def check_code(store: Store, code: str | None, known: Behaviour, but_of: str | None = None) -> None:
    if code is None or known.duplicate_codes:
        return
    if any(one["id"] != but_of for one in clients_with(store, code, known)):
        raise RefusedError(f"client.code: {code} is in use")


def clients_with(store: Store, code: str, known: Behaviour) -> list[Record]:
    """The clients that a code finds."""
    if not known.codes_without_case:
        return store["ftth-clients"].with_value("code", [code])
    return [
        one for one in store["ftth-clients"].values() if str(one.get("code")).casefold() == code.casefold()
    ]


def set_client(store: Store, record: Record, client: Any) -> None:
    """Puts a new client (a form), an existing one (an id) or none into a property."""
    old = record["client"]
    if client == old:
        return
    clients = list(record["history"]["clients"])
    if old is not None:
        store["ftth-clients"].remove(old)
        clients = [{**one, "exit_date": now()} if one["id"] == old else one for one in clients]
    new = None
    if client is not None:
        new = _new_client(store, client) if isinstance(client, dict) else store["ftth-clients"][client]
        entered = {"id": new["id"], "code": new.get("code"), "enter_date": now(), "exit_date": None}
        clients.append(entered)
    store["properties"].change(record["id"], client=new and new["id"], history={"clients": clients})


def end_client(store: Store, client: Record) -> None:
    """The client goes; its property stays and keeps the port."""
    for record in store["properties"].with_value("client", [client["id"]]):
        set_client(store, record, None)
    if client["id"] in store["ftth-clients"]:
        store["ftth-clients"].remove(client["id"])


def show_property(store: Store, record: Record) -> Record:
    """A property as lists and reads by id show it: the client as an object, the splitter's name."""
    client = record["client"]
    splitters = store["splitters"]
    return {
        **record,
        "client": store["ftth-clients"].get(client) if client else None,
        "connections": [
            {
                "id": one["id"],
                "kind": one["kind"],
                "port": one["port"],
                "name": splitters[one["id"]]["name"],
                "implanted": splitters[one["id"]]["implanted"],
                "fiber": one["fiber"],
            }
            for one in record["connections"]
            if not store.hides_connections(record["id"])
        ],
    }


def show_by_code(store: Store, record: Record) -> Record:
    """A property as `/properties/client/{code}` shows it: `_id` for `id`, and no connections."""
    client = store["ftth-clients"][record["client"]]
    shown = {name: value for name, value in record.items() if name not in {"id", "connections"}}
    client = {name: value for name, value in client.items() if name != "id"}
    return {"_id": record["id"], **shown, "client": {"_id": record["client"], **client}}


def _new_client(store: Store, form: Record) -> Record:
    made = now()
    added = {"kind": "ftth", "creatorData": MAKER, "createdAt": made, "updatedAt": made}
    return store["ftth-clients"].add({**form, **added, "id": new_id()})


def _is_there(record: Record, target: Record) -> bool:
    """Whether a property already is where a change wants it to be: then it keeps its port."""
    return any(
        target["box"] == record.get("box")
        and target.get("connector") in {None, one["id"]}
        and target.get("port") in {None, one["port"]}
        for one in record["connections"]
    )


def _port_to_sell(store: Store, form: Record, known: Behaviour) -> Port | None:
    box_id = _sellable_box(store, form)
    if known.full_box_sells and box_id and not free_ports(store, box_id, known):
        return None
    return chosen_port(store, form, box_id, known)


def _sellable_box(store: Store, form: Record) -> str | None:
    box = store["boxes"][form["box"]] if form.get("box") else None
    if box and box["draft"] and CONNECTING - {"box"} & form.keys():
        raise RefusedError(f"box: {box['name']} is being planned")
    return box["id"] if box else None
