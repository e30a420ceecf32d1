"""Properties and their clients: selling a port, moving it, giving it back.

Every function checks all before it writes anything, and relies on the server's one lock: two calls
for the last port are worked on one after the other.
"""

from sandbox.behaviour import Behaviour, drawn
from sandbox.clients import check_client, new_client, set_client
from sandbox.ports import Port, chosen_port, free_ports, holder_of, set_fiber
from sandbox.records import MAKER, Record, RefusedError, new_id, now, place
from sandbox.store import Store

CONNECTING = {"box", "connector", "port", "auto_connect"}
NOT_KEPT = {"client", "connector", "port", "auto_connect", "force", "drop_poles"}


def sell(store: Store, form: Record, known: Behaviour) -> Record:
    """A new property with its client on its port; the answer to POST shows no connection.

    As in OZmap the client comes first and the property when its drop is drawn; others may call meanwhile.
    Without a box there is nothing to draw.
    """
    form = _filled(store, form)
    if known.properties_refused:
        raise RefusedError(known.properties_refused)
    client = form.get("client")
    check_client(store, client, known, form)
    _port_to_sell(store, form, known)
    made = new_client(store, client)["id"] if isinstance(client, dict) else None
    if form.get("box"):
        store.let_pass(drawn(known.post_seconds, store.chance))
    if made and _fails_now(store, known):
        raise RefusedError("Não foi possível criar o imóvel.")
    try:
        check_client(store, made or client, known, form)
        port = _port_to_sell(store, form, known)
    except RefusedError:
        if made and made in store["ftth-clients"]:
            store["ftth-clients"].remove(made)
        raise
    record = _new_property(store, form)
    set_client(store, record, made or client)
    if port:
        connect(store, record, port)
        store.hide_connections(record["id"], known.connects_after)
    return {name: value for name, value in record.items() if name != "connections"}


def _filled(store: Store, form: Record) -> Record:
    """What OZmap takes from the box where the call leaves it out."""
    if form.get("box"):
        box = store["boxes"][form["box"]]
        of_box: Record = {name: box[name] for name in ("project", "pole", "coords") if name in box}
        return {**form, **of_box, **{name: value for name, value in form.items() if value is not None}}
    if "project" not in form:
        raise RefusedError("project: needed without a box")
    return form


def _fails_now(store: Store, known: Behaviour) -> bool:
    if known.property_fails_after_client < 1:
        return store.chance.random() < known.property_fails_after_client
    known.property_fails_after_client -= 1
    return True


def _new_property(store: Store, form: Record) -> Record:
    """Without client and connection; with a drop where there is a box, connected or not."""
    made = now()
    drop = new_id() if form.get("box") else None
    record: Record = {
        "observation": None,
        "drop": drop,
        "tags": [],
        "cables": [drop] if drop else [],
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
    return store["properties"].add(record)


def change_property(store: Store, record: Record, form: Record, known: Behaviour) -> None:
    """Changes a property; a new box or port frees the old one."""
    if "client" in form:
        check_client(store, form["client"], known, record)
    target = {"box": record.get("box"), **form}
    port = None
    if CONNECTING & form.keys() and not _is_there(record, target):
        port = chosen_port(store, target, _sellable_box(store, target, known), known)
        disconnect(store, record)
    kept = {name: value for name, value in form.items() if name not in NOT_KEPT}
    store["properties"].change(record["id"], **kept)
    if "client" in form:
        set_client(store, record, form["client"])
    if port:
        connect(store, record, port)


def end_property(store: Store, record: Record, *, keep_client: bool = False) -> None:
    """The property goes, its client with it unless that is kept, and its port is free again."""
    disconnect(store, record)
    if not keep_client:
        set_client(store, record, None)
    store["properties"].remove(record["id"])


def connect(store: Store, record: Record, port: Port) -> None:
    """Draws a drop cable to the port. A property without client that holds it has to leave."""
    if other := holder_of(store, port):
        code = store["ftth-clients"][record["client"]].get("code") if record["client"] else None
        disconnect(store, other)
        note = f"This property was disconnected when a new client was created ({code})"
        store["properties"].change(other["id"], observation=note)
    drop, fiber = record["drop"] or new_id(), new_id()
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


def show_by_code(store: Store, record: Record, known: Behaviour) -> Record:
    """A property as `/properties/client/{code}` shows it: `_id` for `id`, and mostly no connections."""
    client = store["ftth-clients"][record["client"]]
    shown = {name: value for name, value in record.items() if name not in {"id", "connections"}}
    client = {name: value for name, value in client.items() if name != "id"}
    row = {"_id": record["id"], **shown, "client": {"_id": record["client"], **client}}
    if known.connections_in_client_rows:
        connections = show_property(store, record)["connections"]
        row["connections"] = [{"name": one["name"], "port": one["port"]} for one in connections]
    return row


def _is_there(record: Record, target: Record) -> bool:
    """Whether a property already is where a change wants it to be: then it keeps its port."""
    return any(
        target["box"] == record.get("box")
        and target.get("connector") in {None, one["id"]}
        and target.get("port") in {None, one["port"]}
        for one in record["connections"]
    )


def _port_to_sell(store: Store, form: Record, known: Behaviour) -> Port | None:
    box_id = _sellable_box(store, form, known)
    if known.full_box_sells and box_id and not free_ports(store, box_id, known):
        return None
    return chosen_port(store, form, box_id, known)


def _sellable_box(store: Store, form: Record, known: Behaviour) -> str | None:
    box = store["boxes"][form["box"]] if form.get("box") else None
    if box and {box["id"], box["name"]} & set(known.boxes_that_refuse):
        raise RefusedError("Não foi possível conectar o cliente nesta caixa.")
    if box and box["draft"] and CONNECTING - {"box"} & form.keys():
        raise RefusedError(f"box: {box['name']} is being planned")
    return box["id"] if box else None
