"""From an HTTP answer of OZmap to its JSON, or to the error it stands for. Pure: no I/O.

The schema of OZmap's error bodies is unknown; programs meet JSON objects, bare JSON strings and plain text,
and proxies add HTML and empty bodies.
"""

import json
import re
from typing import Any, NoReturn

from webhook.ozmap.errors import (
    OzmapAmbiguous,
    OzmapError,
    OzmapRefused,
    OzmapUnavailable,
    OzmapUnreadable,
)

_SAID_MAX = 200  # characters


def decode(status: int, body: bytes) -> Any:
    """The JSON of a success (None without a body). Raises the OzmapError that any other answer stands for."""
    if not 200 <= status < 300:
        _refuse(status, body)
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise OzmapUnreadable("not JSON", _said(body)) from None


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
    raise kind(str(status), _said(body))


def _said(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = re.sub(r"<[^>]*>", " ", text)
    if isinstance(found, dict):
        found = found.get("message") or found.get("error") or ""
    return " ".join(str(found).split())[:_SAID_MAX]
