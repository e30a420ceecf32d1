"""Codes that stay the same however often a flow repeats a call, and telephone numbers as one spelling."""

import hashlib

import phonenumbers

from schemas.point import Point

BRAZIL, WITH_AREA_CODE = 55, 10
"""The country's calling code, and digits of its numbers at least: two for the area, eight or nine."""
MARK = "[ozmap-chatbot-webhook]"
"""In the observation of every property of ours. Without it a property is somebody else's."""


def prospect_code(code: str, point: Point) -> str:
    """One prospect per conversation and place: places that agree in four decimals (11 m) are one."""
    place = f"{point.lat:.4f},{point.lng:.4f}"
    return f"{code}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def e164(text: str, region: str) -> str | None:
    """The number as +5548999887766, or None. `region` (BR) holds for numbers without a country.

    Possible is enough: WhatsApp writes Brazilian mobiles without their ninth digit, which strictly are none.
    But without its area code (DDD) nobody can call a number in Brazil.
    """
    try:
        found = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    if found.country_code == BRAZIL and len(phonenumbers.national_significant_number(found)) < WITH_AREA_CODE:
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
