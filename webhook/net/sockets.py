"""Outbound HTTP whose deadline is total: name look-up, connection, TLS, headers and body together.

requests' timeout counts per socket read, so that a server sending a byte now and then holds a call for
as long as it likes, and a name look-up has no timeout at all. Here each read and write of the socket
gets what is left of the caller's deadline. A connection that is kept alive pays nothing for it: no
second thread, no clock but the socket's own.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeAlias
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from webhook.net.deadline import Deadline

AddressRule: TypeAlias = Callable[[str], bool]
"""Whether a connection to this IP address may be made."""

# Of this thread: the deadline and the rule of the call that it is making, and its sessions.
_calling = threading.local()

# getaddrinfo cannot be interrupted: it runs here, and whoever waits for it gives up at the deadline.
# A resolver that hangs can hold these few threads and no more.
_resolver = ThreadPoolExecutor(max_workers=8, thread_name_prefix="name-lookup")


@contextmanager
def total_deadline(deadline: Deadline, allows: AddressRule | None = None) -> Iterator[None]:
    """Everything that this thread sends and receives on a session made here ends by `deadline`.

    `allows` is asked for each IP address before a connection to it is begun: the address itself, after the
    name look-up, so that a name cannot lead elsewhere a moment later.
    """
    _calling.deadline, _calling.allows = deadline, allows
    try:
        yield
    finally:
        del _calling.deadline, _calling.allows


def _time_left() -> float:
    left: float = _calling.deadline.remaining()
    if left == 0:
        raise TimeoutError("deadline reached")
    return left


class _DeadlineSocket(socket.socket):
    def recv_into(self, *args: Any) -> int:
        self.settimeout(_time_left())
        return super().recv_into(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(_time_left())
        super().sendall(*args)


class _DeadlineTLSSocket(_DeadlineSocket, ssl.SSLSocket):
    pass


def _connect(host: str, port: int, options: Any) -> socket.socket:
    looked_up = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        addresses = looked_up.result(_time_left())
    finally:
        looked_up.cancel()  # where it has not begun: after an outage nobody waits behind it
    if _calling.allows:
        addresses = [entry for entry in addresses if _calling.allows(str(entry[4][0]))]
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = _DeadlineSocket(family, kind, protocol)
        try:
            for option in options or ():
                connection.setsockopt(*option)
            # A share of the time for each address: one that swallows packets must not use up it all.
            connection.settimeout(_time_left() / (len(addresses) - position))
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
            return _connect(self._dns_host, self.port or self.default_port, self.socket_options)
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
    """Verifies against `ca_file` alone, or against the system's authorities. Raises OSError, ssl.SSLError.

    One for all tenants that trust the same: loading the system's authorities takes milliseconds and memory.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.sslsocket_class = _DeadlineTLSSocket
    return context


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

    def cert_verify(self, *args: Any) -> None:
        """The context above already verifies; requests would add its own bundle to it."""


def session(tls: ssl.SSLContext) -> requests.Session:
    """This thread's session for everybody who trusts the same; call it inside `total_deadline`.

    It keeps connections to the ten hosts asked last, so that many tenants cost no more files than few. It
    takes no cookies: those of one tenant must not go with another's key. It reads no environment: no
    .netrc, no proxy, no CA variable.
    """
    sessions: dict[ssl.SSLContext, requests.Session] = _calling.__dict__.setdefault("sessions", {})
    if tls not in sessions:
        made = sessions[tls] = requests.Session()
        made.trust_env = False
        made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _DeadlineAdapter(tls)
        made.mount("http://", adapter)
        made.mount("https://", adapter)
    return sessions[tls]


def segment(text: str) -> str:
    """One segment of a path, whatever is in the text. Raises ValueError for what cannot be one."""
    if text in {"", ".", ".."}:
        raise ValueError(f"not a path segment: {text!r}")
    return quote(text, safe="")
