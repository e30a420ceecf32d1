"""Requests that come slowly, in part or broken, over real sockets and processes."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Timer
from time import monotonic

import pytest

from sandbox import Sandbox
from tests.conftest import KEYS
from tests.test_service import Service, environment, running
from webhook.process.incoming import CallerSocket

DEADLINE = 1.0
HEAD = f"POST /huggy/viabilidade HTTP/1.1\r\nHost: x\r\nX-Webhook-Key: {KEYS['huggy'][0]}\r\n".encode()
ALL_KEYS = {"ok", "codigo", "mensagem", "protocolo", "viavel", "caixa_id", "latitude"}
THREADS = 192
"""As gunicorn.conf.py has them, in each of two processes."""


@pytest.fixture(scope="module")
def service(_shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    variables = environment(_shared_sandbox.url, REPLY_DEADLINE=str(DEADLINE))
    with running(tmp_path_factory.mktemp("incoming"), variables) as service:
        yield service
        printed = service.output.read_text()
        assert '"defect"' not in printed
        assert "Traceback" not in printed


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), 10)


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of the reply, which must be the last one."""
    received = b""
    while more := connection.recv(65536):
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


def is_flat(answered: tuple[bytes, bytes], status: int) -> bool:
    head, body = answered
    reply = json.loads(body)
    assert int(head.split(b" ")[1]) == status
    assert b"\r\nConnection: close" in head
    assert not any(isinstance(value, dict | list) for value in reply.values())
    return reply.keys() >= ALL_KEYS and reply["codigo"] == "dados_invalidos"


@pytest.mark.parametrize("sent", [b"Content-Length: 99\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"])
def test_a_body_that_does_not_come_is_answered_within_the_deadline(service, sent):
    started = monotonic()
    with connect(service) as connection:
        connection.sendall(HEAD + sent)
        assert is_flat(answer(connection), 408)
    assert monotonic() - started < DEADLINE + 0.5


def test_a_body_that_drips_is_no_better(service):
    started = monotonic()
    with connect(service) as connection:
        connection.sendall(HEAD + b"Content-Length: 99\r\n\r\n")
        for _ in range(8):
            connection.sendall(b" ")
            time.sleep(0.09)
        assert is_flat(answer(connection), 408)
    assert monotonic() - started < DEADLINE + 0.5


@pytest.mark.parametrize(
    "sent",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nBad Header: x\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}",
        b"Content-Length: 99\r\n\r\n{}",
    ],
)
def test_a_broken_body_is_the_callers_fault(service, sent):
    with connect(service) as connection:
        connection.sendall(HEAD + sent)
        connection.shutdown(socket.SHUT_WR)
        assert is_flat(answer(connection), 400)


def test_a_broken_body_that_nobody_reads_ends_the_connection(service):
    """One reply and no second one after it."""
    with connect(service) as connection:
        connection.sendall(HEAD.replace(KEYS["huggy"][0].encode(), b"wrong-key"))
        connection.sendall(b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        head, body = answer(connection)
    assert (head.split(b" ")[1], body.count(b"codigo"), b"HTTP/1.1" in body) == (b"401", 1, False)


def test_half_a_head_holds_a_thread_for_a_short_while(service):
    with ExitStack() as held:
        for _ in range(2 * THREADS):
            held.enter_context(connect(service)).sendall(b"POST /huggy/eco HTTP/1.1\r\nHost")
        started = monotonic()
        assert service.ask("huggy/eco").status_code == 200
        # gunicorn then waits two seconds for the callers to close.
        assert monotonic() - started < DEADLINE + 2 + 1


def test_connections_that_send_nothing_hold_no_thread(service):
    with ExitStack() as held:
        for _ in range(2 * THREADS + 50):
            held.enter_context(connect(service))
        started = monotonic()
        assert service.ask("huggy/eco").status_code == 200
        assert monotonic() - started < DEADLINE


def test_a_caller_who_reads_nothing_holds_no_thread_for_ever(monkeypatch):
    monkeypatch.setattr(CallerSocket, "SENDS_WITHIN", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as opened:
        caller = opened.enter_context(socket.create_connection(server.getsockname()))
        connection = opened.enter_context(CallerSocket(fileno=server.accept()[0].detach()))
        connection.settimeout(None)
        connection.sendall(b"short")
        assert caller.recv(5) == b"short"
        end = Timer(5, connection.shutdown, [socket.SHUT_RDWR])
        end.start()
        opened.callback(end.cancel)
        with pytest.raises(TimeoutError):
            connection.sendall(bytes(50_000_000))
        assert connection.gettimeout() is None
