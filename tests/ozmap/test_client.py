"""The HTTP client against servers that misbehave, over real sockets."""

import json
import socket
from dataclasses import replace
from threading import Event
from time import monotonic
from typing import Any

import pytest
import requests

from schemas.tenants import Tenant
from tests.raw_server import Handler, answers, ok, read_request
from webhook.net.breaker import FAILURES, Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap import client as client_module
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import (
    OzmapAmbiguous,
    OzmapError,
    OzmapRefused,
    OzmapTooMuch,
    OzmapUnavailable,
    OzmapUnreadable,
)

SECONDS = 0.4
"""Of the deadlines here; a reply may be later by GRACE on a busy machine."""
GRACE = 0.5

TENANT = Tenant(slug="isp", ozmap_url="", ozmap_token="the-token", keys={})


def ask(url: str, method: str = "GET", tenant: Tenant = TENANT, **options: Any) -> Any:
    ozmap = OzmapClient(replace(tenant, ozmap_url=url), Breaker())
    return ozmap.call(method, "boxes", deadline=Deadline(options.pop("seconds", SECONDS)), **options)


def silent(connection: socket.socket, stopping: Event) -> None:
    read_request(connection)
    stopping.wait(30)


def test_a_timeout_is_never_tried_again(serve):
    server = serve(silent)
    started = monotonic()
    with pytest.raises(OzmapAmbiguous) as error:
        ask(server.url)
    assert monotonic() - started < SECONDS + GRACE
    assert error.value.reason == "timeout"
    assert server.connections == 1


def test_a_refused_connection_is_tried_twice_and_is_unavailable(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    tries = []
    monkeypatch.setattr(client_module.time, "sleep", tries.append)
    with pytest.raises(OzmapUnavailable) as error:
        ask(f"http://127.0.0.1:{port}")
    assert error.value.reason == "no connection"
    assert not error.value.may_be_done
    assert len(tries) == 1


def replies_in_turn(*replies: bytes) -> Handler:
    """One connection after the other; an empty reply closes without an answer."""
    left = list(replies)

    def handle(connection: socket.socket, stopping: Event) -> None:
        if reply := left.pop(0):
            answers(reply)(connection, stopping)
        else:
            read_request(connection)

    return handle


UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("first", [b"", UNAVAILABLE])
def test_a_read_is_tried_a_second_time(serve, first):
    server = serve(replies_in_turn(first, ok(b'{"rows": []}')))
    assert ask(server.url) == {"rows": []}
    assert server.connections == 2


@pytest.mark.parametrize("reply", [b"", UNAVAILABLE])
def test_and_no_third_time(serve, reply):
    server = serve(replies_in_turn(reply, reply, ok(b"{}")))
    with pytest.raises(OzmapAmbiguous):
        ask(server.url)
    assert server.connections == 2


@pytest.mark.parametrize("reply", [b"", UNAVAILABLE])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_write_is_never_repeated(serve, method, reply):
    server = serve(replies_in_turn(reply, ok(b"{}")))
    with pytest.raises(OzmapAmbiguous) as error:
        ask(server.url, method)
    assert error.value.may_be_done
    assert server.connections == 1


def test_no_second_try_without_time_for_it(serve, monkeypatch):
    monkeypatch.setattr(client_module, "JITTER", (60.0, 60.0))
    server = serve(replies_in_turn(UNAVAILABLE, ok(b"{}")))
    with pytest.raises(OzmapAmbiguous):
        ask(server.url)
    assert server.connections == 1


def test_a_kept_connection_is_used_again_and_a_dead_one_replaced(serve):
    server = serve(answers(ok(b"1"), ok(b"2")))
    ozmap = OzmapClient(replace(TENANT, ozmap_url=server.url), Breaker())
    deadline = Deadline(10)
    assert [ozmap.call("GET", "boxes", deadline=deadline) for _ in range(3)] == [1, 2, 1]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", OzmapUnavailable, "302"),
        (b"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\n\r\n", OzmapUnavailable, "307"),
        (ok(b"<html>")[:-2], OzmapAmbiguous, "connection broken"),
        (ok(b'{"rows": ['), OzmapUnreadable, "not JSON"),
        (ok(b"not gzip", "Content-Encoding: gzip"), OzmapUnreadable, "not HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", OzmapAmbiguous, "connection broken"),
    ],
)
def test_answers_that_are_none(serve, reply, kind, reason):
    server = serve(answers(reply))
    with pytest.raises(kind) as error:
        ask(server.url)
    assert error.value.reason.startswith(reason)


