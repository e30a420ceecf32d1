"""What the log says of a request, and of a lookup that outlives its request."""

from collections.abc import Sequence
from time import monotonic

from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.ozmap.calls import ApiCall
from webhook.viability.verdict import Verdict
from webhook.web.context import RequestContext


def request_fields(call: RequestContext, status: int) -> dict[str, object]:
    """The line's fields, except the time. `ms` are milliseconds; `ozmap_ms` adds up all calls of OZmap."""
    calls = call.ozmap.calls if call.ozmap else []
    fields: dict[str, object] = {
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
    if failed := _failures(calls, call.failure):
        fields["ozmap_failed"] = failed
    if call.left_out:
        fields["left_out"] = sorted(call.left_out)
    if call.defect:
        fields["defect"] = call.defect
    return fields


def _failures(calls: Sequence[ApiCall], failure: str) -> list[str]:
    """Of the calls, and `failure` if they do not say it.

    They lack a call that is still running, and say "ok" of an answer that proved to be useless.
    """
    failed = [f"{made.operation}: {made.result}" for made in calls if made.result != "ok"]
    return failed if not failure or failure in {made.result for made in calls} else [*failed, failure]


def late_lookup(tenant: str, protocol: str, result: Verdict | Exception) -> None:
    """Writes the line of a lookup by pole that ended after its reply, which had this protocol."""
    about = {"event": "late lookup", "protocolo": protocol, "tenant": tenant}
    if isinstance(result, Verdict):
        log.write(**about, outcome=result.outcome.code)
    else:
        log.write(**about, defect=defect_site(result))
