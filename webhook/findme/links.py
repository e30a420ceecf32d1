"""Location links in the store: a conversation has at most one, and its place is kept no longer than a day."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from schemas.point import Point
from webhook.location.place import Place, Precision
from webhook.store import Store
from webhook.store.tables import links

LIVES = 1800.0
"""Seconds in which a link can be used."""
KEPT = 86_400.0
"""Seconds that a confirmed place is kept: the day in which a chat on WhatsApp stays open after a message."""
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Link:
    """`place` is there once the customer has confirmed it."""

    tenant: str
    platform: str
    conversation: str
    token: str
    expires_at: float
    place: Place | None

    @property
    def chat(self) -> str:
        """The conversation as sales and notices spell it."""
        return f"{self.platform}:{self.conversation}"

    @property
    def alive(self) -> bool:
        """Whether the page behind it still asks."""
        return self.place is None and self.expires_at > time.time()

    @property
    def expires(self) -> str:
        """ISO 8601 with offset."""
        return datetime.fromtimestamp(self.expires_at, UTC).isoformat(timespec="seconds")


class Links:
    """Every method may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, tenant: str, platform: str, conversation: str) -> Link:
        """The conversation's link: the one it has, as long as that lives, or a new one."""
        whose = _whose(tenant, platform, conversation)
        row: dict[str, Any] = {"tenant": tenant, "platform": platform, "conversation": conversation}
        try:
            with self._store.write() as connection:
                found = connection.execute(select(links).where(whose)).first()
                if found and (link := _link(found)).alive:
                    return link
                row |= {"token": secrets.token_urlsafe(TOKEN_BYTES), "expires_at": time.time() + LIVES}
                # Only the one that is over: an equal call may have put a new one in its place by now.
                connection.execute(delete(links).where(whose, links.c.token == (found and found.token)))
                made = connection.execute(insert(links).values(**row).returning(links))
                return _link(made.one())
        except IntegrityError:  # an equal call was faster
            again = self.of_conversation(tenant, platform, conversation)
            return again or self.make(tenant, platform, conversation)

    def of_token(self, token: str) -> Link | None:
        """The link of a page."""
        return self._one(links.c.token == token)

    def of_conversation(self, tenant: str, platform: str, conversation: str) -> Link | None:
        """The link that a conversation was given."""
        return self._one(_whose(tenant, platform, conversation))

    def confirmed_place(self, tenant: str, platform: str, conversation: str) -> Place | None:
        """The place that the conversation's customer confirmed, for KEPT seconds."""
        link = self.of_conversation(tenant, platform, conversation)
        return link.place if link else None

    def confirm(self, link: Link, place: Place, also: Callable[[Connection], None]) -> bool:
        """Keeps the place; `also` writes in the same transaction.

        False where the link was used before, or is over: then nothing changes.
        """
        now = time.time()
        values = {
            "lat": place.point.lat,
            "lng": place.point.lng,
            "precision": place.precision,
            "address": place.address,
            "confirmed_at": now,
        }
        unused = and_(links.c.token == link.token, links.c.confirmed_at.is_(None), links.c.expires_at > now)
        with self._store.write() as connection:
            kept = connection.execute(update(links).where(unused).values(**values)).rowcount == 1
            if kept:
                also(connection)
        return kept

    def purge(self, now: float) -> int:
        """Deletes what is over; how many links that were."""
        unused = and_(links.c.confirmed_at.is_(None), links.c.expires_at < now - KEPT)
        over = or_(unused, links.c.confirmed_at < now - KEPT)
        with self._store.write() as connection:
            return connection.execute(delete(links).where(over)).rowcount

    def _one(self, where: ColumnElement[bool]) -> Link | None:
        with self._store.read() as connection:
            row = connection.execute(select(links).where(where)).first()
        return _link(row) if row else None


def _whose(tenant: str, platform: str, conversation: str) -> ColumnElement[bool]:
    return and_(links.c.tenant == tenant, links.c.platform == platform, links.c.conversation == conversation)


def _link(row: Any) -> Link:
    place = None
    # A place that the purge has not met yet is over all the same.
    if row.confirmed_at is not None and row.confirmed_at > time.time() - KEPT:
        place = Place(Point(row.lat, row.lng), Precision(row.precision), row.address)
    return Link(row.tenant, row.platform, row.conversation, row.token, row.expires_at, place)
