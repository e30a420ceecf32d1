"""One sale under its lease: the row as it is now, and what its holder may do."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic

from sqlalchemy import Connection

from schemas.tenants import Tenant
from webhook.ozmap.api import Ozmap
from webhook.ozmap.errors import OzmapError, OzmapRefused
from webhook.sales.codes import mark
from webhook.sales.records import NEXT, NOBODY, S, State, changes
from webhook.sales.results import Done, End, Later, Refused
from webhook.store.lease import Also, Lease
from webhook.viability.network import Tiles

MOST_REMOVED = 2
"""Records of OZmap that one call or one sweep may delete. A sale leaves one behind, two at worst."""
SWEEPS = 3
"""Looks for a lost POST that may still land: after one, two and four times SETTLE_TIME."""
FIRST_LOOK = 2.0
"""Seconds after a POST at which it is looked for, where its answer did not come; then 4, 8 ... seconds."""


@dataclass
class Budget:
    """What one call may still delete in OZmap."""

    records: int = MOST_REMOVED


@dataclass(frozen=True)
class Rules:
    """What holds for all sales of this process."""

    settle_time: float
    """Seconds after which a write of unknown fate is taken for lost."""
    is_kept: bool
    """A worker will take up what is promised."""
    tiles: Tiles | None = None
    """The pole network in memory."""


@dataclass
class Work(Generic[S]):
    """`sale` is the row as it is now: every change goes through `save`.

    Its methods raise LeaseLost and StoreUnavailable.
    """

    sale: S
    lease: Lease
    ozmap: Ozmap
    tenant: Tenant
    rules: Rules
    budget: Budget = field(default_factory=Budget)
    promised: bool = False
    """By this call, before its POST went out."""

    @property
    def mark(self) -> str:
        """In the observation of every record of ours."""
        return mark(self.lease.store.installation, self.tenant.slug)

    def save(self, sale: S, promise: bool = False) -> None:
        """Writes what differs, and with `promise` that somebody is told that it will be done."""
        self._check(sale)
        promise = promise and self.rules.is_kept
        self.lease.save(changes(self.sale, sale), promise)
        self.sale, self.promised = sale, self.promised or promise

    def finish(self, sale: S, next_at: float | None, also: Also | None = None) -> None:
        """Writes what differs and lets go; `next_at` is when the worker looks after it."""
        self._check(sale)
        self.lease.done(next_at, changes(self.sale, sale), also)
        self.sale = sale

    def _check(self, sale: S) -> None:
        if sale.state != self.sale.state and sale.state not in NEXT[self.sale.state]:
            raise ValueError(f"a sale does not go from {self.sale.state} to {sale.state}")

    def next_sweep(self, sweeps: int) -> float | None:
        """When the next look for a lost POST is due, with so many still to take."""
        return time.time() + self.rules.settle_time * 2 ** (SWEEPS - sweeps) if sweeps else None

    def lost_post(self) -> Later | None:
        """While a POST may still land: when to look for it again."""
        posted_at = self.sale.posted_at
        if posted_at is None:
            return None
        # The longer OZmap fails, the rarer is a POST repeated: 24 of them take three hours.
        settle_time = self.rules.settle_time * 2 ** min(max(self.sale.posts - 1, 0), 3)
        now = time.time()
        # Read before the clock was set back: webhook/store/clock.py has moved the stored one.
        posted_at = min(posted_at, now)
        settled_at = posted_at + settle_time
        if now >= settled_at:
            return None
        pause = FIRST_LOOK
        while posted_at + pause <= now:
            pause *= 2
        return Later("the answer to a POST is missing", min(posted_at + pause, settled_at))


def sweeps_left(sale: S) -> int:
    """Looks to take from now on, when work on the sale ends."""
    return SWEEPS if sale.posted_at is not None else sale.sweeps


def looks_left(sale: S) -> int:
    """The same where a refused or lost POST may have left a client behind."""
    return max(sweeps_left(sale), 1 if sale.posts else 0)


def attempt(step: Callable[[Work[S]], Done[S] | End], work: Work[S]) -> Done[S] | End:
    """What comes of a step, a failed call of OZmap too."""
    try:
        return step(work)
    except OzmapRefused as error:
        return work.lost_post() or Refused(error.outcome, error.reason)
    except OzmapError as error:
        return work.lost_post() or Later(error.reason)


class _Promised(Exception):
    """Ends the transaction of a drop."""


def drop(work: Work[S], reason: str) -> None:
    """Nothing was accepted: nothing stays but what a POST may have left in OZmap.

    Unless an equal call was promised it meanwhile: then the worker goes on, and `reason` is why it has to.
    """
    sale = work.sale

    def stop_if_promised(connection: Connection) -> None:
        if work.lease.promises(connection).others:
            raise _Promised

    sweeps = looks_left(sale)
    nothing = replace(
        sale, state=State.CANCELLED, customer=NOBODY, refusal=None, posted_at=None, sweeps=sweeps
    )
    try:
        work.finish(nothing, work.next_sweep(sweeps), stop_if_promised)
    except _Promised:
        work.lease.later(reason)
