"""Telephone numbers: one spelling for the store and OZmap, and which spellings are one person's."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat

BRAZIL, WITH_AREA_CODE = 55, 10
"""The country's calling code, and digits of its numbers at least: two for the area, eight or nine."""
SHORTEST = 8
"""Digits of a number; fewer are an hour, a flat, an extension."""
DIALLED_ABROAD = re.compile(r"^\W*00")
OLD_MOBILE = re.compile(r"\+55(\d\d)([6-9]\d{7})")
"""A Brazilian mobile without its ninth digit (Anatel's Resolução 553/2010 put a 9 in front)."""
# WhatsApp's address of a chat, with the device behind a colon: 5548999990000:12@s.whatsapp.net
_ADDRESS = re.compile(r"\+?\b(\d+)(?:[.:_]\d+)*@(?:s\.whatsapp\.net|c\.us)\b", re.IGNORECASE)
_WITH_AT = re.compile(r"\S*@\S*")
_HIDDEN = re.compile(r"@lid\b", re.IGNORECASE)
_LETTERS = r"[^\W\d_]*"
_PART = re.compile(rf"({_LETTERS})((?:[+(]\s*)*\d(?:[^\w,;/|\n+]*\d)*)({_LETTERS})")
"""Digits, and the letters that touch them."""
_AREA_CODE = re.compile(r"\D*0?\d\d\D*")

HIDDEN = "é um código oculto do WhatsApp (@lid), e não um número: pergunte o número ao cliente"
UNUSABLE = "deve ter DDD e número, como 48 99988-7766"
IMPOSSIBLE = f"não existe: {UNUSABLE}"
TWO = "deve ter um número só"


class NoPhone(ValueError):
    """A text is no number that can be called; the message says why, in Portuguese, without the text."""


def e164(text: str, region: str) -> str:
    """The number in a text, as +5548999887766. `region` (BR) holds for numbers without a country.

    In Brazil it must be valid, with the ninth digit that WhatsApp leaves out of old mobiles; elsewhere
    possible is enough. Raises NoPhone.
    """
    # What else has an @ is a hidden id, a group, an e-mail or somebody's handle: its digits are no number.
    plain = _WITH_AT.sub(" ", _ADDRESS.sub(r" +\1, ", text))
    parts = _parts(plain)
    long = [part for part in parts if _digits(part) >= SHORTEST]
    numbers = [number for part in parts if (number := _checked(part, region))]
    if len(set(numbers)) > 1 or (numbers and len(long) > len(numbers)):
        raise NoPhone(TWO)
    if numbers:
        return numbers[0]
    if _HIDDEN.search(text):
        raise NoPhone(HIDDEN)
    raise NoPhone(UNUSABLE if _digits(plain) < WITH_AREA_CODE else IMPOSSIBLE)


def number_of(text: str, region: str) -> str | None:
    """The same for every spelling of one number that is possible: a Brazilian mobile gets its ninth digit."""
    number = _read(text, region)
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


def _parts(text: str) -> list[str]:
    """The runs of digits between words, commas and slashes: each is a number by itself, or none.

    An area code apart from its number goes with it. A letter among the digits (O for 0) spoils them.
    """
    runs = _PART.findall(text)
    parts = ["" if _is_glued(before) or _is_glued(after) else digits for before, digits, after in runs]
    if len(parts) == 2 and _AREA_CODE.fullmatch(parts[0]):
        return [" ".join(parts)]
    return parts


def _is_glued(letters: str) -> bool:
    """0xx48 is how area codes were once written; a whole word before or behind is a word."""
    return 0 < len(letters) < 3 and letters.lower() != "xx"


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def _checked(text: str, region: str) -> str | None:
    """The number, None if nobody can have it."""
    number = _read(text, region)
    if number is None or _is_valid(number):
        return number
    if number.startswith(f"+{BRAZIL}"):
        return None
    # +48 99988-7766 is no number in Poland: somebody put a plus before the area code.
    at_home = _read(number.removeprefix("+"), region)
    return at_home if at_home and _is_valid(at_home) else number


def _read(text: str, region: str) -> str | None:
    """A possible number; without its area code (DDD) nobody can call one in Brazil."""
    if DIALLED_ABROAD.match(text):
        # phonenumbers reads the 55 in 0055 as the code of a Brazilian carrier, and then 48 as Poland.
        abroad = _possible("+" + DIALLED_ABROAD.sub("", text), region)
        if abroad and _is_valid(abroad):
            return abroad
    return _possible(text, region)


def _possible(text: str, region: str) -> str | None:
    try:
        found = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    digits = phonenumbers.national_significant_number(found)
    lacks_area_code = found.country_code == BRAZIL and len(digits) < WITH_AREA_CODE
    if lacks_area_code or not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _with_ninth_digit(number: str) -> str:
    old = OLD_MOBILE.fullmatch(number)
    return f"+{BRAZIL}{old[1]}9{old[2]}" if old else number


def _is_valid(number: str) -> bool:
    """Whether somebody may have it, an old mobile with its ninth digit."""
    return phonenumbers.is_valid_number(phonenumbers.parse(_with_ninth_digit(number)))
