"""Clients: who has a code, making one, putting one into a property, taking one away."""

from typing import Any

from sandbox.behaviour import Behaviour
from sandbox.records import MAKER, Record, RefusedError, new_id, now
from sandbox.store import Store


def clients_with(store: Store, code: str, known: Behaviour) -> list[Record]:
    """The clients that a code finds."""
    if not known.codes_without_case:
        return store["ftth-clients"].with_value("code", [code])
    return [
        one for one in store["ftth-clients"].values() if str(one.get("code")).casefold() == code.casefold()
    ]


def check_code(
    store: Store, code: str | None, known: Behaviour, but_of: str | None = None, project: str | None = None
) -> None:
    """Raises RefusedError for a code that is in use, by another client than `but_of`.

    `project` is the one that the refusal names when none of the clients has a property.
    """
    if code is None:
        return
    check_chosen(store, code, known, project)
    others = [one["id"] for one in clients_with(store, code, known) if one["id"] != but_of]
    if others and not known.duplicate_codes:
        holders = store["properties"].with_value("client", others)
        raise RefusedError(_in_use(store, code, holders[0]["project"] if holders else project))


def check_chosen(store: Store, code: str | None, known: Behaviour, project: str | None = None) -> None:
    """Raises RefusedError for one of `codes_that_refuse`: somebody has it whom this key may not see."""
    if code in known.codes_that_refuse:
        raise RefusedError(_in_use(store, code, project))


def check_client(store: Store, client: Any, known: Behaviour, holder: Record) -> None:
    """Raises RefusedError for what `client` of a property, which may be a new one, may not be.

    The id of a client that has a property already is taken: OZmap was seen to take it.
    """
    if isinstance(client, dict):
        check_code(store, client.get("code"), known, holder.get("client"), holder.get("project"))
    elif client is not None and client not in store["ftth-clients"]:
        raise RefusedError(f"client: {client} does not exist")


def new_client(store: Store, form: Record) -> Record:
    """A client alone, as an ERP makes it. `form` is what `read_form("ftth-clients", ...)` gives."""
    made = now()
    added = {"kind": "ftth", "creatorData": MAKER, "createdAt": made, "updatedAt": made}
    return store["ftth-clients"].add({**form, **added, "id": new_id()})


def set_client(store: Store, record: Record, client: Any) -> None:
    """Puts a new client (a form), an existing one (an id) or none into a property.

    The one that was there goes, unless another property has it too.
    """
    old = record["client"]
    if client == old:
        return
    clients = list(record["history"]["clients"])
    if old is not None:
        if store["properties"].with_value("client", [old]) == [record]:
            store["ftth-clients"].remove(old)
        clients = [{**one, "exit_date": now()} if one["id"] == old else one for one in clients]
    new = None
    if client is not None:
        new = new_client(store, client) if isinstance(client, dict) else store["ftth-clients"][client]
        entered = {"id": new["id"], "code": new.get("code"), "enter_date": now(), "exit_date": None}
        clients.append(entered)
    store["properties"].change(record["id"], client=new and new["id"], history={"clients": clients})


def end_client(store: Store, client: Record) -> None:
    """The client goes; its property stays and keeps the port."""
    for record in store["properties"].with_value("client", [client["id"]]):
        set_client(store, record, None)
    if client["id"] in store["ftth-clients"]:
        store["ftth-clients"].remove(client["id"])


def _in_use(store: Store, code: str | None, project: str | None) -> str:
    """OZmap's own words, as seen."""
    named = store["projects"].get(project or "") or next(iter(store["projects"].values()), {"name": ""})
    return f"Código {code} já está sendo utilizado no projeto {named['name']}."
