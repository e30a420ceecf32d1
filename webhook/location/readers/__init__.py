"""Readers turn what a customer sends into a point. Pure: no network, and no guess if it is unclear.

The numbers of a pair change places if only the other order is in the tenant's country. A pair that is there
in neither order is no location.
"""

import json
from collections.abc import Iterable

from schemas.countries import Area
from schemas.point import Point
from webhook.location.readers import links, objects, plus_code, text
from webhook.location.readers.pair import settle

LONGEST = 4096
"""Characters of a message. Longer ones are refused: a cut could be in the middle of a number."""


def read(value: object, country: Area) -> Point | None:
    """The point in whatever a flow has in its location variable."""
    if isinstance(value, str):
        # Normalization turns some characters into eighteen, so check the length again.
        plain = text.plain(value) if len(value) <= LONGEST else ""
        return _read_text(plain, country) if len(plain) <= LONGEST else None
    if isinstance(value, dict | list):
        return _only_one(settle(pair, country) for pair in objects.pairs(value))
    return None


def _read_text(value: str, country: Area) -> Point | None:
    if value[:1] in {"{", "["} and (point := read(_json(value), country)):
        return point
    # Numbers in a link are a place only in the parameters that `links` knows, so remove links from the words.
    words = links.without_links(value)
    for pairs, part in ((links.pairs, value), (plus_code.pairs, value), (text.pairs, words)):
        if in_part := list(pairs(part)):
            return _only_one(settle(pair, country) for pair in in_part)
    return None


def _json(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _only_one(points: Iterable[Point | None]) -> Point | None:
    """The point, None if there are two different ones: nobody can tell which is meant."""
    different = {point for point in points if point}
    return different.pop() if len(different) == 1 else None
