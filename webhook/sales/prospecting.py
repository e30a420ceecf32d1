"""Creating a prospect in OZmap, once per conversation and place."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert

from schemas.ozmap_fields import coordinates
from webhook.ozmap.errors import OzmapError
from webhook.sales.codes import prospect_code
from webhook.sales.records import Prospect, Reservation, State
from webhook.sales.reserving import FORGOTTEN
from webhook.sales.work import SWEEPS, Later, Work
from webhook.store.outbox import Owed, put
from webhook.store.tables import prospects


@dataclass
class Prospecting(Work):
    """Carries a pending prospect through. Raises OzmapError, Later, TooMany, LeaseLost."""

    sale: Prospect

    def run(self) -> Prospect:
        """The prospect as OZmap now has it."""
        found = self._found()
        if found is None:
            if self.wait_for_lost_post():
                self._note(posted_at=None, sweeps=SWEEPS)
            found = self._create()
        changes: dict[str, Any] = {"prospect_id": found, "state": State.DONE, "posted_at": None}
        done = replace(self.sale, **changes)
        self.finish(done, self.next_sweep(done.sweeps), **changes)
        return done

    def sweep(self) -> None:
        """One look for a second one that a lost POST left, and when to look again."""
        ids = self.ozmap.prospects_with(self.sale.code)
        self.delete(self.ozmap.delete_prospect, [id_ for id_ in ids if id_ != self.sale.prospect_id])
        left = max(self.sale.sweeps - 1, 0)
        self.lease.done(self.next_sweep(left), sweeps=left)

    def _found(self) -> str | None:
        """The oldest under our code, which nobody else makes; the others are surplus."""
        ids = self.ozmap.prospects_with(self.sale.code)
        self.delete(self.ozmap.delete_prospect, ids[1:])
        return ids[0] if ids else None

    def _create(self) -> str:
        form = self._form()
        self._note(posted_at=time.time())
        try:
            return self.ozmap.create_prospect(form)
        except OzmapError as error:
            if not error.may_be_done:
                self._note(posted_at=None)
                raise
            if found := self._found():
                return found
            raise Later(error.reason, self.settled_at()) from None

    def _form(self) -> dict[str, Any]:
        sale = self.sale
        assert sale.point is not None  # noqa: S101  purge leaves the place of what is pending
        ids, applied, ignored = self._tags()
        self._note(tags_applied=applied, tags_ignored=ignored)
        return {
            "name": sale.name,
            "phone": sale.phone,
            "address": sale.address or "",
            "coords": coordinates(sale.point),
            "viable": False,
            "observation": " · ".join(note for note in ("Prospect do chatbot", sale.observation) if note),
            "code": sale.code,
            "external_id": sale.code,
            "tags": ids,
        }

    def _tags(self) -> tuple[list[str], str, str]:
        """Ids, the names applied, and those that OZmap does not have or does not allow on prospects."""
        asked = list(dict.fromkeys([*tag_names(self.sale.tags), *self.tenant.tags]))
        if not asked:
            return [], "", ""
        known = [tag for tag in self.ozmap.tags() if "prospect" in tag.allowed]
        by_word = {tag.name.casefold(): tag for tag in known} | {tag.id: tag for tag in known}
        found = {word: by_word.get(word) or by_word.get(word.casefold()) for word in asked}
        applied = {tag.id: tag.name for tag in found.values() if tag}
        ignored = [word for word, tag in found.items() if tag is None]
        return list(applied), ", ".join(applied.values()), ", ".join(ignored)

    def _note(self, **changes: Any) -> None:
        self.lease.save(**changes)
        self.sale = replace(self.sale, **changes)


def tag_names(text: str | None) -> Iterable[str]:
    """From comma text."""
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def turn_into_prospect(connection: Connection, sale: Reservation) -> None:
    """A promised reservation that finds no port: its customer is told later, so must not be lost."""
    assert sale.point is not None  # noqa: S101
    code = prospect_code(sale.code, sale.point)
    known = connection.execute(
        prospects.select().where(prospects.c.tenant == sale.tenant, prospects.c.code == code)
    ).first()
    if known is None:
        personal = {name: getattr(sale, name) for name in FORGOTTEN}
        row: dict[str, Any] = {"tenant": sale.tenant, "code": code, "conversation": sale.conversation}
        row |= {"state": State.PENDING, "changed_at": time.time()}
        id_ = connection.execute(
            insert(prospects).values(**row, **personal).returning(prospects.c.id)
        ).scalar_one()
        put(connection, Owed("prospect", id_, sale.tenant, sale.line))
