"""Telephone numbers: one spelling for the store and OZmap, and which spellings are one person's."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

BRAZIL, WITH_AREA_CODE = 55, 10
"""The country's calling code, and digits of its numbers at least: two for the area, eight or nine."""
DIALLED_ABROAD = re.compile(r"^\W*00")
OLD_MOBILE = re.compile(r"\+55(\d\d)([6-9]\d{7})")
"""A Brazilian mobile without its ninth digit (Anatel's Resolução 553/2010 put a 9 in front)."""


def e164(text: str, region: str) -> str | None:
    """The number as +5548999887766, or None. `region` (BR) holds for numbers without a country.

    Possible is enough: WhatsApp writes Brazilian mobiles without their ninth digit, which strictly are none.
    But without its area code (DDD) nobody can call a number in Brazil.
    """
    if DIALLED_ABROAD.match(text):
        # phonenumbers reads the 55 in 0055 as the code of a Brazilian carrier, and then 48 as Poland.
        abroad = _read("+" + DIALLED_ABROAD.sub("", text), region)
        if abroad and _is_valid(_with_ninth_digit(abroad)):
            return abroad
    return _read(text, region)


def number_of(text: str, region: str) -> str | None:
    """As `e164`, but the same for every spelling of one number: a Brazilian mobile gets its ninth digit."""
    number = e164(text, region)
    return number and _with_ninth_digit(number)


def numbers_of(stored: str) -> set[str]:
    """The numbers, as `number_of` spells them, that a number in the store may mean.

    More than one where it is no valid number: 0055 48 99988-7766 was once stored as +48999887766.
    """
    number = number_of(stored, "BR")
    if number and _is_valid(number):
        return {number}
    in_brazil = number_of("+55" + re.sub(r"\D", "", stored), "BR")
    also = {in_brazil} if in_brazil and _is_valid(in_brazil) else set()
    return also | ({number} if number else set())


def _read(text: str, region: str) -> str | None:
    try:
        found = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found) or _lacks_area_code(found):
        return None
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _lacks_area_code(number: PhoneNumber) -> bool:
    digits = phonenumbers.national_significant_number(number)
    return number.country_code == BRAZIL and len(digits) < WITH_AREA_CODE


def _with_ninth_digit(number: str) -> str:
    old = OLD_MOBILE.fullmatch(number)
    return f"+{BRAZIL}{old[1]}9{old[2]}" if old else number


def _is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))
