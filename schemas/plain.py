"""One spelling of what people, phones and programs write in many: for numbers and coordinates."""

import html
import re
import unicodedata
from decimal import Decimal

# Beside Unicode's categories Cf (format) and Pd (dashes): what nobody sees, and strokes for a minus.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164" + "".join(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10)])
)
_STROKES = "\u2212\u207b\u208b\u02d7\u2796\u2043\u2500\u2501\u23af\uff70"
_BY_CATEGORY = {"Cf": "", "Cs": "", "Pd": "-", "Cc": " "}
_ONE_SPELLING = str.maketrans(
    {
        sign: _BY_CATEGORY[category]
        for sign in map(chr, (*range(0x10000), *range(0xE0000, 0xE0200)))
        if (category := unicodedata.category(sign)) in _BY_CATEGORY
    }
    | dict.fromkeys(_UNSEEN, "")
    | dict.fromkeys(_STROKES, "-")
)
_ENTITY = re.compile("&(?:#[0-9a-z]{1,8}|[a-z]{2,8});", re.IGNORECASE)  # with its semicolon: not "&center="
_ESCAPE = re.compile(r"\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt])|([\"'/&°]))", re.IGNORECASE)


def plain(text: str) -> str:
    """The text in NFKC, without invisible marks, with `-` for every dash, and with single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    # Twice: a mark may hide what NFKC changes, and NFKC may bring one.
    text = unicodedata.normalize("NFKC", text.translate(_ONE_SPELLING))
    return " ".join(text.translate(_ONE_SPELLING).split())


def digits(number: float) -> str:
    """All decimals of a number, never in exponent form: no person reads 1e-07, and no URL should have it."""
    return format(Decimal(repr(number)), "f")


def one_line(text: str) -> str:
    """The words of a text, with one space between them: other controls and invisible marks keep words apart.

    Lone surrogates, which no reply can carry, are blanks as well.
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def unescaped(text: str) -> str:
    """The text without the escapes of HTML and JSON, which programs leave in when they escape twice."""
    for _ in range(2 if "&" in text else 0):
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(escape: re.Match[str]) -> str:
    code, byte, blank, sign = escape.groups()
    return " " if blank else sign or chr(int(code or byte, 16))
