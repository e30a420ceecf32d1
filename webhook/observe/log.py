"""The one writer of log lines: JSON on stdout, one object a line.

Each caller picks the fields it writes: no key, no name, phone or document, no exact place.
"""

import json
import logging
import sys
from datetime import UTC, datetime

_log = logging.getLogger("webhook.requests")


class _Stdout(logging.Handler):
    """Looks up sys.stdout at each line, where logging.StreamHandler would keep the first one."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(f"{record.getMessage()}\n")
        sys.stdout.flush()


def configure() -> None:
    """Sends our lines to stdout, and silences the libraries that would log addresses. May be called again."""
    if not _log.handlers:
        _log.addHandler(_Stdout())
    _log.setLevel(logging.INFO)
    _log.propagate = False
    # urllib3 logs whole URLs, with the customer's coordinates in the query: at DEBUG each request, at
    # WARNING those with odd headers. geopy does so too, with the geocoder's key.
    for name in ("urllib3", "geopy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def write(**fields: object) -> None:
    """One line, with the time before these fields."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    _log.info(json.dumps({"time": time, **fields}))
