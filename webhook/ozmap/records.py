"""Parameters as OZmap takes them, and records from its answers. Pure: no I/O."""

import json
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from marshmallow import ValidationError

from schemas.json_value import Json
from schemas.messages import lines
from schemas.point import Point
from schemas.record import R, RecordSchema
from webhook.ozmap.errors import OzmapUnreadable

T = TypeVar("T")


class Page(NamedTuple, Generic[R]):
    """A page of a list."""

    records: list[R]
    total: int
    """Rows on all pages."""
    is_last: bool
    """OZmap says so."""


def page_of(schema: RecordSchema[R], collection: str, answer: Json) -> Page[R]:
    """The page that OZmap answered with. Raises OzmapUnreadable."""
    rows, total = (answer.get("rows"), answer.get("total")) if isinstance(answer, dict) else (0, 0)
    if not isinstance(rows, list) or not isinstance(total, int):
        raise OzmapUnreadable(f"{collection}: not a list")
    # A missing hasNextPage does not make it the last page: only an explicit false does.
    is_last = isinstance(answer, dict) and answer.get("hasNextPage") is False
    return Page(load(schema.read_list, rows, collection), total, is_last)


def rows_of(answer: Json, operation: str) -> list[Json]:
    """The rows of a list without pages, which may be within an object. Raises OzmapUnreadable.

    "None" has many spellings: `[]`, null or no body, `{}`, `{"rows": []}`.
    """
    rows = answer["rows"] if isinstance(answer, dict) and "rows" in answer else answer
    if rows is None or rows in ({}, ""):
        return []
    if not isinstance(rows, list):
        raise OzmapUnreadable(f"{operation}: not a list")
    return rows


def filter_on(name: str, operator: str, value: object) -> str:
    """A filter on one field."""
    return json.dumps([{"property": name, "operator": operator, "value": value}], separators=(",", ":"))


def near(point: Point, radius_m: float) -> str:
    """A filter on a circle."""
    return filter_on("coords", "near", {"lat": point.lat, "lng": point.lng, "radius": radius_m})


def load(read: Callable[[Json], T], answer: Json, operation: str) -> T:
    """The record, or records, that `read` makes. Raises OzmapUnreadable with the path to the mistake."""
    try:
        return read(answer)
    except ValidationError as error:
        path, text = next(lines(error))
        raise OzmapUnreadable(f"{operation}: {'.'.join(path)} {text}") from None
