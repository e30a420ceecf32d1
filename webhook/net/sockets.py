"""Sessions of requests with one deadline for everything: name look-up, connection, TLS, headers and body.

requests' timeout applies to each read of the socket, so a server that sends a byte now and then holds a call
for as long as it likes, and a name look-up has no timeout at all. Here each read and write of the socket may
take the time that is left until the caller's deadline. This costs a kept-alive connection one `settimeout`
per read: there is no second thread.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from http.cookiejar import DefaultCookiePolicy
from operator import itemgetter
from typing import Any, TypeAlias

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import parse_url

from webhook.net.deadline import Deadline

AddressRule: TypeAlias = Callable[[str], bool]
"""Whether a connection to this IP address may be made."""

# Per thread: `exchange`, the one that it is making, and `sessions`.
_thread = threading.local()

# getaddrinfo cannot be interrupted. It runs in these threads, and its callers stop waiting at their deadline.
# They are few, so that a resolver that hangs cannot use up the threads of the process. All who look for one
# host wait for one look-up, so that a name that nobody answers for holds up no other.
_resolver = ThreadPoolExecutor(max_workers=8, thread_name_prefix="name-lookup")
_looking_up: dict[tuple[str, int], Future[list[Any]]] = {}
_one_begins = threading.Lock()


@dataclass(slots=True)
class ExchangeState:
    """The exchange that this thread is making."""

    deadline: Deadline
    allows: AddressRule | None
    sent: bool = False
    """Whether a part of the request was handed to the operating system. A TLS handshake is not part of it."""

    def time_left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError at the deadline."""
        if left := self.deadline.remaining():
            return left
        raise TimeoutError("deadline reached")


@contextmanager
def total_deadline(deadline: Deadline, allows: AddressRule | None = None) -> Iterator[ExchangeState]:
    """Within the block, everything that this thread sends and receives on its sessions ends by `deadline`.

    `allows` is asked about each IP address before a connection to it begins. It sees the address and not the
    name, so that a name cannot pass the check with one address and then lead to another.
    """
    _thread.exchange = ExchangeState(deadline, allows)
    try:
        yield _thread.exchange
    finally:
        del _thread.exchange


class _DeadlineSocket(socket.socket):
    def recv_into(self, *args: Any) -> int:
        self.settimeout(_thread.exchange.time_left())
        return super().recv_into(*args)

    def sendall(self, *args: Any) -> None:
        exchange: ExchangeState = _thread.exchange
        self.settimeout(exchange.time_left())
        exchange.sent = True
        super().sendall(*args)


class _DeadlineTLSSocket(_DeadlineSocket, ssl.SSLSocket):
    pass


def _look_up(host: str, port: int) -> Future[list[Any]]:
    with _one_begins:
        if running := _looking_up.get((host, port)):
            return running
        started = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        _looking_up[host, port] = started
    started.add_done_callback(lambda _: _looking_up.pop((host, port)))
    return started


def _connect(host: str, port: int, options: Iterable[tuple[int, int, int | bytes]]) -> socket.socket:
    exchange: ExchangeState = _thread.exchange
    try:
        addresses = _look_up(host, port).result(exchange.time_left())
    except UnicodeError:  # a label of the name is empty or too long
        raise OSError("not a host name") from None
    if exchange.allows:
        addresses = [entry for entry in addresses if exchange.allows(str(entry[4][0]))]
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = _DeadlineSocket(family, kind, protocol)
        try:
            for option in options:
                connection.setsockopt(*option)
            # Each address gets a share of the time: one that drops packets must not use up all of it.
            connection.settimeout(exchange.time_left() / (len(addresses) - position))
            connection.connect(address)
        except OSError:
            connection.close()
            if position == len(addresses) - 1:
                raise
        else:
            return connection
    raise OSError("the name has no address that may be asked")


class _DeadlineHTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        try:
            return _connect(self._dns_host, self.port or self.default_port, self.socket_options or ())
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection by the deadline") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class _DeadlineHTTPSConnection(_DeadlineHTTPConnection, HTTPSConnection):
    pass


class _DeadlineHTTPPool(HTTPConnectionPool):
    ConnectionCls = _DeadlineHTTPConnection


class _DeadlineHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineHTTPSConnection


@cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies servers against `ca_file` only, or else against the system's authorities.

    Tenants with the same authorities share one context: loading them takes milliseconds and memory. Raises
    OSError, ssl.SSLError.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.sslsocket_class = _DeadlineTLSSocket
    return context


_host = lru_cache(maxsize=256)(parse_url)


def _origin_and_path(request: requests.PreparedRequest) -> tuple[str, str]:
    url = str(request.url)
    path = url.index("/", len("https://"))
    return url[:path], url[path:]


class _DeadlineAdapter(HTTPAdapter):
    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._tls)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _DeadlineHTTPPool,
            "https": _DeadlineHTTPSPool,
        }
        self.poolmanager.key_fn_by_scheme = dict.fromkeys(
            ("http", "https"), itemgetter("scheme", "host", "port")
        )

    # With these two methods and the pools' keys a radius call takes 4.5 % fewer instructions: requests and
    # urllib3 take the address apart eight times, and look for a pool by all the options that it can have.

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_: Any, **__: Any
    ) -> HTTPConnectionPool:
        """The pool for the request's host: no proxy, and one TLS context for all."""
        host = _host(_origin_and_path(request)[0])
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(host.host, host.port, host.scheme)
        return pool

    def request_url(self, request: requests.PreparedRequest, _: object) -> str:
        """Its path and query: only a proxy would need all of it."""
        return _origin_and_path(request)[1]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """With urllib3's own headers, and without what nobody reads: cookies, and a guess of the encoding.

        That is 2 % of the instructions of a radius call.
        """
        response = requests.Response()
        response.request, response.raw = req, resp
        response.status_code, response.headers = resp.status, resp.headers
        return response

    def cert_verify(self, *args: Any) -> None:
        """Does nothing: the context verifies, and requests would add its own bundle of authorities to it."""


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests reads the whole body of a redirect, however large, even if it must not follow it."""


def session(tls: ssl.SSLContext) -> requests.Session:
    """This thread's session for a TLS context. Use it only within `total_deadline`.

    Tenants share it, and it keeps connections to the ten hosts asked last, so that many tenants do not need
    more open files than few. It takes no cookies, which would go from one tenant to the next. It reads
    nothing from the environment: no .netrc, no proxy, no CA variable.
    """
    sessions: dict[ssl.SSLContext, requests.Session] = _thread.__dict__.setdefault("sessions", {})
    if tls not in sessions:
        made = sessions[tls] = _Session()
        made.trust_env = False
        made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _DeadlineAdapter(tls)
        made.mount("http://", adapter)
        made.mount("https://", adapter)
    return sessions[tls]
