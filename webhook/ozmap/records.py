"""Parameters as OZmap takes them, and records from what it answers. Pure: no I/O."""

import json
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.messages import lines
from schemas.point import Point
from webhook.ozmap.errors import OzmapUnreadable


def page_of(schema: Schema, collection: str, answer: Any) -> tuple[list[Any], int, bool]:
    """The records of a list's page, how many there are on all pages, and whether it says it is the last.

    Raises OzmapUnreadable.
    """
    rows, total = (answer.get("rows"), answer.get("total")) if isinstance(answer, dict) else (0, 0)
    if not isinstance(rows, list) or not isinstance(total, int):
        raise OzmapUnreadable(f"{collection}: not a list")
    return load(schema, rows, collection), total, answer.get("hasNextPage") is False


def plain(value: float) -> str:
    """All its decimals, never in exponent form."""
    return format(Decimal(repr(value)), "f")


def where(name: str, operator: str, value: object) -> str:
    """A filter on one field."""
    return json.dumps([{"property": name, "operator": operator, "value": value}], separators=(",", ":"))


def near(point: Point, radius_m: float) -> str:
    """A filter on a circle."""
    return where("coords", "near", {"lat": point.lat, "lng": point.lng, "radius": radius_m})


def load(schema: Schema, answer: Any, operation: str) -> Any:
    """The record, or records. Raises OzmapUnreadable, with the way to what is wrong."""
    try:
        return schema.load(answer)
    except ValidationError as error:
        path, text = next(lines(error))
        raise OzmapUnreadable(f"{operation}: {'.'.join(path)} {text}") from None
