"""OZmap records: plain dicts with OZmap's own keys, their ids, times and places, and refusals."""

import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from schemas.point import Point

Record = dict[str, Any]

ID = re.compile(r"[0-9a-f]{24}\Z", re.IGNORECASE)
MAKER = {"id": "638657f1e0e378001461c35c", "name": "api", "username": "api"}


class RefusedError(Exception):
    """A call that OZmap would not carry out; the text becomes the answer. Without status: `Behaviour`'s."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def new_id() -> str:
    """24 hex characters, the first 8 the seconds since 1970, as OZmap's."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def point_of(record: Record) -> Point | None:
    """Where a record is, from its `coords` [lng, lat]; older properties have none."""
    coords = record.get("coords")
    return Point(lat=coords[1], lng=coords[0]) if coords else None


def place(record: Record) -> None:
    """Sets `lat` and `lng` from `coords`: OZmap shows both."""
    point = point_of(record)
    record["lng"] = point.lng if point else None
    record["lat"] = point.lat if point else None
