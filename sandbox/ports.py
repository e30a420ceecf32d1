"""Splitter ports: which are free, and what is connected to them.

Port n of a splitter is `connectables.output[n-1]`, None or the id of the fiber that is on it.
"""

from typing import NamedTuple

from sandbox.behaviour import Behaviour
from sandbox.records import Record, RefusedError
from sandbox.store import Store


class Port(NamedTuple):
    splitter: Record
    number: int  # from 1


def drop_splitters(store: Store, box_id: str) -> list[Record]:
    """The splitters of a box that take customers, by name."""
    splitters = store["splitters"].with_value("parent", [box_id])
    return sorted((one for one in splitters if one["isDrop"]), key=lambda one: one["name"])


def is_free(store: Store, port: Port, known: Behaviour) -> bool:
    blocked = any(one["blocked"] for one in port.splitter.get("ports", [])[port.number - 1 :][:1])
    if blocked and not known.blocked_ports_free:
        return False
    if port.splitter["connectables"]["output"][port.number - 1] is None:
        return True
    if not known.property_ports_free:
        return False
    holder = holder_of(store, port)
    return holder is not None and holder["client"] is None


def free_ports(store: Store, box_id: str, known: Behaviour) -> list[Port]:
    return [
        port
        for splitter in drop_splitters(store, box_id)
        for port in _ports(splitter)
        if is_free(store, port, known)
    ]


def holder_of(store: Store, port: Port) -> Record | None:
    """The property that is connected to a port."""
    fiber = port.splitter["connectables"]["output"][port.number - 1]
    for holder in store["properties"].with_value("box", [port.splitter["parent"]]):
        if any(one["fiber"] == fiber for one in holder["connections"]):
            return holder
    return None


def chosen_port(store: Store, wish: Record, box_id: str | None, known: Behaviour) -> Port | None:
    """The port that `connector`, `port` and `auto_connect` ask for; None if they ask for none.

    Raises RefusedError when it is taken, blocked, or not there.
    """
    if wish.get("connector") is None and wish.get("port") is not None:
        raise RefusedError("port: connector is missing")
    if wish.get("connector") is None and not wish.get("auto_connect"):
        return None
    if box_id is None:
        raise RefusedError("box: needed to connect")
    free = free_ports(store, box_id, known)
    if wish.get("connector") is not None:
        splitter = store["splitters"].get(wish["connector"])
        if splitter is None or splitter["parent"] != box_id or not splitter["isDrop"]:
            raise RefusedError("connector: no service splitter of this box")
        free = [port for port in free if port.splitter is splitter]
        if wish.get("port") is not None:
            free = [port for port in free if port.number == wish["port"]]
            if not free:
                raise RefusedError(f"port: {wish['port']} of {splitter['name']} is not free")
    if not free:
        raise RefusedError("box: no free port")
    return free[0]


def set_fiber(store: Store, port: Port, fiber: str | None) -> None:
    connectables = port.splitter["connectables"]
    output = list(connectables["output"])
    output[port.number - 1] = fiber
    store["splitters"].change(port.splitter["id"], connectables={**connectables, "output": output})


def _ports(splitter: Record) -> list[Port]:
    return [Port(splitter, n) for n in range(1, len(splitter["connectables"]["output"]) + 1)]