def test_a_redirect_is_not_followed_nor_its_body_read(serve):
    elsewhere = serve(answers(ok(b"{}")))
    server = serve(
        answers(
            b"HTTP/1.1 301 Moved\r\nContent-Length: 100000000\r\n"
            + f"Location: {elsewhere.url}/\r\n\r\n".encode()
        )
    )
    with pytest.raises(OzmapUnavailable) as error:
        ask(server.url)
    assert error.value.reason == "301: OZMAP_URL redirects, set it to the final address"
    assert elsewhere.connections == 0


def test_an_answer_over_8_mb_is_not_read(serve):
    body = b'"' + b"a" * client_module.MAX_ANSWER + b'"'
    with pytest.raises(OzmapUnreadable) as error:
        ask(serve(answers(ok(body))).url, seconds=10)
    assert error.value.reason == "answer over 8 MB"


def test_an_answer_of_just_8_mb_is(serve):
    body = b'"' + b"a" * (client_module.MAX_ANSWER - 2) + b'"'
    assert len(ask(serve(answers(ok(body))).url, seconds=10)) == client_module.MAX_ANSWER - 2


LARGE = b'"' + b"a" * client_module.LARGE + b'"'


def test_a_large_answer_is_refused_while_another_one_is_read(serve):
    with client_module._large:
        with pytest.raises(OzmapTooMuch) as error:
            ask(serve(answers(ok(LARGE))).url, seconds=10)
        assert error.value.outcome.code == "ocupado"
        assert ask(serve(answers(ok(b"{}"))).url) == {}
        # What was written is written, however much OZmap says about it.
        assert ask(serve(answers(ok(LARGE))).url, method="POST", seconds=10)
    assert ask(serve(answers(ok(LARGE))).url, seconds=10)
    assert not client_module._large.locked()


def test_a_large_answer_is_refused_where_no_time_is_left_for_it(serve):
    with pytest.raises(OzmapTooMuch):
        ask(serve(answers(ok(LARGE))).url, seconds=client_module.LARGE_TAKES - 0.1)


def recorded(serve, **options: Any) -> list[str]:
    """The lines of the request that `ask` sends with these options."""
    heads = []

    def handle(connection: socket.socket, _: Event) -> None:
        heads.append(read_request(connection).decode())
        connection.sendall(ok(b"{}"))

    ask(serve(handle).url + options.pop("base", ""), **options)
    return heads[0].split("\r\n")


@pytest.mark.parametrize(("auth", "value"), [("raw", "the-token"), ("bearer", "Bearer the-token")])
def test_the_key_goes_along(serve, auth, value):
    lines = recorded(serve, tenant=replace(TENANT, ozmap_auth=auth))
    assert lines[0] == "GET /api/v2/boxes HTTP/1.1"
    assert f"Authorization: {value}" in lines


def test_tenants_of_one_host_share_a_connection_but_no_cookie_and_no_key(serve):
    heads = []

    def handle(connection: socket.socket, _: Event) -> None:
        while head := read_request(connection).decode():
            heads.append(head)
            connection.sendall(ok(b"{}", "Set-Cookie: session=of-the-first-tenant; Path=/"))

    server = serve(handle)
    for token in ("first-token", "second-token"):
        ask(server.url, tenant=replace(TENANT, ozmap_token=token), seconds=5)
    assert server.connections == 1
    assert [head.count("Authorization: first-token") for head in heads] == [1, 0]
    assert [head.count("Authorization: second-token") for head in heads] == [0, 1]
    assert "Cookie" not in "".join(heads)


def test_parameters_are_quoted(serve):
    line = recorded(serve, params={"filter": '[{"a":"é&b"}]', "page": 2})[0]
    assert line == "GET /api/v2/boxes?filter=%5B%7B%22a%22%3A%22%C3%A9%26b%22%7D%5D&page=2 HTTP/1.1"


def test_a_path_segment_stays_one(serve):
    lines = []

    def handle(connection: socket.socket, _: Event) -> None:
        lines.append(read_request(connection).decode().split("\r\n")[0])
        connection.sendall(ok(b"[]"))

    ozmap = OzmapClient(replace(TENANT, ozmap_url=serve(handle).url), Breaker())
    ozmap.call("GET", "properties", "client", "a/b?c", deadline=Deadline(5))
    assert lines == ["GET /api/v2/properties/client/a%2Fb%3Fc HTTP/1.1"]


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_what_would_climb_is_no_segment(segment):
    ozmap = OzmapClient(replace(TENANT, ozmap_url="http://127.0.0.1:1"), Breaker())
    with pytest.raises(ValueError, match="not a path segment"):
        ozmap.call("GET", "properties", segment, deadline=Deadline(5))


