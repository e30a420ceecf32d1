"""Plus Codes (Open Location Code) in a text: the middle of the area that a full code names."""

import re
from collections.abc import Iterator

from openlocationcode import openlocationcode

from webhook.location.readers.pair import Pair

# Ten digits are 14 m wide; shorter full codes are no place of a house.
_FULL = re.compile(r"(?<![0-9A-Z])[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7}(?![0-9A-Z+])", re.I)


def pairs(text: str) -> Iterator[Pair]:
    """A pair per full code."""
    for match in _FULL.finditer(text):
        if openlocationcode.isFull(match[0]):
            area = openlocationcode.decode(match[0])
            yield Pair(area.latitudeCenter, area.longitudeCenter, certain=True)
