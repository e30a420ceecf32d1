"""The one writer of log lines: JSON on stdout, one object a line.

Each caller picks the fields it writes: no key, no name, phone or document, no exact place.
"""

import json
import logging
import sys
import threading
from datetime import UTC, datetime

from webhook.observe.defects import defect_site


class _Libraries(logging.Handler):
    """What a library logs, without its text: that may quote a customer, and an exception's traceback too."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Exception):
            write(event="defect", logger=record.name, defect=defect_site(error))
        else:
            write(event="library", logger=record.name, at=f"{record.module}:{record.lineno}")


_libraries = _Libraries(logging.WARNING)


def configure() -> None:
    """Sends our lines to stdout, and silences the libraries that would log addresses. May be called again."""
    logging.getLogger().addHandler(_libraries)
    # urllib3 logs whole URLs, with the customer's coordinates in the query: at DEBUG each request, at
    # WARNING those with odd headers. geopy does so too, with the geocoder's key.
    for name in ("urllib3", "geopy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def watch_threads() -> None:
    """Logs the defect with which a thread of this process ends; Python would print its text."""

    def tell(ended: threading.ExceptHookArgs) -> None:
        if isinstance(ended.exc_value, Exception):
            write(event="defect", defect=defect_site(ended.exc_value))

    threading.excepthook = tell


def write(**fields: object) -> None:
    """One line, with the time before these fields."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    # In one piece: its buffer has a lock, and of several threads no line cuts another in two.
    sys.stdout.write(json.dumps({"time": time, **fields}) + "\n")
    sys.stdout.flush()
