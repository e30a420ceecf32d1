"""Reads the topology of all tenants before lookups need it, in the background of a web process."""

import time
from collections.abc import Collection
from contextlib import suppress
from threading import Thread

from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.errors import OzmapError

LOOK_EVERY = 2.0
"""Seconds between looks for what is due."""
APART = 0.02
"""Seconds between the beginnings of two tenants' reads: a start with many tenants has requests to answer."""
PATIENCE = 10.0
"""Seconds of OZmap for one tenant. A request that joins a read that hangs has no answer before it ends."""


def keep_warm(accounts: Collection[OzmapAccount]) -> None:
    """From now on, until the process ends. Call it after gunicorn's fork: it starts a thread."""
    for account in accounts:
        account.topology.start()
    Thread(target=_always, args=(accounts,), name="topology", daemon=True).start()


def _always(accounts: Collection[OzmapAccount]) -> None:
    while True:
        warm(accounts)
        time.sleep(LOOK_EVERY)


def warm(accounts: Collection[OzmapAccount]) -> None:
    """Begins to read what is due."""
    for account in accounts:
        if account.topology.is_due():
            # A thread for each, which ends with its reads: no OZmap that hangs delays another's.
            Thread(target=_read, args=(account,), name="topology-read", daemon=True).start()
            time.sleep(APART)


def _read(account: OzmapAccount) -> None:
    ozmap = Ozmap(account, Deadline(PATIENCE), background=True)
    # A failure is not logged: the lookup that needs the topology reads it, and says what is wrong.
    with suppress(OzmapError, TimeoutError):
        account.topology.refresh(ozmap.read_topology, ozmap.deadline)
