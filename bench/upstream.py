"""python -m bench.upstream PORT: an OZmap of fixed speed, on the network of bench.lattice."""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from bench import lattice

PAGE = 100
"""Rows where a call has no limit."""
COUNT = "/reads"
"""Answers at once how many calls there were."""


def _near(query: Mapping[str, str], row: Callable[[lattice.Node], str], every: int = 1) -> list[str]:
    (asked,) = (one["value"] for one in json.loads(query["filter"]))
    return [row(node) for node in lattice.nodes_near(asked["lat"], asked["lng"], asked["radius"], every)]


def _splitters(query: Mapping[str, str]) -> list[str]:
    (asked,) = (one["value"] for one in json.loads(query["filter"]))
    return [lattice.splitter(box) for box in asked]


LISTS: dict[str, Callable[[Mapping[str, str]], list[str]]] = {
    "projects": lambda _: [lattice.PROJECT],
    "pole-types": lambda _: [lattice.TYPE],
    "poles": partial(_near, row=lattice.pole),
    "base-points": partial(_near, row=lattice.pole),
    "boxes": partial(_near, row=lattice.box, every=lattice.EVERY),
    "splitters": _splitters,
}


def _page(rows: list[str], query: Mapping[str, str]) -> str:
    limit = int(query.get("limit", PAGE))
    start = (int(query.get("page", 1)) - 1) * limit
    shown = rows[start : start + limit]
    more = json.dumps(start + len(shown) < len(rows))
    return (
        f'{{"total":{len(rows)},"count":{len(shown)},"rows":[{",".join(shown)}],'
        f'"start":{start},"limit":{limit},"hasNextPage":{more}}}'
    )


def answer(target: str) -> tuple[int, str]:
    """Status and body for a request's path and query."""
    parts = urlsplit(target)
    path, query = parts.path.removeprefix("/api/v2/"), dict(parse_qsl(parts.query))
    if path == "ftth-viability/radius":
        return 200, lattice.radius(float(query["lat"]), float(query["lng"]))
    if path in LISTS:
        return 200, _page(LISTS[path](query), query)
    return 404, '{"message": "Not found"}'


class Upstream(asyncio.Protocol):
    """Reads the first lines of request heads; nothing else of a request matters here, and no body comes."""

    reads = 0
    """Of all connections."""

    def __init__(self, delay: float, status: int | None) -> None:
        self._delay, self._status = delay, status
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._tail = (self._tail + data).split(b"\r\n\r\n")
        self._send(head.split(b" ", 2)[1].decode() for head in heads)

    def _send(self, targets: Iterable[str]) -> None:
        for target in targets:
            if target == COUNT:
                status, body = 200, str(Upstream.reads)
            else:
                Upstream.reads += 1
                status, body = (self._status, "{}") if self._status else answer(target)
            content = body.encode()
            head = b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            send = partial(self._transport.write, head % (status, len(content)) + content)  # type: ignore[attr-defined]
            if self._delay and target != COUNT:
                asyncio.get_running_loop().call_later(self._delay, send)
            else:
                send()


async def serve(port: int, delay: float, status: int | None) -> None:
    """Until the process is stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(delay, status), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.upstream")
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--status", type=int, help="of every answer, which says nothing then")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.delay, options.status))
