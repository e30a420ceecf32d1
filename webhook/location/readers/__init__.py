"""Readers: from what a customer sends to a point. Pure: no network, and no guess where it is unclear.

A pair of numbers whose order may be wrong is put right when only the other order lies in the tenant's
country; a pair that lies there in neither order is no location.
"""

import json
from collections.abc import Iterable

from schemas.countries import Area
from schemas.point import Point
from webhook.location.readers import links, objects, plus_code, text
from webhook.location.readers.pair import settle

LONGEST = 4096
"""Characters of a text that is a message; cut, a longer one could end in the middle of a number."""


def read(value: object, country: Area) -> Point | None:
    """A point from whatever a flow has in its location variable."""
    if isinstance(value, str):
        # Some signs become eighteen when they are made plain.
        plain = text.plain(value) if len(value) <= LONGEST else ""
        return _read_text(plain, country) if len(plain) <= LONGEST else None
    if isinstance(value, dict | list):
        return _only_one(settle(pair, country) for pair in objects.pairs(value))
    return None


def _read_text(value: str, country: Area) -> Point | None:
    if value[:1] in {"{", "["} and (found := read(_json(value), country)):
        return found
    # What stands in a link is a place only where the link says so.
    words = links.without_links(value)
    for pairs, part in ((links.pairs, value), (plus_code.pairs, value), (text.pairs, words)):
        if written := list(pairs(part)):
            return _only_one(settle(pair, country) for pair in written)
    return None


def _json(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _only_one(points: Iterable[Point | None]) -> Point | None:
    """Two different places in one message: nobody can tell which of them is meant."""
    different = {point for point in points if point}
    return different.pop() if len(different) == 1 else None
