"""Turns an HTTP answer of OZmap into its JSON, or into an OzmapError. Pure: no I/O.

The schema of OZmap's error bodies is unknown; clients get JSON objects, bare JSON strings and plain text,
and proxies add HTML and empty bodies.
"""

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

_LONGEST_MESSAGE = 200  # characters


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
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = re.sub(r"<[^>]*>", " ", text)
    if isinstance(message, dict):
        message = message.get("message") or message.get("error") or ""
    return " ".join(str(message).split())[:_LONGEST_MESSAGE]
