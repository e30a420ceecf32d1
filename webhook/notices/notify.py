"""Writes down what a chat is to be told; the worker tells it."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, insert

from schemas.tenants import Tenant
from webhook.store.outbox import Owed, put
from webhook.store.tables import notices

CHATS = "huggy:"
"""How the store spells a conversation of Huggy; what follows is Huggy's id of the chat."""
WAITING, GOING, DONE = "waiting", "going", "done"
"""Of a message or a flow start. What stays `going` is of unknown fate, and is not repeated."""


@dataclass(frozen=True)
class SoLongAs:
    """A notice is dropped, unsent, when the reservation is no longer in this state: it would be untrue."""

    reservation: int
    state: str


def notify(  # noqa: PLR0913
    connection: Connection,
    tenant: Tenant,
    conversation: str | None,
    text: str,
    *,
    goes_on: bool = True,
    so_long_as: SoLongAs | None = None,
) -> None:
    """In the caller's transaction: the chat gets `text` and, with `goes_on`, the tenant's continuation flow.

    Nothing is written where the tenant has no API token of Huggy or the conversation is not a chat there.
    """
    if not (tenant.huggy_api_token and conversation and conversation.startswith(CHATS)):
        return
    row = {
        "tenant": tenant.slug,
        "conversation": conversation,
        "text": text,
        "goes_on": goes_on,
        "message": WAITING,
        "flow": WAITING,
        "changed_at": time.time(),
    }
    if so_long_as:
        row |= {"reservation": so_long_as.reservation, "state": so_long_as.state}
    id_ = connection.execute(insert(notices).values(**row).returning(notices.c.id)).scalar_one()
    # A line of its own: while Huggy is down, the conversation's sale must not wait behind what it is told.
    put(connection, Owed("notice", id_, tenant.slug, f"notices of {conversation}"))
