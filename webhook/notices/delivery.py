"""What the worker does with a notice: the message, then the flow, each at most once.

Each is written down before it goes out. When nobody can tell what became of it (a timeout, a reset, a killed
worker), it is not repeated: a customer must not read it twice, and can still ask. docs/decisions/ has why.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from webhook.net.deadline import Deadline
from webhook.notices.notify import CHATS, DONE, GOING, WAITING
from webhook.platforms.huggy.client import HuggyClient
from webhook.platforms.huggy.errors import HuggyError, HuggyRefused, HuggyUnavailable
from webhook.store.outbox import Lease
from webhook.store.tables import notices, reservations

PATIENCE = 60.0
"""Seconds for one call: Huggy can be slow, and what ends here is of unknown fate."""
LEASE = 2 * PATIENCE + 10
BACK_OFF = (2.0, 300.0)
"""Seconds before the first repeat, and at most."""
GIVE_UP_AFTER = 86400.0
"""Seconds. WhatsApp takes free text for 24 hours after the customer's last message, and later it would only
puzzle them."""


@dataclass
class Delivery:
    """One notice's. `failed` is for the log: what went wrong on the way, without anything of the notice."""

    lease: Lease
    huggy: HuggyClient | None
    """Of the tenant; None when it has no token any more."""
    flow: int | None
    """The tenant's continuation flow."""
    failed: list[str] = field(default_factory=list)

    def run(self) -> str:
        """Lets go of the lease; says in words for the log how it went. Raises LeaseLost, StoreUnavailable."""
        with self.lease.store.read() as connection:
            notice = connection.execute(select(notices).where(notices.c.id == self.lease.sale)).first()
            untrue = notice is not None and not _is_so(connection, notice)
        if notice is None:
            self.lease.done()
            return "forgotten"
        if untrue:
            self._over()
            return "no longer true"
        if self.huggy is None:
            self.lease.give_up("HUGGY_API_TOKEN is not set")
            return "gave up"
        chat = notice.conversation.removeprefix(CHATS)
        try:
            sure = self._once("message", notice.message, partial(self.huggy.message, chat, notice.text))
            if notice.goes_on and self.flow is not None:
                start = partial(self.huggy.start_flow, chat, self.flow)
                sure = self._once("flow", notice.flow, start) and sure
        except HuggyError as error:
            return self._not_now(error)
        self._over()
        return "told" if sure else "fate unknown"

    def _once(self, what: str, state: str, call: Callable[[Deadline], None]) -> bool:
        """Whether it is done for sure. Raises HuggyError when it is not done for sure."""
        if state == DONE:
            return True
        if state == GOING:
            self.failed.append(f"{what}: went out once already")
            return False
        self.lease.save(**{what: GOING})
        try:
            call(Deadline(PATIENCE))
        except HuggyError as error:
            self.failed.append(f"{what}: {error.reason}")
            if error.may_be_done:
                return False
            self.lease.save(**{what: WAITING})
            raise
        self.lease.save(**{what: DONE})
        return True

    def _not_now(self, error: HuggyError) -> str:
        if isinstance(error, HuggyRefused) or time.time() - self.lease.since > GIVE_UP_AFTER:
            self.lease.give_up(self.failed[-1])
            return "gave up"
        asked = error.retry_after if isinstance(error, HuggyUnavailable) else None
        first, most = BACK_OFF
        pause = min(first * 2 ** min(self.lease.attempts, 10), most) * random.uniform(0.7, 1.0)
        self.lease.later(self.failed[-1], time.time() + max(asked or 0, pause))
        return "later"

    def _over(self) -> None:
        def forget(connection: Connection) -> None:
            connection.execute(delete(notices).where(notices.c.id == self.lease.sale))

        self.lease.done(also=forget)


def _is_so(connection: Connection, notice: Row[Any]) -> bool:
    """Whether what it tells still holds: while Huggy was down, the customer may have cancelled."""
    if notice.reservation is None:
        return True
    state = select(reservations.c.state).where(reservations.c.id == notice.reservation)
    return bool(connection.execute(state).scalar() == notice.state)
