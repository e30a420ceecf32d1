"""Calls of OZmap's API by method and collection: pages, single records, and their place in the log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from typing import Protocol, TypeVar

from schemas.json_value import Json
from schemas.ozmap_customers import NAMED
from schemas.record import RecordSchema
from webhook.net.deadline import side_by_side
from webhook.net.reads import Asker, NoPlace, Reads
from webhook.observe.metrics import note_ozmap_call
from webhook.ozmap.client import OzmapClient, Params
from webhook.ozmap.errors import (
    OzmapError,
    OzmapRefused,
    OzmapTooMuch,
    OzmapUnavailable,
    OzmapUnreadable,
)
from webhook.ozmap.records import Page, load, page_of

FILTER_IGNORED = "the filter is ignored"
PAGE_SIZE = 1000
"""Rows asked for at a time. A server that gives fewer says so, or is asked for the next page."""


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


A = TypeVar("A")
B = TypeVar("B")
Row = TypeVar("Row", bound=_HasId)


@dataclass(frozen=True)
class ApiCall:
    """One HTTP call, for the log: no address, no data."""

    operation: str
    result: str
    milliseconds: float


class OzmapCalls:
    """The calls of one request: they share a deadline and are counted. Each may raise OzmapError.

    `operation` is a call's name in the log: it has no id and no code of a customer.
    """

    def __init__(self, client: OzmapClient, reads: Reads, asker: Asker) -> None:
        self._client = client
        self._reads = reads
        self._asker = asker
        self.deadline = asker.deadline
        self.calls: list[ApiCall] = []

    def read(self, operation: str, segments: Sequence[str], params: Params) -> Json:
        """The JSON of any GET. Each segment stays one, whatever characters it has."""
        return self._call("GET", operation, *segments, params=params)

    def at_once(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """The results of two calls of this object that do not depend on each other."""
        one: list[A] = []
        other: list[B] = []
        self._all_at_once([lambda: one.append(first()), lambda: other.append(second())])
        return one[0], other[0]

    def _all_at_once(self, calls: Sequence[Callable[[], A]]) -> list[A]:
        with in_our_errors():
            return side_by_side(self.deadline, *calls)

    def _rows(
        self,
        collection: str,
        schema: RecordSchema[Row],
        filter_json: str | None = None,
        most_pages: float = inf,
    ) -> list[Row]:
        """All rows, over all pages. Pages are asked for by number: `nextUrl` carries no filter.

        Fewer rows than OZmap counts make the answer unreadable: a part must not pass for the whole. So do
        more than `most_pages`, for a filter that lets only a few rows through.
        """
        params: dict[str, str | int] = {"limit": PAGE_SIZE} | ({"filter": filter_json} if filter_json else {})
        rows: dict[str, Row] = {}
        number = 1
        while True:
            page = self._page(collection, schema, params | {"page": number})
            before = len(rows)
            for row in page.records:
                rows.setdefault(row.id, row)
            # Without hasNextPage only a page without anything new is the last: the server may know no pages.
            if page.is_last or len(rows) == before:
                break
            # The total tells it at the first page, but a server may count wrong or not at all.
            if number >= most_pages or page.total > most_pages * PAGE_SIZE:
                raise OzmapUnreadable(f"{collection}: {FILTER_IGNORED}")
            number += 1
        if len(rows) < page.total:
            raise OzmapUnreadable(f"{collection}: {len(rows)} rows of {page.total}")
        return list(rows.values())

    def _page(self, collection: str, schema: RecordSchema[Row], params: Params) -> Page[Row]:
        # Unpacked rows need ten times their size in memory, so the client unpacks one answer at a time.
        read = partial(page_of, schema, collection)

        def fetch() -> Page[Row]:
            with self._noted(collection):
                return self._client.call_large(collection, params=params, read=read, deadline=self.deadline)

        with in_our_errors():
            return self._reads.share((collection, *params.items()), self._asker, fetch)

    def _one(self, collection: str, schema: RecordSchema[A], id_: str) -> A | None:
        operation = f"{collection}/{{id}}"
        with absent_is_fine():
            return load(schema.read_one, self._call("GET", operation, collection, id_), operation)
        return None

    def _create(self, collection: str, form: Mapping[str, object]) -> str:
        operation = f"POST {collection}"
        return load(NAMED.read_one, self._call("POST", operation, collection, body=form), operation).id

    def _delete(self, collection: str, id_: str) -> None:
        with absent_is_fine():
            self._call("DELETE", f"DELETE {collection}/{{id}}", collection, id_)

    def _get(self, path: str, params: Params) -> Json:
        return self._call("GET", path, *path.split("/"), params=params)

    def _call(
        self, method: str, operation: str, *segments: str, params: Params | None = None, body: object = None
    ) -> Json:
        place = self._reads.place(self._asker) if method == "GET" else nullcontext()
        with in_our_errors(), place, self._noted(operation):
            return self._client.call(method, *segments, params=params, body=body, deadline=self.deadline)

    @contextmanager
    def _noted(self, operation: str) -> Iterator[None]:
        """Puts the call in the block into the log and the metrics."""
        started = monotonic()
        result = "ok"
        try:
            yield
        except OzmapError as error:
            result = error.reason
            raise
        finally:
            seconds = monotonic() - started
            self.calls.append(ApiCall(operation, result, seconds * 1000))
            note_ozmap_call(operation, result, seconds)


@contextmanager
def in_our_errors() -> Iterator[None]:
    """Turns what waiting ends with into OzmapError."""
    try:
        yield
    except NoPlace:
        raise OzmapTooMuch("reads in flight") from None
    except TimeoutError:
        raise OzmapUnavailable("deadline") from None


@contextmanager
def absent_is_fine() -> Iterator[None]:
    """Ends the block at a 404: OZmap no longer has the record."""
    try:
        yield
    except OzmapRefused as error:
        if error.reason != "404":
            raise
