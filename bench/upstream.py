"""An OZmap of fixed speed: python -m bench.upstream PORT. Answers every request with one radius answer."""

import asyncio
import json
import sys

BOX = {
    "distance": 30.41,
    "name": "CTO 22-05",
    "id": "5dc06d1275fc7d0006732521",
    "project": "5d51a87046cbe700148328bf",
    "lat": -27.6,
    "lng": -48.5,
    "implanted": True,
    "availability": 6,
    "horizontal_condos": [],
}
BODY = json.dumps({"viable": True, "boxes": [BOX] * 5, "refused_boxes": [], "properties": []}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)


class Upstream(asyncio.Protocol):
    """Counts the ends of request heads; nothing else of a request matters here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.tail = b""

    def data_received(self, data: bytes) -> None:
        *heads, self.tail = (self.tail + data).split(b"\r\n\r\n")
        self.transport.write(ANSWER * len(heads))  # type: ignore[attr-defined]


async def serve(port: int) -> None:
    """Until the process is stopped."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
