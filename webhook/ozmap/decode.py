"""Turns an HTTP answer of OZmap into its JSON, or into an OzmapError. Pure: no I/O.

The schema of OZmap's error bodies is unknown: a bare JSON string has been seen, its clients get JSON objects
and plain text, and proxies add HTML and empty bodies.
"""

import html
import json
import re
from typing import NoReturn

from schemas.json_value import Json
from webhook.ozmap.errors import (
    OzmapAmbiguous,
    OzmapError,
    OzmapRefused,
    OzmapUnavailable,
    OzmapUnreadable,
)

_LONGEST_MESSAGE = 1000  # characters
_SAYING = ("message", "error", "errors", "msg", "detail", "details", "reason", "description")
"""Keys that usually hold what went wrong."""
_TAG = re.compile("<[^<>]*>")
_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]+")
"""What no console and no database should get."""


def decode(status: int, body: bytes) -> Json:
    """The JSON of a success, None without a body. Raises an OzmapError for any other answer."""
    if not 200 <= status < 300:
        _refuse(status, body)
    if not body.strip():
        return None
    try:
        answer: Json = json.loads(body)
    except (ValueError, RecursionError):
        raise OzmapUnreadable("not JSON", _message(body)) from None
    return answer


def _refuse(status: int, body: bytes) -> NoReturn:
    kind: type[OzmapError]
    if 300 <= status < 400:
        raise OzmapUnavailable(f"{status}: OZMAP_URL redirects, set it to the final address")
    if status in {408, 429}:
        kind = OzmapUnavailable
    elif 400 <= status < 500:
        kind = OzmapRefused
    else:
        kind = OzmapAmbiguous
    raise kind(str(status), _message(body))


def _message(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        said = " ".join(_words(json.loads(text)))
    except (ValueError, RecursionError):
        said = html.unescape(_TAG.sub(" ", text))
    return " ".join(_CONTROLS.sub(" ", said).split())[:_LONGEST_MESSAGE]


def _words(value: Json) -> list[str]:
    """The texts in a JSON value; of an object those under the usual keys, else all, with their keys."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for entry in value for text in _words(entry)]
    if not isinstance(value, dict):
        return []
    if said := [text for key in _SAYING for text in _words(value.get(key))]:
        return said
    return [text for key, entry in value.items() if (words := _words(entry)) for text in (f"{key}:", *words)]
