"""What is known of the request that is being answered, from its first byte to its log line."""

import secrets
from collections.abc import Container
from dataclasses import dataclass, field
from time import monotonic

from flask import request

from schemas.tenants import Tenant
from webhook.net.deadline import Deadline
from webhook.outcomes import Outcome
from webhook.ozmap.api import Ozmap
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Platform

UNKNOWN_ROUTE = ""
"""The action of a request to a route that is none of our actions."""
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


def begin(reply_deadline: float, actions: Container[str]) -> None:
    """Called before routing, so that even the reply to a wrong method has the keys of its action."""
    first, _, rest = request.path.strip("/").partition("/")
    platform = PLATFORMS.get(first)
    action = rest if platform and rest in actions else UNKNOWN_ROUTE
    request.environ[_CONTEXT] = RequestContext(Deadline(reply_deadline - MARGIN), platform, action)


def current() -> RequestContext:
    context: RequestContext = request.environ[_CONTEXT]
    return context
