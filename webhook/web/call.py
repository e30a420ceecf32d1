"""One request, from its first byte to its log line."""

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
"""The action of a request to no action of ours."""
_CALL = "webhook.call"
"""In the WSGI environment: flask.g is shared with the requests that the simulator makes within one."""
MARGIN = 0.2
"""Seconds of the reply deadline kept for our own work after the last byte of OZmap."""


@dataclass
class Call:
    """What is known of the request so far; an unknown route has no platform or no action."""

    deadline: Deadline
    platform: Platform | None
    action: str
    started: float = field(default_factory=monotonic)
    protocol: str = field(default_factory=lambda: secrets.token_hex(6))
    tenant: Tenant | None = None
    ozmap: Ozmap | None = None
    outcome: Outcome | None = None
    failure: str = ""
    defect: str = ""


def begin(reply_deadline: float, actions: Container[str]) -> None:
    """Before routing, so that even a reply to a wrong method has the keys of its action."""
    first, _, rest = request.path.strip("/").partition("/")
    platform = PLATFORMS.get(first)
    action = rest if platform and rest in actions else UNKNOWN_ROUTE
    request.environ[_CALL] = Call(Deadline(reply_deadline - MARGIN), platform, action)


def current() -> Call:
    """The Call of the request that is being answered."""
    call: Call = request.environ[_CALL]
    return call
