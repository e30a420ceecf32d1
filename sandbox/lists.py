"""Answers of OZmap's lists: which rows, in which order, cut into pages, with which fields."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.behaviour import Behaviour
from sandbox.filters import Filter, parse_filters
from sandbox.records import Record, RefusedError
from sandbox.store import Collection, Store

Show = Callable[[Record], Record]  # a kept record -> the row that a client sees


@dataclass(frozen=True)
class Asked:
    """What a list call asks for, from its query and from the JSON body that the SDK sends."""

    filters: list[Filter]
    sort: list[tuple[str, bool]]  # (property, descending)
    start: int
    limit: int  # 0: all rows
    page: int
    query: dict[str, str]

    @classmethod
    def read(cls, query: dict[str, str], body: Record, store: Store, known: Behaviour) -> "Asked":
        """Raises RefusedError with what is wrong. The query wins over the body."""
        limit = _count(query, "limit", known.page_size, least=0)
        if known.max_page_size is not None:
            limit = min(limit or known.max_page_size, known.max_page_size)
        page = _count(query, "page", 1)
        # findAll of the SDK drops `page` when it follows nextUrl, so that carries `start` too.
        start = _count(query, "start", (page - 1) * limit, least=0)
        return cls(
            filters=list(_as_known(parse_filters(_json(query, body, "filter"), store.area), known)),
            sort=_sort(_json(query, body, "sort")),
            start=start,
            limit=limit,
            page=start // limit + 1 if limit else 1,
            query=query,
        )

    def sorted(self, found: list[Record], show: Show) -> list[Record]:
        for name, descending in reversed(self.sort):
            found.sort(key=lambda record: _sort_key(show(record), name), reverse=descending)
        return found


def _as_known(filters: Iterable[Filter], known: Behaviour) -> Iterable[Filter]:
    """The filters as this OZmap goes by them."""
    for one in filters:
        if one.property != "code":
            yield one
        elif not known.code_filter_ignored:
            yield one.without_case() if known.codes_without_case else one


def list_answer(asked: Asked, found: list[Record], show: Show, path: str, known: Behaviour) -> Record:
    """The documented list object with one page of what was found; `path` goes into nextUrl."""
    rows = found[asked.start : asked.start + asked.limit if asked.limit else None]
    answer: Record = {
        "total": len(found),
        "count": len(rows),
        "rows": [show(record) for record in rows],
        "start": asked.start,
        "limit": asked.limit,
    }
    if not known.older_lists:
        answer["hasNextPage"] = asked.start + len(rows) < len(found)
        if answer["hasNextPage"]:
            following = {"page": asked.page + 1, "start": asked.start + asked.limit}
            answer["nextUrl"] = f"{path}?{urlencode({**asked.query, **following})}"
    return answer


def matching(filters: list[Filter], sources: Iterable[Collection], show: Show) -> list[Record]:
    """The records that pass every filter, nearest first where one of the filters is `near`."""
    near = next((one for one in filters if one.operator == "near"), None)
    if near:
        pairs = [pair for source in sources for pair in source.near(near.value.point, near.value.radius_m)]
        found = [record for _, record in sorted(pairs, key=lambda pair: pair[0])]
    else:
        found = [record for source in sources for record in _candidates(filters, source)]
    rest = [one for one in filters if one is not near]
    if not rest:
        return found
    return [record for record in found if all(one.holds(show(record)) for one in rest)]


def _candidates(filters: list[Filter], source: Collection) -> Iterable[Record]:
    """What one index leaves to look at; everything where no filter has an index."""
    for one in filters:
        if one.operator in {"=", "in"} and source.is_indexed(one.property):
            values = one.value if one.operator == "in" else [one.value]
            if all(isinstance(value, str | None) for value in values):
                found = source.with_value(one.property, values)
                return sorted(found, key=lambda record: record["id"])
    return source.values()


def selected(row: Record, select: str | None) -> Record:
    """With `select`, `kind`, `id` and the named fields; `lat` and `lng` come out of `coords`."""
    if not select:
        return row
    wanted = {name.strip().split(".")[0] for name in select.split(",")}
    kept = {name: row[name] for name in row if name in wanted | {"kind", "id"}}
    if "coords" not in wanted and "lat" in row:
        kept |= {"lng": None, "lat": None}
    return kept


def populated(row: Record, populate: str | None, store: Store) -> Record:
    """With `populate`, the named references as objects."""
    for name in (populate or "").split(","):
        value = row.get(name.strip())
        if isinstance(value, str) and (record := store.referred(name.strip(), value)):
            row = {**row, name.strip(): record}
    return row


def _json(query: Mapping[str, str], body: Record, name: str) -> object:
    if name not in query:
        return body.get(name)
    try:
        return json.loads(query[name])
    except ValueError as error:
        raise RefusedError(f"{name}: not JSON") from error


def _count(query: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) < 10**9):
        raise RefusedError(f"{name}: a whole number from {least} is expected")
    return int(text)


def _sort(raw: object) -> list[tuple[str, bool]]:
    try:
        return [(str(item["property"]), DIRECTIONS[item["direction"]]) for item in raw or []]  # type: ignore[attr-defined]
    except (TypeError, KeyError) as error:
        raise RefusedError('sort: [{"property", "direction": 1 or -1}] is expected') from error


def _sort_key(row: Record, name: str) -> tuple[int, Any]:
    """Nothing first, then numbers, then text: what has no common order is kept apart."""
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (0, 0)


DIRECTIONS = {1: False, -1: True}
