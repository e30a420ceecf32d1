"""One HTTP exchange against servers that misbehave, over real sockets."""

import gzip
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest

from tests.raw_server import answers, drips, ok, read_request
from webhook.net.deadline import Deadline
from webhook.net.http import (
    MB,
    ExchangeError,
    HttpAnswer,
    MayHaveArrived,
    NotSent,
    Unreadable,
    derived,
    exchange,
    prepared,
    segment,
)
from webhook.net.sockets import tls_context

SECONDS = 0.4
"""Of the deadlines here; an exchange may end later by GRACE on a busy machine."""
GRACE = 0.5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def get(
    url: str, ca_file: str | None = None, seconds: float = 5.0, max_body: int = MB, **options: Any
) -> HttpAnswer:
    request = prepared("GET", url, options.pop("headers", None))
    return exchange(request, tls_context(ca_file), Deadline(seconds), max_body, **options)


def failure(url: str, *arguments: Any, **options: Any) -> tuple[type[ExchangeError], str]:
    """What `get` raises, and its reason."""
    with pytest.raises(ExchangeError) as error:
        get(url, *arguments, **options)
    return type(error.value), error.value.reason


def in_time(url: str, *arguments: Any) -> tuple[type[ExchangeError], str]:
    """What `get` raises by a short deadline."""
    started = monotonic()
    failed = failure(url, *arguments, seconds=SECONDS)
    assert monotonic() - started < SECONDS + GRACE
    return failed


def silent(connection: socket.socket, stopping: Event) -> None:
    read_request(connection)
    stopping.wait(30)


SLOW = {
    "says nothing": silent,
    "drips its status line": drips(b"", HEAD, 0.05),
    "drips header lines": drips(HEAD, b"X-Filler: 1\r\n" * 100, 0.05),
    "drips its body": drips(HEAD + b"Content-Length: 1000\r\n\r\n", b" " * 1000, 0.05),
    "drips chunks": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100, 0.05),
    "drips a body without a length": drips(HEAD + b"\r\n", b" " * 1000, 0.05),
}


@pytest.mark.parametrize("way", SLOW)
@pytest.mark.parametrize("over_tls", [False, True])
def test_the_deadline_is_total(serve, authority, way, over_tls):
    tls, ca_file = authority if over_tls else (None, None)
    assert in_time(serve(SLOW[way], tls).url, ca_file) == (MayHaveArrived, "timeout")


def test_a_slow_name_look_up_meets_the_deadline(monkeypatch):
    answer = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(30))
    try:
        assert in_time("http://host.example:9994") == (NotSent, "no connection in time")
    finally:
        answer.set()


def test_a_name_that_nobody_answers_for_holds_up_no_other(serve, monkeypatch):
    server, answer, real = serve(answers(ok(b"{}"))), Event(), socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        return answer.wait(30) if host == "hangs.example" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        with ThreadPoolExecutor(20) as pool:
            hang = [pool.submit(failure, "http://hangs.example", seconds=2) for _ in range(20)]
            sleep(0.2)
            assert get(server.url, seconds=1).body == b"{}"
            assert {one.result() for one in hang} == {(NotSent, "no connection in time")}
    finally:
        answer.set()


def test_an_unknown_name_is_no_connection(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failure("http://host.example:9994") == (NotSent, "no connection")


def test_a_name_without_an_address_is_no_connection(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert failure("http://host.example:9994") == (NotSent, "no connection")


def test_an_address_that_the_rule_refuses_is_no_connection(serve):
    server = serve(answers(ok(b"{}")))
    assert failure(server.url, allows=lambda _: False) == (NotSent, "no connection")
    assert server.connections == 0


def test_a_connection_that_nobody_accepts_meets_the_deadline():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for filler in waiting:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        assert in_time(f"http://127.0.0.1:{port}") == (NotSent, "no connection in time")
        for filler in waiting:
            filler.close()


def test_the_next_address_of_a_name_is_tried(serve, monkeypatch):
    server = serve(answers(ok(b"{}")))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        unused = closed.getsockname()
    real = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
    refused = [(*real[0][:4], unused)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: refused + real)
    assert get(server.url).body == b"{}"


def test_a_refused_connection_is_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}") == (NotSent, "no connection")


def test_a_spent_deadline_sends_nothing_even_on_a_kept_connection(serve):
    heads = []

    def handle(connection: socket.socket, _: Event) -> None:
        while head := read_request(connection):
            heads.append(head)
            connection.sendall(ok(b"{}"))

    server = serve(handle)
    get(server.url)
    assert failure(server.url, seconds=0)[0] is NotSent
    assert (server.connections, len(heads)) == (1, 1)


@pytest.mark.parametrize(
    "url", ["http://", "http://[", "nothing", "http://a" + "b" * 64 + ".example", "ftp://a/b"]
)
def test_what_is_no_address_is_not_sent(url):
    assert failure(url)[0] is NotSent


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (b"", MayHaveArrived, "connection broken"),
        (ok(b"<html>")[:-2], MayHaveArrived, "connection broken"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", MayHaveArrived, "connection broken"),
        (ok(b"not gzip", "Content-Encoding: gzip"), Unreadable, "not HTTP"),
    ],
)
def test_answers_that_are_none(serve, reply, kind, reason):
    server = serve(answers(reply))
    assert failure(server.url) == (kind, reason)
    assert server.connections == 1


def test_any_status_is_an_answer(serve):
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 2\r\n\r\nno"
    answer = get(serve(answers(busy)).url)
    assert (answer.status, answer.body, answer.location, answer.retry_after()) == (503, b"no", None, 120)
    assert answer.headers["retry-after"] == "120"


