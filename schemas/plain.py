"""One spelling of what people, phones and programs write in many: for readers of numbers and coordinates."""

import html
import re
import unicodedata

# Marks that no one sees, beside Unicode's category Cf: joiners, fillers, variation selectors.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Strokes that stand for a minus, beside Unicode's category Pd (dash punctuation).
_STROKES = "\u2212\u207b\u208b\u02d7\u2796\u2043\u2500\u2501\u23af\uff70"
_ENTITY = re.compile("&(?:#[0-9a-z]{1,8}|[a-z]{2,8});", re.IGNORECASE)  # with its semicolon: not "&center="
_ESCAPE = re.compile(r"\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt])|([\"'/&°]))", re.IGNORECASE)


def plain(text: str) -> str:
    """The text in NFKC, without invisible marks, with `-` for every dash, and with single spaces."""
    if not text.isascii():
        # Twice: a mark may hide what NFKC changes, and NFKC may bring one.
        text = unicodedata.normalize("NFKC", "".join(map(_seen, _UNSEEN.sub("", text))))
        text = "".join(map(_seen, _UNSEEN.sub("", text)))
    return " ".join("".join(sign if sign >= " " else " " for sign in text).split())


def unescaped(text: str) -> str:
    """The text without the escapes of HTML and JSON, which programs leave in when they escape twice."""
    for _ in range(2 if "&" in text else 0):
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Pd" or sign in _STROKES:
        return "-"
    return "" if category in {"Cf", "Cs"} else sign


def _meant(escape: re.Match[str]) -> str:
    code, byte, blank, sign = escape.groups()
    return " " if blank else sign or chr(int(code or byte, 16))
