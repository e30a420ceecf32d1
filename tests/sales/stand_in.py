"""A second OZmap to sell against. It shares no code with the sandbox, so one mistake cannot hide in both.

Made from OZmap's documentation and from answers of its test server that were published (2023): a POST answers
without `connections` and with the client's id as text, a refusal is a bare JSON string, a client is made
before its property, and a code that is in use is refused also with `force`.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

Record = dict[str, Any]
NAMES = ("projects", "boxes", "tags", "properties", "ftth-clients", "prospects")


@dataclass
class Call:
    method: str
    path: str
    body: Any
    status: int | None = None  # None until, or unless, it is answered


class Refusal(Exception):
    """A status and a body: text goes out as a bare JSON string, bytes as they are."""


class StandIn(ThreadingHTTPServer):
    """Serves four boxes, at 10, 20, 30 and 40 m from any place, in a `with` block."""

    daemon_threads, request_queue_size, token = True, 64, "stand-in-key"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock, self.requests = RLock(), list[Call]()
        self.store: dict[str, dict[str, Record]] = {name: {} for name in NAMES}
        self.project = self.add("projects", {"name": "Centro", "drop": {"maxSize": 200}})
        box = {"kind": "Box", "project": self.project["id"], "implanted": True, "draft": False, "pole": None}
        self.boxes = [self.add("boxes", box | {"name": f"CTO {number}"}) for number in range(1, 5)]
        # Habits, which a test sets.
        self.refuse: Callable[[Record], Any] = lambda form: None  # after a client_first
        self.refusal_status = 400
        self.client_first = False  # a refused property leaves the client that came with it
        self.client_outlives_property = False
        self.post_seconds = 0.0  # the client is there at once, the property at the end
        self.none = (200, "[]")  # status and body for a code that nobody has
        self.full: set[str] = set()  # names of boxes that feasibility refuses
        self.viable_without_boxes = False
        self.filters_ignored = False
        self.ports = 8  # of each box
        self.down = False  # every connection is closed without an answer
        self.show: Callable[[str, Record], Record] = lambda name, record: record

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """The caller left before the answer."""

    def add(self, name: str, fields: Record) -> Record:
        record = {**fields, "id": secrets.token_hex(12), "updatedAt": time.time()}
        return self.store[name].setdefault(record["id"], record)

    def coded(self, code: str) -> list[Record]:
        return [one for one in self.store["ftth-clients"].values() if one.get("code") == code]

    def held(self, box: Record) -> set[int]:
        return {one["port"] for one in self.store["properties"].values() if one["box"] == box["id"]}

    def radius(self) -> Record:
        near = [
            {"id": box["id"], "name": box["name"], "project": self.project["id"], "distance": 10.0 * place}
            | {"implanted": True, "availability": self.ports - len(self.held(box)), "horizontal_condos": []}
            for place, box in enumerate(self.boxes, 1)
        ]
        free = [one for one in near if one["availability"] and one["name"] not in self.full]
        shown = [] if self.viable_without_boxes else free
        refused = [one for one in near if one not in free]
        return {"viable": bool(free), "boxes": shown, "refused_boxes": refused, "properties": []}

    def client_for(self, client: Any) -> Any:
        """The id of an existing client, or the form of a new one."""
        if not isinstance(client, dict):
            if client not in self.store["ftth-clients"]:
                raise Refusal(400, "Cliente não encontrado.")
        elif self.coded(client["code"]):
            words = f"Código {client['code']} já está sendo utilizado no projeto {self.project['name']}."
            raise Refusal(self.refusal_status, words)
        return client

    def sell(self, form: Record) -> Record:
        client, box = self.client_for(form["client"]), self.store["boxes"][form["box"]]
        new = isinstance(client, dict)
        if new and (self.client_first or self.post_seconds):
            client, new = self.add("ftth-clients", client)["id"], False
        if (words := self.refuse(form)) is not None:
            raise Refusal(self.refusal_status, words)
        if self.post_seconds:
            self.lock.release()
            time.sleep(self.post_seconds)
            self.lock.acquire()
        free = sorted(set(range(1, self.ports + 1)) - self.held(box))
        if not free:
            raise Refusal(self.refusal_status, f"A caixa {box['name']} não possui portas livres.")
        client = self.add("ftth-clients", client)["id"] if new else client
        kept = {name: form.get(name) for name in ("project", "box", "address", "lat", "lng", "observation")}
        kept |= {"client": client, "coords": [form["lng"], form["lat"]], "kind": "Property"}
        record = self.add("properties", kept | {"port": free[0], "drop": secrets.token_hex(12)})
        return {name: value for name, value in record.items() if name != "port"}

    def shown(self, name: str, record: Record) -> Record:
        if name != "properties":
            return self.show(name, record)
        on = {"id": record["drop"], "kind": "Splitter", "port": record["port"], "name": "Splitter 1"}
        client = self.store["ftth-clients"].get(record["client"])
        whole = {key: value for key, value in record.items() if key != "port"}
        return self.show(name, whole | {"client": client, "connections": [on]})

    def by_code(self, code: str) -> list[Record]:
        clients = [one["id"] for one in self.coded(code)]
        rows = [self.shown("properties", one) for one in self.store["properties"].values()]
        rows = [one for one in rows if one["client"] and one["client"]["id"] in clients]
        if not rows:
            raise Refusal(self.none[0], self.none[1].encode())
        for row in rows:
            row["_id"], row["client"] = row.pop("id"), {"_id": row["client"]["id"], **row["client"]}
            row["connections"] = [{"name": on["name"], "port": on["port"]} for on in row["connections"]]
        return rows

    def listed(self, name: str, query: dict[str, list[str]]) -> Record:
        rows = list(self.store[name].values())
        wanted = [] if self.filters_ignored else json.loads(query.get("filter", ["[]"])[0])
        for one in wanted:
            values = one["value"] if one["operator"] == "in" else [one["value"]]
            rows = [row for row in rows if row.get(one["property"]) in values]
        limit, page = int(query.get("limit", ["100"])[0]), int(query.get("page", ["1"])[0])
        part = rows[limit * (page - 1) : limit * page]
        shown = [self.shown(name, row) for row in part]
        return {"total": len(rows), "count": len(part), "rows": shown, "start": limit * (page - 1)}

    def remove(self, name: str, id_: str) -> None:
        record = self.store[name].pop(id_)
        if name == "properties" and not self.client_outlives_property:
            self.store["ftth-clients"].pop(record["client"], None)

    def answer(self, call: Call, query: dict[str, list[str]]) -> tuple[int, Any]:
        name, *rest = call.path.strip("/").split("/", 1)
        if name in {"authenticated", "ftth-viability"}:
            return 200, self.radius() if rest else {}
        if call.method == "POST":
            return 201, self.sell(call.body) if name == "properties" else self.add(name, call.body)
        if not rest:
            return 200, self.listed(name, query)
        if name == "properties" and rest[0].startswith("client/"):
            return 200, self.by_code(rest[0].removeprefix("client/"))
        record = self.store[name].get(rest[0])
        if record is None:
            raise Refusal(404, f"{name}: não encontrado")
        if call.method == "GET":
            return 200, self.shown(name, record)
        if call.method == "DELETE":
            self.remove(name, rest[0])
        else:
            record.update(call.body, updatedAt=time.time())
        return 204, b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    server: StandIn

    def _work(self) -> None:
        target, server = urlsplit(self.path), self.server
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(target.path).removeprefix("/api/v2")
        call = Call(self.command, path, json.loads(content) if content else None)
        try:
            with server.lock:
                server.requests.append(call)
                if server.down:
                    raise ConnectionResetError
                if self.headers["Authorization"] != server.token:
                    raise Refusal(401, "Unauthorized")
                status, body = server.answer(call, parse_qs(target.query))
        except Refusal as refusal:
            status, body = refusal.args
        except ConnectionError:
            self.close_connection = True
            return
        call.status = status
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if status != 204 else b"")

    do_GET = do_POST = do_PATCH = do_DELETE = _work  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Says nothing: `requests` has the calls."""
