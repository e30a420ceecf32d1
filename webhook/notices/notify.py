"""Queues a notice for a chat; the worker delivers it."""

import time

from sqlalchemy import Connection, insert

from schemas.conversation import Conversation
from schemas.tenants import Tenant
from webhook.platforms import PLATFORMS
from webhook.store.outbox import Owed, put
from webhook.store.tables import notices

WAITING, GOING, DONE = "waiting", "going", "done"
"""States of a message or a flow start. The fate of one that stays `going` is unknown: it is not repeated."""


def notify(  # noqa: PLR0913
    connection: Connection,
    tenant: Tenant,
    conversation: str | None,
    text: str,
    *,
    goes_on: bool = True,
    so_long_as: tuple[int, str] | None = None,
) -> bool:
    """Queues `text` for the chat inside the caller's transaction; with `goes_on` also a start of the flow.

    `conversation` is a store key. `so_long_as` are a reservation and a state: the notice is dropped when the
    reservation is no longer in it, since it would be untrue. False if the conversation's platform cannot
    notify this tenant's customers.
    """
    if conversation is None:
        return False
    chat = Conversation.of_key(conversation)
    platform = PLATFORMS.get(chat.platform)
    if not (platform and platform.notifier and platform.notifier.is_set_up(tenant)):
        return False
    reservation, state = so_long_as or (None, None)
    row = {
        "tenant": tenant.slug,
        "conversation": chat.key,
        "text": text,
        "goes_on": goes_on,
        "message": WAITING,
        "flow": WAITING,
        "reservation": reservation,
        "state": state,
        "changed_at": time.time(),
    }
    id_ = connection.execute(insert(notices).values(**row).returning(notices.c.id)).scalar_one()
    put(connection, Owed("notice", id_, tenant.slug, chat.notices_queue_key))
    return True