def test_a_private_certificate_needs_its_authority(serve, authority):
    tls, ca_file = authority
    server = serve(answers(ok(b"{}")), tls)
    with pytest.raises(OzmapUnavailable) as error:
        ask(server.url, seconds=5)
    assert error.value.reason == "TLS: certificate not accepted, see OZMAP_CA"
    assert ask(server.url, tenant=replace(TENANT, ozmap_ca=ca_file), seconds=5) == {}


def test_tls_to_a_server_that_speaks_none_is_not_blamed_on_the_certificate(serve, authority):
    server = serve(lambda connection, _: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(OzmapUnavailable) as error:
        ask(server.url.replace("http:", "https:"), tenant=replace(TENANT, ozmap_ca=authority[1]), seconds=5)
    assert error.value.reason == "TLS: no agreement, is it https there?"


def test_a_spent_deadline_sends_nothing(serve):
    server = serve(answers(ok(b"{}")))
    with pytest.raises(OzmapUnavailable):
        ask(server.url, seconds=0)
    assert server.connections == 0


def test_who_waits_for_others_answers_keeps_the_deadline(requests_mock):
    requests_mock.get("http://ozmap/api/v2/boxes", json={"rows": []})
    client = OzmapClient(replace(TENANT, ozmap_url="http://ozmap"), Breaker())

    def ask_large(seconds: float):
        return client.call_large("boxes", params={}, deadline=Deadline(seconds), read=lambda answer: answer)

    with client_module._one_at_a_time, pytest.raises(OzmapUnavailable, match="deadline"):
        ask_large(0.1)
    assert ask_large(5)["rows"] == []


def test_the_breaker_answers_for_a_host_that_does_not(requests_mock, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("webhook.net.breaker.monotonic", lambda: now[0])
    ozmap = OzmapClient(replace(TENANT, ozmap_url="http://ozmap"), Breaker())
    mocked = requests_mock.get("http://ozmap/api/v2/boxes", status_code=500)

    def call() -> str:
        try:
            return json.dumps(ozmap.call("GET", "boxes", deadline=Deadline(5)))
        except OzmapError as error:
            return error.reason

    assert [call() for _ in range(7)] == ["500"] * 5 + ["breaker open"] * 2
    assert mocked.call_count == 5
    now[0] += 2.1
    assert [call(), call()] == ["500", "breaker open"], "one call tries the host"
    now[0] += 2.1
    requests_mock.get("http://ozmap/api/v2/boxes", json=[])
    assert [call(), call(), call()] == ["[]"] * 3


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("failure", [{"status_code": 500}, {"exc": requests.ReadTimeout}])
def test_writes_neither_open_the_breaker_of_reads_nor_close_it(requests_mock, method, failure):
    ozmap = OzmapClient(replace(TENANT, ozmap_url="http://ozmap"), Breaker())
    requests_mock.get("http://ozmap/api/v2/boxes", json=[])
    requests_mock.request(method, "http://ozmap/api/v2/boxes", **failure)

    def write() -> None:
        with pytest.raises(OzmapError):
            ozmap.call(method, "boxes", deadline=Deadline(5))

    for _ in range(FAILURES):
        write()
    assert ozmap.call("GET", "boxes", deadline=Deadline(5)) == []
    requests_mock.get("http://ozmap/api/v2/boxes", status_code=500)
    for _ in range(FAILURES):
        with pytest.raises(OzmapAmbiguous):
            ozmap.call("GET", "boxes", deadline=Deadline(5))
    requests_mock.request(method, "http://ozmap/api/v2/boxes", json={})
    assert ozmap.call(method, "boxes", deadline=Deadline(5)) == {}
    with pytest.raises(OzmapUnavailable, match="breaker open"):
        ozmap.call("GET", "boxes", deadline=Deadline(5))


def test_a_refusal_is_an_answer_to_the_breaker(requests_mock):
    ozmap = OzmapClient(replace(TENANT, ozmap_url="http://ozmap"), Breaker())
    requests_mock.get("http://ozmap/api/v2/boxes", status_code=401, text="no")
    for _ in range(10):
        with pytest.raises(OzmapRefused, match="401"):
            ozmap.call("GET", "boxes", deadline=Deadline(5))