@pytest.mark.parametrize("header", ["X-Other: 1", "Retry-After: soon"])
def test_no_pause_that_can_be_read(serve, header):
    assert get(serve(answers(ok(b"", header))).url).retry_after() is None


def test_a_redirect_is_not_followed_nor_its_body_read(serve):
    elsewhere = serve(answers(ok(b"{}")))
    head = f"HTTP/1.1 301 Moved\r\nContent-Length: 100000000\r\nLocation: {elsewhere.url}/\r\n\r\n"
    answer = get(serve(answers(head.encode())).url)
    assert (answer.status, answer.body, answer.location) == (301, b"", f"{elsewhere.url}/")
    assert elsewhere.connections == 0


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_over_the_limit_is_unreadable(serve, packed):
    body = b"a" * (MB + 1)
    reply = ok(gzip.compress(body), "Content-Encoding: gzip") if packed else ok(body)
    assert failure(serve(answers(reply)).url) == (Unreadable, "answer over 1 MB")


def test_an_answer_of_just_the_limit_is_read(serve):
    assert len(get(serve(answers(ok(b"a" * MB))).url).body) == MB


def test_without_a_limit_for_the_body_it_is_not_read(serve):
    cut = ok(b"a" * 100)[:-50]
    assert get(serve(answers(cut)).url, max_body=0) == get(serve(answers(cut)).url, max_body=0)
    assert get(serve(answers(cut)).url, max_body=0).body == b""


def heads_of(serve, *urls_and_headers: tuple[str, dict[str, str]]) -> list[str]:
    """The heads that a server gets which sets a cookie."""
    heads = []

    def handle(connection: socket.socket, _: Event) -> None:
        while head := read_request(connection).decode():
            heads.append(head)
            connection.sendall(ok(b"{}", "Set-Cookie: session=of-the-first-tenant; Path=/"))

    server = serve(handle)
    for path, headers in urls_and_headers:
        get(f"{server.url}{path}", headers=headers)
    assert server.connections == 1
    return heads


def test_a_key_wins_over_a_netrc(serve, monkeypatch, tmp_path: Path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with_key, without = heads_of(serve, ("/", {"Authorization": "the-token"}), ("/", {}))
    assert "Authorization: the-token\r\n" in with_key
    assert "Authorization" not in without


def test_proxies_of_the_environment_are_not_asked(serve, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert heads_of(serve, ("/a", {}))[0].startswith("GET /a HTTP/1.1\r\n")


def test_callers_of_one_host_share_a_connection_but_no_cookie_and_no_header(serve):
    first, second = heads_of(serve, ("/", {"Authorization": "first"}), ("/", {"Authorization": "second"}))
    assert "first" in first
    assert "second" not in first
    assert "second" in second
    assert "first" not in second
    assert "Cookie" not in second


def test_a_derived_request_has_a_body_and_leaves_its_model_alone():
    model = prepared("GET", "http://host.example/api", {"Authorization": "the-token"})
    request = derived(model, "POST", "chats/55?page=2", {"text": "é"})
    assert (request.method, request.url) == ("POST", "http://host.example/api/chats/55?page=2")
    assert request.body == b'{"text": "\\u00e9"}'
    assert (request.headers["Content-Type"], request.headers["Content-Length"]) == ("application/json", "18")
    assert request.headers["Authorization"] == "the-token"
    assert (model.method, model.url, model.body) == ("GET", "http://host.example/api", None)
    assert "Content-Type" not in model.headers
    assert derived(prepared("GET", "http://host.example"), "GET", "a").url == "http://host.example/a"


def test_a_private_certificate_needs_its_authority(serve, authority):
    tls, ca_file = authority
    server = serve(answers(ok(b"{}")), tls)
    assert failure(server.url) == (NotSent, "TLS: certificate not accepted")
    assert get(server.url, ca_file).body == b"{}"


def test_another_name_than_the_certificates_is_not_accepted(serve, authority):
    tls, ca_file = authority
    server = serve(answers(ok(b"{}")), tls)
    failed = failure(f"https://127.0.0.1:{server.port}", ca_file)
    assert failed == (NotSent, "TLS: certificate not accepted")


def test_tls_to_a_server_that_speaks_none_is_not_blamed_on_the_certificate(serve, authority):
    server = serve(lambda connection, _: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    failed = failure(server.url.replace("http:", "https:"), authority[1])
    assert failed == (NotSent, "TLS: no agreement, is it https there?")


def test_a_tls_handshake_that_hangs_is_not_sent(serve, authority):
    server = serve(lambda connection, stopping: stopping.wait(30))
    failed = in_time(server.url.replace("http:", "https:"), authority[1])
    assert failed == (NotSent, "no connection in time")


def test_a_tls_handshake_that_breaks_off_is_not_sent(serve, authority):
    server = serve(lambda connection, _: connection.recv(1))
    failed = failure(server.url.replace("http:", "https:"), authority[1])
    assert failed[0] is NotSent


def test_tls_that_breaks_after_the_request_may_have_arrived(serve, authority):
    tls, ca_file = authority

    def handle(connection: socket.socket, _: Event) -> None:
        read_request(connection)
        with socket.socket(fileno=os.dup(connection.fileno())) as below:
            below.sendall(b"no TLS record" * 10)

    assert failure(serve(handle, tls).url, ca_file) == (MayHaveArrived, "connection broken")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("123|123", "123%7C123"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("é\n", "%C3%A9%0A"),
        ("..%2f", "..%252f"),
    ],
)
def test_a_path_segment_stays_one(text, quoted):
    assert segment(text) == quoted


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_what_would_climb_is_no_segment(text):
    with pytest.raises(ValueError, match="not a path segment"):
        segment(text)
