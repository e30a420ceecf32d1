"""Location links in the store: at most one for a conversation, and its place for no longer than a day."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from schemas.conversation import Conversation
from schemas.point import Point
from webhook.location.place import Place, Precision
from webhook.store import Store
from webhook.store.tables import links

LIVES = 1800.0
"""Seconds in which a link can be used."""
KEEP_PLACE = 86_400.0
"""Seconds that a confirmed place stays: for a day after a message, a chat on WhatsApp stays open."""
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Link:
    """`place` is None until the customer has confirmed one."""

    tenant: str
    conversation: Conversation
    token: str
    expires_at: float
    place: Place | None

    @property
    def alive(self) -> bool:
        """Whether the page still asks for a place."""
        return self.place is None and self.expires_at > time.time()

    @property
    def expires(self) -> str:
        """ISO 8601 with offset."""
        return datetime.fromtimestamp(self.expires_at, UTC).isoformat(timespec="seconds")


class Links:
    """Every method may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, tenant: str, conversation: Conversation) -> Link:
        """The conversation's link: the one it has while that is alive, or a new one."""
        owner = _owner(tenant, conversation)
        try:
            with self._store.write() as connection:
                row = connection.execute(select(links).filter_by(**owner)).first()
                if row and (link := _link(row)).alive:
                    return link
                # Delete the row that was read and no other: by now a duplicate request may have replaced it.
                if row:
                    connection.execute(delete(links).where(links.c.id == row.id))
                token = secrets.token_urlsafe(TOKEN_BYTES)
                new = insert(links).values(**owner, token=token, expires_at=time.time() + LIVES)
                return _link(connection.execute(new.returning(links)).one())
        except IntegrityError:  # a duplicate request was faster
            return self._one(**owner) or self.make(tenant, conversation)

    def of_token(self, token: str) -> Link | None:
        """The link of a page's address."""
        return self._one(token=token)

    def of_conversation(self, tenant: str, conversation: Conversation) -> Link | None:
        """The conversation's link, which may be over."""
        return self._one(**_owner(tenant, conversation))

    def confirmed_place(self, tenant: str, conversation: Conversation) -> Place | None:
        """The place that the conversation's customer confirmed, for KEEP_PLACE seconds."""
        link = self.of_conversation(tenant, conversation)
        return link.place if link else None

    def confirm(self, link: Link, place: Place, also: Callable[[Connection], object]) -> bool:
        """Stores the place; `also` writes in the same transaction.

        Returns False and changes nothing if the link is over or was used before.
        """
        now = time.time()
        unused = and_(links.c.token == link.token, links.c.confirmed_at.is_(None), links.c.expires_at > now)
        used = (
            update(links)
            .where(unused)
            .values(
                **place.point._asdict(), precision=place.precision, address=place.address, confirmed_at=now
            )
        )
        with self._store.write() as connection:
            confirmed = connection.execute(used).rowcount == 1
            if confirmed:
                also(connection)
        return confirmed

    def purge(self, now: float) -> int:
        """Deletes links that are over; returns their number."""
        unused = and_(links.c.confirmed_at.is_(None), links.c.expires_at < now - KEEP_PLACE)
        over = or_(unused, links.c.confirmed_at < now - KEEP_PLACE)
        with self._store.write() as connection:
            return connection.execute(delete(links).where(over)).rowcount

    def _one(self, **columns: str) -> Link | None:
        with self._store.read() as connection:
            row = connection.execute(select(links).filter_by(**columns)).first()
        return _link(row) if row else None


def _owner(tenant: str, conversation: Conversation) -> dict[str, str]:
    return {"tenant": tenant, "platform": conversation.platform, "conversation": conversation.id}


def _link(row: Row[Any]) -> Link:
    place = None
    # A place that is past its time counts as gone, even before the purge deletes it.
    if row.confirmed_at is not None and row.confirmed_at > time.time() - KEEP_PLACE:
        place = Place(Point(row.lat, row.lng), Precision(row.precision), row.address)
    return Link(row.tenant, Conversation(row.platform, row.conversation), row.token, row.expires_at, place)
