"""One JSON line per request on stdout. An allowlist: no key, name, phone, document or exact place."""

import json
import logging
import sys
from datetime import UTC, datetime
from time import monotonic

from webhook.observe.defects import where
from webhook.viability.verdict import Verdict
from webhook.web.call import Call

_log = logging.getLogger("webhook.requests")


class _Lines(logging.Handler):
    """Messages as they are, to what stdout is by then."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(f"{record.getMessage()}\n")
        sys.stdout.flush()


def configure() -> None:
    """Our lines to stdout as they are, and silence where a library would print addresses with places."""
    if not _log.handlers:
        _log.addHandler(_Lines())
    _log.setLevel(logging.INFO)
    _log.propagate = False
    # urllib3 logs whole URLs, with the customer's coordinates in the query: at DEBUG each request, at
    # WARNING those with odd headers.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    # geopy as well, and the geocoder's key with them.
    logging.getLogger("geopy").setLevel(logging.CRITICAL)


def event(name: str, **values: str) -> None:
    """A line about something that belongs to no request."""
    _log.info(json.dumps({"time": _now(), "event": name} | values))


def late_lookup(tenant: str, result: Verdict | Exception) -> None:
    """The line of a lookup by pole that ended after its reply."""
    if isinstance(result, Verdict):
        event("late lookup", tenant=tenant, outcome=result.outcome.code)
    else:
        event("late lookup", tenant=tenant, defect=where(result))


def write(call: Call, status: int) -> None:
    """The request's line. Times are milliseconds; those of OZmap are added up over its calls."""
    calls = call.ozmap.calls if call.ozmap else []
    line: dict[str, object] = {
        "time": _now(),
        "protocolo": call.protocol,
        "tenant": call.tenant.slug if call.tenant else None,
        "platform": call.platform.name if call.platform else None,
        "action": call.action or None,
        "outcome": call.outcome.code if call.outcome else None,
        "status": status,
        "ms": round((monotonic() - call.started) * 1000),
        "ozmap_calls": len(calls),
        "ozmap_ms": round(sum(made.milliseconds for made in calls)),
    }
    failed = [f"{made.operation}: {made.result}" for made in calls if made.result != "ok"]
    # Neither a call that still runs nor a readable answer that makes no sense is among the failed calls.
    if call.failure and call.failure not in {made.result for made in calls}:
        failed.append(call.failure)
    if failed:
        line["ozmap_failed"] = failed
    if call.defect:
        line["defect"] = call.defect
    _log.info(json.dumps(line))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
