"""A method per OZmap call that this project makes."""

from collections.abc import Iterable, Mapping
from functools import partial

from schemas.json_value import Json
from schemas.ozmap import (
    BASE_POINTS,
    BOXES,
    POLE_TYPES,
    POLES,
    PROJECTS,
    RADIUS_VIABILITY,
    SPLITTERS,
    BasePoint,
    Box,
    Pole,
    Project,
    RadiusViability,
    Splitter,
)
from schemas.ozmap_customers import (
    CLIENTS,
    NAMED,
    PROPERTIES,
    PROPERTIES_OF_CLIENT,
    PROSPECTS,
    TAGS,
    Client,
    Property,
    Prospect,
    Tag,
)
from schemas.plain import digits
from schemas.point import Point
from webhook.net.cache import SharedCache
from webhook.net.deadline import Deadline
from webhook.net.reads import Asker, Reads
from webhook.ozmap.calls import OzmapCalls, absent_is_fine, in_our_errors
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapUnreadable
from webhook.ozmap.records import filter_on, load, near, page_of, rows_of
from webhook.ozmap.topology import TOPOLOGY_AGE, Records, Topology

MOST_OF_A_CODE = 10
"""Properties of one client code. Ours has one, or two until a lost POST is cleaned up."""
MOST_PAGES = 10
"""Pages of a list that is filtered by code, each of PAGE_SIZE: some servers ignore the filter."""
IDS_A_CALL = 100
"""Of an `in` filter: 100 ids are 3.3 kB of URL, and many proxies take 8."""


class OzmapAccount:
    """One tenant's OZmap for the lifetime of the process: its clients and what may be cached."""

    def __init__(
        self, client: OzmapClient, background: OzmapClient | None = None, reads: Reads | None = None
    ) -> None:
        self.client = client
        self.background = background or client
        """For work that has more time than a reply: a host too slow for flows must not shut it out."""
        self.reads = reads or Reads()
        self.topology = Topology()
        self.tags: SharedCache[list[Tag]] = SharedCache("tags", 1, TOPOLOGY_AGE)


