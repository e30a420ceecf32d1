"""Bounds how long a request may take to arrive, with headers and body, and how long its reply to leave.

gunicorn waits for the rest of a request, and for a caller to read, for as long as the caller keeps the
connection open, in one of its threads.
"""

import socket
from typing import TYPE_CHECKING, Any

from gunicorn.http.body import LengthReader
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestTimeout

from webhook.net.deadline import Deadline

if TYPE_CHECKING:
    from gunicorn.http.body import ChunkedReader, EOFReader
    from gunicorn.http.message import Request


class CallerSocket(socket.socket):
    """A caller's connection: all reads of one request together take at most `seconds`.

    The time begins with the request's first byte, so that a connection may be idle between two requests.
    """

    SENDS_WITHIN = 30.0
    """Seconds for a reply to leave, but for what the operating system still keeps: the 150 kB of the location
    page's map on a phone with 40 kbit/s."""
    seconds: float | None = None
    """None: reads wait as long as the socket's own timeout says."""
    _deadline: Deadline | None = None

    def begin(self, seconds: float) -> None:
        """The next read belongs to a new request."""
        self.seconds, self._deadline = seconds, None

    def recv(self, *args: int) -> bytes:
        """Raises TimeoutError when the request's time is over."""
        if self.seconds is None:
            return super().recv(*args)
        self._deadline = self._deadline or Deadline(self.seconds)
        left = self._deadline.remaining()
        if not left:
            raise TimeoutError
        # gunicorn sets a timeout of its own while it discards a body that nobody read.
        own = self.gettimeout()
        self.settimeout(left if own is None else min(own, left))
        try:
            return super().recv(*args)
        finally:
            self.settimeout(own)

    def sendall(self, *args: Any) -> None:
        """Raises TimeoutError when the caller has not read enough in time."""
        own = self.gettimeout()
        self.settimeout(self.SENDS_WITHIN)
        try:
            super().sendall(*args)
        finally:
            self.settimeout(own)


class CallerBody:
    """The reader of a request's body. Whatever goes wrong with it is the caller's fault and not a defect.

    Raises RequestTimeout for a body that does not come in time, BadRequest for one that is broken or ends
    too early. The connection then ends with the reply: nobody knows where the next request begins.
    """

    def __init__(self, request: "Request", reader: "ChunkedReader | LengthReader | EOFReader") -> None:
        self._request = request
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Returns fewer bytes than `size` only at the end of the body."""
        # gunicorn takes the end of a connection for the end of a body.
        due = min(size, self._reader.length) if isinstance(self._reader, LengthReader) else 0
        try:
            content: bytes = self._reader.read(size)
        except TimeoutError:
            self._request.force_close()
            raise RequestTimeout from None
        except (OSError, ParseException):
            content, due = b"", 1
        if len(content) < due:
            self._request.force_close()
            raise BadRequest
        return content
