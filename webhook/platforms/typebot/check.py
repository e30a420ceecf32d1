"""What would keep Typebot from importing a file of version 6.1, or from running it as it is meant.

Typebot's import checks types, and neither edges nor ids; unknown keys it drops without a word.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from webhook.platforms.typebot.loop import KEY, outgoing

CALLS = "Webhook"
_PLAIN = re.compile("[A-Za-z0-9]+")
_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_TOP = ("version", "name", "icon", "folderId", "events", "groups", "edges", "variables", "theme", "settings")
_MAY_BE_NULL = {"icon", "folderId"}


def problems(document: Mapping[str, Any]) -> Iterator[str]:
    """Each with what is wrong. Raises KeyError and the like for what has another shape altogether."""
    yield from (f"lacks the key {name}" for name in _TOP if name not in document)
    yield from _nulls(document)
    yield from _ids(document)
    yield from _edges(document)
    yield from _request(document)
    yield from _waits(document)
    yield from _variables(document)


def _nulls(document: Mapping[str, Any]) -> Iterator[str]:
    """A key without a value must be left out: the import refuses null."""
    for path, value in _leaves(document):
        if value is None and path[-1] not in _MAY_BE_NULL:
            yield f"{'.'.join(path)} is null: leave it out"


def _ids(document: Mapping[str, Any]) -> Iterator[str]:
    parts = {name: document[name] for name in ("events", "groups", "edges", "variables")}
    ids = Counter(str(value) for path, value in _leaves(parts) if path[-1] == "id")
    for id_, times in ids.items():
        if times > 1:
            yield f"the id {id_} is used {times} times"
        if not _PLAIN.fullmatch(id_):
            yield f"the id {id_} has more than letters and digits"


def _edges(document: Mapping[str, Any]) -> Iterator[str]:
    """Each edge is written twice, leads to a group, and every group is led to."""
    groups = {group["id"] for group in document["groups"]}
    drawn = {edge["id"]: edge for edge in document["edges"]}
    followed = {edge: source for source, edge in outgoing(document["groups"])}
    followed |= {
        event["outgoingEdgeId"]: {"eventId": event["id"]}
        for event in document["events"]
        if "outgoingEdgeId" in event
    }
    for id_ in sorted(followed.keys() | drawn.keys()):
        if id_ not in drawn:
            yield f"the edge {id_} is followed and not drawn"
        elif id_ not in followed:
            yield f"the edge {id_} is drawn and not followed"
        elif drawn[id_]["from"] != followed[id_]:
            yield f"the edge {id_} begins at two places"
        if id_ in drawn and drawn[id_]["to"]["groupId"] not in groups:
            yield f"the edge {id_} leads nowhere"
    led_to = {edge["to"]["groupId"] for edge in drawn.values()}
    yield from (f"nothing leads to the group {id_}" for id_ in sorted(groups - led_to))


def _blocks(document: Mapping[str, Any], type_: str) -> Iterator[Mapping[str, Any]]:
    return (
        block
        for group in document["groups"]
        for block in group["blocks"]
        if block["type"].lower() == type_.lower()
    )


def _request(document: Mapping[str, Any]) -> Iterator[str]:
    calls = list(_blocks(document, CALLS))
    if not calls:
        yield "no block calls the service"
    for block in calls:
        if block["type"] != CALLS:
            yield f"{block['id']} is of type {block['type']}, which waits for a call: write {CALLS}"
            continue
        options = block["options"]
        if options.get("isExecutedOnClient") or not options.get("isCustomBody"):
            yield f"{block['id']} must call from the server, with a body of its own"
        keys = [
            header["value"] for header in options["webhook"]["headers"] if header["key"] == "X-Webhook-Key"
        ]
        if keys != [KEY]:
            yield f"{block['id']} must have the placeholder {KEY} in the header X-Webhook-Key, and no key"
        for row in options["responseVariableMapping"]:
            if "data." in row["bodyPath"]:
                yield f"{row['id']} must say data?. : an expression that throws leaves the old value"


def _waits(document: Mapping[str, Any]) -> Iterator[str]:
    for block in _blocks(document, "Wait"):
        if block["options"].get("shouldPause") is not True:
            yield f"{block['id']} needs shouldPause: without it the server polls as fast as it can"
        if not isinstance(block["options"].get("secondsToWaitFor"), str):
            yield f"{block['id']} needs its seconds as text"


def _variables(document: Mapping[str, Any]) -> Iterator[str]:
    names = {variable["name"] for variable in document["variables"]}
    ids = {variable["id"] for variable in document["variables"]}
    for path, value in _leaves(document["groups"]):
        if path[-1] in {"variableId", "dynamicVariableId"} and value not in ids:
            yield f"there is no variable with the id {value}"
        for name in _VARIABLE.findall(value) if isinstance(value, str) else ():
            if name not in names:
                yield f"there is no variable {{{{{name}}}}}"


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value inside that holds no others, after the keys and positions that lead to it."""
    if isinstance(value, Mapping | list):
        for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, value
