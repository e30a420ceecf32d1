"""Queues a notice for a chat; the worker delivers it."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, insert

from schemas.conversation import Conversation
from schemas.tenants import Tenant
from webhook.platforms import PLATFORMS
from webhook.store.outbox import Owed, put
from webhook.store.tables import notices

WAITING, GOING, DONE = "waiting", "going", "done"
"""States of a message or a flow start. The fate of one that stays `going` is unknown: it is not repeated."""


@dataclass(frozen=True)
class SoLongAs:
    """The notice is dropped when the reservation is no longer in this state: it would be untrue."""

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
) -> bool:
    """Queues `text` for the chat inside the caller's transaction; with `goes_on` also a start of the flow.

    `conversation` is a store key. False if its platform cannot notify this tenant's customers.
    """
    if conversation is None:
        return False
    chat = Conversation.of_key(conversation)
    platform = PLATFORMS.get(chat.platform)
    if not (platform and platform.notifier and platform.notifier.is_set_up(tenant)):
        return False
    row = {
        "tenant": tenant.slug,
        "conversation": chat.key,
        "text": text,
        "goes_on": goes_on,
        "message": WAITING,
        "flow": WAITING,
        "changed_at": time.time(),
    }
    if so_long_as:
        row |= {"reservation": so_long_as.reservation, "state": so_long_as.state}
    id_ = connection.execute(insert(notices).values(**row).returning(notices.c.id)).scalar_one()
    put(connection, Owed("notice", id_, tenant.slug, chat.notices_queue_key))
    return True
