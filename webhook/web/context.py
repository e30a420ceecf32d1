"""What is known of the request that is being answered, from its first byte to its log line."""

import secrets
from collections.abc import Container
from dataclasses import dataclass, field
from time import monotonic

from flask import request

from schemas.tenants import Tenant
from webhook.net.deadline import Deadline
from webhook.observe.defects import defect_site
from webhook.outcomes import Outcome
from webhook.ozmap.api import Ozmap
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Platform

UNKNOWN_ROUTE = ""
"""The action of a request to a route that is none of our actions."""
TRACE = "webhook.trace"
"""Key in the WSGI environment of a list that gets the steps of a conversation. No header can set it."""
_CONTEXT = "webhook.context"
"""Its key in the WSGI environment: flask.g would be shared with the requests that the simulator makes."""
MARGIN = 0.2
"""Seconds of the reply deadline kept for our own work after the last byte of OZmap."""


@dataclass
class RequestContext:
    """Filled in while the request is answered; an unknown route has no platform or no action."""

    deadline: Deadline
    platform: Platform | None
    action: str
    started: float = field(default_factory=monotonic)
    protocol: str = field(default_factory=lambda: secrets.token_hex(6))
    tenant: Tenant | None = None
    ozmap: Ozmap | None = None
    outcome: Outcome | None = None
    failure: str = ""
    """Why OZmap gave no answer that can be used, for the log."""
    defect: str = ""
    left_out: dict[str, str] = field(default_factory=dict)
    """Request keys that could not be read and were not needed, and why."""
    trace: list[dict[str, object]] | None = None
    """Gets each action that a conversation runs, where somebody inside this process asked for it."""


def begin(reply_deadline: float, actions: Container[str]) -> None:
    """Called before routing, so that even the reply to a wrong method has the keys of its action."""
    first, _, rest = request.path.strip("/").partition("/")
    platform = PLATFORMS.get(first)
    action = rest if platform and rest in actions else UNKNOWN_ROUTE
    deadline, trace = Deadline(reply_deadline - MARGIN), request.environ.get(TRACE)
    request.environ[_CONTEXT] = RequestContext(deadline, platform, action, trace=trace)


def note_defect(error: Exception) -> None:
    """For the request's log line."""
    # Flask wraps what an error handler, or the end of a request, raised.
    cause = getattr(error, "original_exception", None) or error
    current().defect = defect_site(cause)


def current() -> RequestContext:
    context: RequestContext = request.environ[_CONTEXT]
    return context
