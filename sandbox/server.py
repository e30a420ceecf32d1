"""The sandbox as a server: real HTTP with keep-alive, faults, and a record of what was called."""

import json
import socket
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import BytesIO
from threading import Event, Thread, current_thread
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from sandbox.behaviour import Behaviour
from sandbox.controls import Received, controls
from sandbox.faults import Fault, Faults, reset, say_nothing, send
from sandbox.geocoder import services
from sandbox.huggy import Told, chats
from sandbox.network import sample_network
from sandbox.ozmap import API, api
from sandbox.records import Record
from sandbox.store import Store
from sandbox.tiles import tiles

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TOKEN = "sandbox-key"  # when none is given
REMEMBERED = 100_000  # calls in `requests`; older ones are forgotten
LONGEST_TARGET = 8192  # bytes of path and query
BESIDE = ("/nominatim/", "/viacep/", "/huggy/v3/")
OWN_HEADERS = {"Content-Length", "Connection"}


class Sandbox:
    """A local OZmap over real HTTP, in threads, for a `with` block or `serve`.

    `port` 0 takes any free one. `network` is what `sample_network` makes: records by collection.
    """

    def __init__(
        self,
        token: str = TOKEN,
        network: Mapping[str, Iterable[Record]] | None = None,
        behaviour: Behaviour | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.token = token
        self.behaviour = behaviour or Behaviour()
        self.store = Store(sample_network() if network is None else network)
        self.faults = Faults()
        self.requests: deque[Received] = deque(maxlen=REMEMBERED)
        self.told: deque[Told] = deque(maxlen=REMEMBERED)
        self.stopping = Event()
        self._server = _Server(host, port, self._app(), self)
        self.url = f"http://{host}:{self._server.port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self.store.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.drop_connections()

    def reseed(self, seed: int) -> None:
        """Decides which calls a share hits, and how long calls take."""
        self.faults.reseed(seed)
        self.store.chance.seed(seed)

    def _app(self) -> Flask:
        app = Flask("sandbox", static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.url_map.merge_slashes = False  # two slashes in a code are two slashes
        app.register_blueprint(api(self.store, self.token, self.behaviour))
        app.register_blueprint(services())
        app.register_blueprint(tiles())
        app.register_blueprint(chats(self.told))
        app.register_blueprint(controls(self.behaviour, self.faults, self.requests))
        app.register_error_handler(HTTPException, _http_error)
        return app


class _Server(ThreadedWSGIServer):
    """Werkzeug's threaded server, which can also end the connections that are still open."""

    def __init__(self, host: str, port: int, app: Flask, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.open: dict[socket.socket, Thread] = {}
        super().__init__(host, port, app, _Handler)

    def drop_connections(self) -> None:
        for connection, thread in list(self.open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=2)


class _Handler(WSGIRequestHandler):
    """One connection. Werkzeug's own `run_wsgi` closes it after each answer: OZmap keeps it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a second write waits 40 ms for the client's ACK
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open[self.connection] = current_thread()

    def finish(self) -> None:
        del self.server.open[self.connection]
        super().finish()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Says nothing: `requests` has the calls."""

    def run_wsgi(self) -> None:
        sandbox, target = self.server.sandbox, urlsplit(self.path)
        environ = self.make_environ()
        content = _read_body(environ)
        if content is None:
            self.close_connection = True
            return
        path = unquote(target.path)
        if not path.startswith((f"{API}/", *BESIDE)):
            self._send(Response.from_app(self.server.app, environ), None)
            return
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        received = Received(
            self.command, path.removeprefix(API), query, body=content.decode(errors="replace")
        )
        received.fault = fault = sandbox.faults.take(received.method, received.path)
        sandbox.requests.append(received)
        answer = self._answer(environ, fault)
        if answer is None:
            self._leave(fault)
        else:
            received.status, received.ended = answer.status_code, monotonic()
            self._send(answer, fault)

    def _answer(self, environ: "WSGIEnvironment", fault: Fault | None) -> Response | None:
        """Does the work, unless a fault comes before it. None: nothing is to be sent."""
        stopping = self.server.sandbox.stopping
        answer = None
        if fault and fault.when == "before":
            stopping.wait(fault.delay)
        if not fault or fault.when == "after" or not fault.instead:
            answer = self._work(environ)
        if fault and fault.when == "after":
            stopping.wait(fault.delay)
        if fault and fault.instead:
            return fault.answer()
        return answer

    def _work(self, environ: "WSGIEnvironment") -> Response:
        if len(self.path) > LONGEST_TARGET:
            message = json.dumps({"message": f"the request target is over {LONGEST_TARGET} bytes"})
            return Response(message, 414, content_type="application/json")
        with self.server.sandbox.store.lock:
            return Response.from_app(self.server.app, environ, buffered=True)

    def _leave(self, fault: Fault | None) -> None:
        self.close_connection = True
        if fault and fault.broken == "silent":
            say_nothing(self.connection, self.server.sandbox.stopping)
        else:
            self.rfile.close()  # it holds the socket open
            reset(self.connection)

    def _send(self, answer: Response, fault: Fault | None) -> None:
        body = answer.get_data()
        length = len(body)
        if fault and fault.broken in {"cut", "half"}:
            body = body[: length // 2]
            self.close_connection = self.close_connection or fault.broken == "cut"
            length = length if fault.broken == "cut" else len(body)
        lines = [f"{self.protocol_version} {answer.status}"]
        lines += [f"{name}: {value}" for name, value in answer.headers if name not in OWN_HEADERS]
        if answer.status_code != 204:
            lines.append(f"Content-Length: {length}")
        lines.append(f"Connection: {'close' if self.close_connection else 'keep-alive'}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        body = b"" if self.command == "HEAD" or answer.status_code == 204 else body
        send(self.connection, head, body, fault, self.server.sandbox.stopping)


def _read_body(environ: "WSGIEnvironment") -> bytes | None:
    """Reads all of the body: left on a kept connection, the rest would be the next request.

    None where the caller left before it had sent all: nobody asked for what half a request says.
    """
    stream = environ["wsgi.input"]
    chunked = environ.get("wsgi.input_terminated")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content: bytes = stream.read() if chunked else stream.read(length)
    if not chunked and len(content) < length:
        return None
    environ["wsgi.input"] = BytesIO(content)
    environ["CONTENT_LENGTH"] = str(len(content))
    return content


def _http_error(error: HTTPException) -> ResponseReturnValue:
    """Errors that the routes do not make themselves (unknown path, wrong method, a defect)."""
    return jsonify(message=error.description or error.name), error.code or 500
