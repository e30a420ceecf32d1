"""Delivers a notice: the message, then the flow that continues the chat, each at most once.

Each step is written down before it is sent. If nobody can tell what became of it (a timeout, a reset, a
killed worker), it is not repeated: a customer must not read a message twice, and can still ask.
docs/decisions/0013-notices.md has the reasons.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from schemas.conversation import Conversation
from webhook.net.deadline import Deadline
from webhook.notices.notify import DONE, GOING, WAITING
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Notifier, NotifyError
from webhook.store.lease import Lease, back_off
from webhook.store.tables import notices, reservations

PATIENCE = 60.0
"""Seconds for one call. A platform can be slow, and the fate of a call that is cut short is unknown."""
LEASE = 2 * PATIENCE + 10
BACK_OFF = (2.0, 300.0)
"""Seconds before the first repeat, and at most."""
GIVE_UP_AFTER = 86400.0
"""Seconds. WhatsApp takes free text for 24 hours after the customer's last message, and later it would only
puzzle them."""


@dataclass
class Delivery:
    """The delivery of one notice."""

    lease: Lease
    notifiers: Mapping[str, Notifier]
    """The tenant's, by platform."""
    platform: str = ""
    failed: list[str] = field(default_factory=list)
    """For the log: which steps failed and why, without anything of the notice."""

    def run(self) -> str:
        """Releases the lease and returns the result for the log. Raises LeaseLost, StoreUnavailable."""
        with self.lease.store.read() as connection:
            notice = connection.execute(select(notices).where(notices.c.id == self.lease.sale)).first()
            untrue = notice is not None and not _is_true(connection, notice)
        if notice is None:
            self.lease.done()
            return "forgotten"
        if untrue:
            self._end()
            return "no longer true"
        conversation = Conversation.of_key(notice.conversation)
        self.platform, chat = conversation.platform, conversation.id
        notifier = self.notifiers.get(self.platform)
        if notifier is None:
            self.lease.give_up(_what_is_missing(self.platform))
            return "gave up"
        try:
            sure = self._once("message", notice.message, partial(notifier.message, chat, notice.text))
            # Start the flow even if the fate of the message is unknown: it asks this service for the truth.
            if notice.goes_on and notifier.has_flow:
                sure = self._once("flow", notice.flow, partial(notifier.start_flow, chat)) and sure
        except NotifyError as error:
            return self._not_now(error)
        self._end()
        return "told" if sure else "fate unknown"

    def _once(self, step: str, state: str, call: Callable[[Deadline], None]) -> bool:
        """True if the step is done, False if nobody can tell. Raises NotifyError if it is not done."""
        if state == DONE:
            return True
        if state == GOING:
            self.failed.append(f"{step}: went out once already")
            return False
        self.lease.save({step: GOING})
        try:
            call(Deadline(PATIENCE))
        except NotifyError as error:
            self.failed.append(f"{step}: {error.reason}")
            if error.may_be_done:
                return False
            self.lease.save({step: WAITING})
            raise
        self.lease.save({step: DONE})
        return True

    def _not_now(self, error: NotifyError) -> str:
        if error.final or time.time() - self.lease.since > GIVE_UP_AFTER:
            self.lease.give_up(self.failed[-1])
            return "gave up"
        pause = back_off(self.lease.attempts, *BACK_OFF)
        self.lease.later(self.failed[-1], time.time() + max(error.retry_after or 0, pause))
        return "later"

    def _end(self) -> None:
        def delete_notice(connection: Connection) -> None:
            connection.execute(delete(notices).where(notices.c.id == self.lease.sale))

        self.lease.done(also=delete_notice)


def _is_true(connection: Connection, notice: Row[Any]) -> bool:
    """Whether its reservation is still as it says: while it waited, the customer may have cancelled."""
    if notice.reservation is None:
        return True
    state = select(reservations.c.state).where(reservations.c.id == notice.reservation)
    return bool(connection.execute(state).scalar() == notice.state)


def _what_is_missing(platform: str) -> str:
    known = PLATFORMS.get(platform)
    return (
        f"{known.notifier.setting} is not set" if known and known.notifier else f"{platform} takes no notice"
    )
