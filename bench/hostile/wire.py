"""Requests as bytes, so that they may be what no client library would send; and replies to them."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

PATIENCE = 20.0
"""Seconds for a reply: far more than REPLY_DEADLINE, which the contract keeps to."""

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Shot:
    """One request. `raw` is all of it where a client library would not send it."""

    kind: str
    method: str
    target: bytes
    headers: tuple[Header, ...] = ()
    body: bytes | None = None
    raw: bytes | None = None
    allowed: tuple[int, ...] = ()
    """Statuses of which it must have one; empty where its contract says enough."""
    waits: bool = False
    """The rest of `raw` never comes, and the connection stays open."""

    @property
    def in_chunks(self) -> bool:
        """Whether the body says its length only at its end."""
        return any(name.lower() == b"transfer-encoding" for name, _ in self.headers)

    def octets(self) -> bytes:
        """What goes over the wire."""
        if self.raw is not None:
            return self.raw
        lines = [b"%b %b HTTP/1.1" % (self.method.encode(), self.target)]
        lines += [b"%b: %b" % header for header in self.headers]
        if not any(name.lower() == b"host" for name, _ in self.headers):
            lines.append(b"Host: 127.0.0.1")
        if self.body is not None and not self.in_chunks:
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + (self.body or b"")


@dataclass(frozen=True)
class Reply:
    """Headers have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection that stays open as long as the service lets it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, shot: Shot) -> Reply | None:
        """The reply; None where the connection ended without one, or none came within PATIENCE."""
        if shot.raw is not None:
            self.close()
        sock = self._socket or socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        self._socket = None
        response = HTTPResponse(sock, method=shot.method)
        try:
            # A service that has refused a long body may have stopped reading it.
            with suppress(ConnectionError):
                sock.sendall(shot.octets())
            if shot.raw is not None and not shot.waits:
                sock.shutdown(socket.SHUT_WR)
            response.begin()
            body = response.read()
        except (HTTPException, ConnectionError, TimeoutError):
            sock.close()
            return None
        # Nobody is told when a body in chunks was too long to go on after it.
        if response.will_close or shot.raw is not None or (shot.in_chunks and response.status >= 400):
            sock.close()
        else:
            self._socket = sock
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, body)

    def close(self) -> None:
        """Gives the connection back, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
