"""A server that does just what a test says with each connection: for what no HTTP server would do."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Self

Handler = Callable[[socket.socket, Event], None]


class RawServer:
    """Calls `handle(connection, stopping)` per connection, each in its own thread."""

    def __init__(self, handle: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handle = handle
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads: list[Thread] = []
        self._open: list[socket.socket] = []
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.connections = 0
        self.stopping = Event()

    def __enter__(self) -> Self:
        self._acceptor = Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        # Wakes the accept, without a name look-up that the test may have replaced.
        with suppress(OSError), socket.socket() as waking:
            waking.connect(("127.0.0.1", self.port))
        self._acceptor.join(5)
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._socket.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            connection, _ = self._socket.accept()
            if self.stopping.is_set():
                connection.close()
                return
            self.connections += 1
            self._open.append(connection)
            thread = Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._handle(connection, self.stopping)
        connection.close()


def read_request(connection: socket.socket) -> bytes:
    """Head of a request without a body; empty at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        received = connection.recv(65536)
        if not received:
            return b""
        head += received
    return head


def answers(*replies: bytes) -> Handler:
    """Answers the requests of a connection with these bytes, one after the other, then closes it."""

    def handle(connection: socket.socket, _: Event) -> None:
        for reply in replies:
            if not read_request(connection):
                return
            connection.sendall(reply)

    return handle


def ok(body: bytes, *headers: str) -> bytes:
    """A 200 with this body."""
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def drips(start: bytes, rest: bytes, seconds: float) -> Handler:
    """Sends `start` at once and `rest` a byte at a time."""

    def handle(connection: socket.socket, stopping: Event) -> None:
        read_request(connection)
        connection.sendall(start)
        for byte in rest:
            if stopping.wait(seconds):
                return
            connection.sendall(bytes([byte]))

    return handle
