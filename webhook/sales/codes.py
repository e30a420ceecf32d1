"""Codes that stay the same however often a flow repeats a call, and telephone numbers as one spelling."""

import hashlib

import phonenumbers

from schemas.point import Point

BRAZIL, WITH_AREA_CODE = 55, 10
"""The country's calling code, and digits of its numbers at least: two for the area, eight or nine."""


def mark(installation: str) -> str:
    """In the observation of every record that we make: with exactly our code it says whose the record is.

    That of older versions, `[ozmap-chatbot-webhook]`, says nothing: every installation wrote the same.
    """
    return f"[webhook {installation}]"


def is_of_our_making(code: str, prefix: str) -> bool:
    """Whether a client code is one that we make, and none that a flow may name."""
    return code.casefold().startswith(f"{prefix}-".casefold())


def place_suffix(point: Point) -> str:
    """Of a prospect's code: places that agree in four decimals (11 m) are one."""
    place = f"{point.lat:.4f},{point.lng:.4f}"
    return f"-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


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