class Ozmap(OzmapCalls):
    """One tenant's OZmap within one request. Every method may raise OzmapError."""

    def __init__(
        self,
        account: OzmapAccount,
        deadline: Deadline,
        background: bool = False,
        asked_at: float | None = None,
        waits: bool = True,
    ) -> None:
        client = account.background if background else account.client
        super().__init__(client, account.reads, Asker(deadline, asked_at, waits))
        self._account = account

    def until(
        self,
        deadline: Deadline,
        background: bool = True,
        asked_at: float | None = None,
        waits: bool = True,
    ) -> "Ozmap":
        """The same with another deadline; the calls of both are counted together.

        `asked_at` and `waits` are as in Asker.
        """
        other = Ozmap(self._account, deadline, background, asked_at, waits)
        other.calls = self.calls
        return other

    def check_key(self) -> None:
        """Raises OzmapRefused when OZmap does not accept the key. Its other answers are not documented."""
        try:
            self._get("authenticated", {})
        except OzmapUnreadable:
            return

    def radius_viability(self, point: Point, radius_m: float | None) -> RadiusViability:
        """OZmap's own feasibility in a circle; without `radius_m` in its own default radius.

        `viable` may be true without any box: OZmap's screen counts vertical buildings as well.
        """
        params = {"lat": digits(point.lat), "lng": digits(point.lng)}
        if radius_m is not None:
            params["radius"] = digits(radius_m)
        operation = "ftth-viability/radius"
        answer = load(RADIUS_VIABILITY.read_one, self._get(operation, params), operation)
        if answer.boxes and not answer.viable:
            raise OzmapUnreadable(f"{operation}: viable contradicts boxes")
        return answer

    def poles_near(self, point: Point, radius_m: float) -> list[Pole]:
        """All poles in a circle, nearest first as far as OZmap keeps to it."""
        return self._rows("poles", POLES, near(point, radius_m))

    def base_points_near(self, point: Point, radius_m: float) -> list[BasePoint]:
        """All poles, points and junction boxes in a circle."""
        return self._rows("base-points", BASE_POINTS, near(point, radius_m))

    def boxes_near(self, point: Point, radius_m: float) -> list[Box]:
        """All boxes in a circle."""
        return self._rows("boxes", BOXES, near(point, radius_m))

    def splitters_of(self, boxes: Iterable[str]) -> list[Splitter]:
        """All splitters of the boxes with these ids."""
        ids = list(boxes)
        chunks = [ids[start : start + IDS_A_CALL] for start in range(0, len(ids), IDS_A_CALL)]
        calls = [
            partial(self._rows, "splitters", SPLITTERS, filter_on("parent", "in", chunk)) for chunk in chunks
        ]
        return [splitter for rows in self._all_at_once(calls) for splitter in rows] if calls else []

    def projects(self) -> list[Project]:
        """All projects that the key may see."""
        return self._rows("projects", PROJECTS)

    def number_of(self, collection: str, code: str | None = None) -> int:
        """How many records there OZmap counts for this key, with `code` of those that it finds by it."""
        params: dict[str, str | int] = {"limit": 1, "page": 1}
        if code is not None:
            params["filter"] = filter_on("code", "=", code)
        page = page_of(NAMED, collection, self._get(collection, params))
        return max(page.total, len(page.records))

    def topology(self) -> Records:
        """All projects that the key may see, and all pole types; cached for TOPOLOGY_AGE."""
        with in_our_errors():
            return self._account.topology.get(self.read_topology, self.deadline)

    def forget_topology(self) -> None:
        """Drops the cached topology: other answers show that it is out of date."""
        self._account.topology.forget()

    def read_topology(self) -> Records:
        """The same as OZmap has it now."""
        return self.at_once(self.projects, lambda: self._rows("pole-types", POLE_TYPES))

    def tags(self) -> list[Tag]:
        """All tags; cached for TOPOLOGY_AGE."""
        with in_our_errors():
            return self._account.tags.get("tags", lambda: self._rows("tags", TAGS), self.deadline)

    def properties_of(self, code: str) -> list[str]:
        """Ids of the properties whose client has this code, exactly and with case.

        A server that searches without case lists others' records too: they are left out. A row that does not
        show its client's code stays in.
        """
        operation = "properties/client/{code}"
        answer: Json = None
        with absent_is_fine():
            answer = self._call("GET", operation, "properties", "client", code)
        rows = load(PROPERTIES_OF_CLIENT.read_list, rows_of(answer, operation), operation)
        ids = [row.id for row in rows if row.client is None or row.client.code in {code, None}]
        if len(ids) > MOST_OF_A_CODE:
            raise OzmapUnreadable(f"{operation}: {len(ids)} rows")
        return ids

    def property(self, id_: str) -> Property | None:
        """With its port; None if OZmap no longer has it."""
        return self._one("properties", PROPERTIES, id_)

    def box_name(self, id_: str) -> str:
        """Empty if OZmap no longer has the box."""
        box = self._one("boxes", BOXES, id_)
        return box.name if box else ""

    def client(self, id_: str) -> Client | None:
        """None if OZmap no longer has it."""
        return self._one("ftth-clients", CLIENTS, id_)

    def clients_with(self, code: str) -> list[Client]:
        """The clients with this code, exactly and with case; one without a property is among them."""
        rows = self._rows("ftth-clients", CLIENTS, filter_on("code", "=", code), MOST_PAGES)
        return [client for client in rows if client.code == code]

    def create_property(self, form: Mapping[str, object]) -> str:
        """Its id. An error with `may_be_done` may have created it nevertheless."""
        return self._create("properties", form)

    def delete_property(self, id_: str) -> None:
        """Deletes its client too and frees its port. An absent one is no error."""
        self._delete("properties", id_)

    def change_client(self, id_: str, **fields: object) -> None:
        """Sets fields of an ftth-client."""
        self._call("PATCH", "PATCH ftth-clients/{id}", "ftth-clients", id_, body=fields)

    def delete_client(self, id_: str) -> None:
        """For one without a property: `delete_property` takes its client along. An absent one is no error."""
        self._delete("ftth-clients", id_)

    def prospect(self, id_: str) -> Prospect | None:
        """None if OZmap no longer has it."""
        return self._one("prospects", PROSPECTS, id_)

    def prospects_with(self, code: str) -> list[Prospect]:
        """The prospects with this code, exactly and with case, oldest first.

        That prospects can be filtered by code is only inferred: a server that ignores it lists everybody's.
        """
        rows = self._rows("prospects", PROSPECTS, filter_on("code", "=", code), MOST_PAGES)
        # Ids are MongoDB's: their first eight hex digits are the seconds at which the record was made.
        return sorted((row for row in rows if row.code == code), key=lambda row: row.id)

    def create_prospect(self, form: Mapping[str, object]) -> str:
        """Its id. An error with `may_be_done` may have created it nevertheless."""
        return self._create("prospects", form)

    def delete_prospect(self, id_: str) -> None:
        """An absent one is no error."""
        self._delete("prospects", id_)
