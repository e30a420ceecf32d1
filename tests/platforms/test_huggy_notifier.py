"""Huggy's API over real sockets: what goes out, and what each failure says about it."""

import socket
from http import HTTPStatus
from threading import Event

import pytest

from sandbox.huggy import TOKEN, Told
from tests.raw_server import answers, drips, read_request
from webhook.net.deadline import Deadline
from webhook.platforms.base import NotifyError
from webhook.platforms.huggy.notifier import HuggyNotifier

CHATS = "/huggy/v3/chats"
REFUSED, LATER, UNKNOWN = "a repeat cannot help", "a repeat may help", "it may have been done"


@pytest.fixture
def huggy(sandbox):
    sandbox.told.clear()
    return HuggyNotifier(f"{sandbox.url}/huggy/v3", TOKEN, 7)


def failure(client: HuggyNotifier, seconds: float = 5.0) -> NotifyError:
    with pytest.raises(NotifyError) as failed:
        client.message("55", "Pronto, Fulana!", Deadline(seconds))
    for secret in ("Fulana", TOKEN, "55"):
        assert secret not in f"{failed.value!r} {failed.value.reason}"
    return failed.value


def known(error: NotifyError) -> str:
    assert not (error.final and error.may_be_done)
    return REFUSED if error.final else UNKNOWN if error.may_be_done else LATER


def test_a_message_and_a_flow(huggy, sandbox):
    huggy.message("55", "Pronto! Está reservada.", Deadline(5))
    huggy.start_flow("55", Deadline(5))
    assert list(sandbox.told) == [Told("55", text="Pronto! Está reservada."), Told("55", flow=7)]


def test_what_goes_out(serve):
    heard = []

    def hear(connection: socket.socket, _: Event) -> None:
        text = ""
        while not text.endswith('{"text": "oi"}'):
            text += connection.recv(65536).decode()
        heard.append(text)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = serve(hear)
    HuggyNotifier(f"{server.url}/v3", "a-token", 7).message("5/../6?a=b#c", "oi", Deadline(5))
    line, *headers = heard[0].split("\r\n")
    assert line == "POST /v3/chats/5%2F..%2F6%3Fa%3Db%23c/messages HTTP/1.1"
    assert {"Authorization: Bearer a-token", "Content-Type: application/json", "Connection: close"} <= {
        *headers
    }


@pytest.mark.parametrize("chat", ["", ".", ".."])
def test_what_is_no_chat_is_not_asked_for(huggy, sandbox, chat):
    with pytest.raises(NotifyError) as failed:
        huggy.message(chat, "oi", Deadline(5))
    assert known(failed.value) == REFUSED
    assert not sandbox.requests


def test_a_wrong_token_is_refused_for_good(sandbox, huggy):
    error = failure(HuggyNotifier(f"{sandbox.url}/huggy/v3", "another", 7))
    assert (known(error), error.reason) == (REFUSED, "401")
    assert not sandbox.told


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        *(({"status": status}, REFUSED, str(status)) for status in (400, 403, 404, 422)),
        *(({"status": status}, LATER, str(status)) for status in (408, 429, 500, 502, 503)),
        *(({"status": status}, UNKNOWN, str(status)) for status in (504, 520, 524)),
        ({"broken": "reset"}, UNKNOWN, "connection broken"),
        ({"broken": "reset", "when": "after"}, UNKNOWN, "connection broken"),
        (
            {"status": 307, "headers": {"Location": "/huggy/v3/chats/66/messages"}},
            LATER,
            "307: HUGGY_API_URL redirects, set it to the final address",
        ),
        (
            {"status": 304},
            LATER,
            "304: HUGGY_API_URL redirects, set it to the final address",
        ),
    ],
)
def test_what_is_known_after_a_failure(huggy, sandbox, fault, kind, reason):
    sandbox.faults.add(CHATS, **fault)
    error = failure(huggy)
    assert (known(error), error.reason) == (kind, reason)
    assert [one.path for one in sandbox.requests] == [f"{CHATS}/55/messages"]
    assert len(sandbox.told) == (fault.get("when") == "after")


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("999999", 3600), ("soon", None), (None, None)])
def test_how_long_huggy_asks_to_be_left_alone(huggy, sandbox, said, seconds):
    headers = {"Retry-After": said} if said else {}
    sandbox.faults.add(CHATS, status=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)
    error = failure(huggy)
    assert known(error) == LATER
    assert error.retry_after == seconds


def test_a_broken_body_after_a_yes_is_a_yes(huggy, sandbox):
    sandbox.faults.add(CHATS, broken="cut")
    huggy.message("55", "oi", Deadline(5))
    assert list(sandbox.told) == [Told("55", text="oi")]


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    error = failure(HuggyNotifier(f"http://127.0.0.1:{port}", TOKEN, 7))
    assert (known(error), error.reason) == (LATER, "no connection")


@pytest.mark.parametrize(
    "handle",
    [lambda connection, stopping: stopping.wait(), drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a" * 100, 0.1)],
    ids=["silent", "drips its headers"],
)
def test_no_answer_in_time_says_nothing(serve, handle):
    error = failure(HuggyNotifier(serve(handle).url, TOKEN, 7), 0.3)
    assert (known(error), error.reason) == (UNKNOWN, "timeout")


def test_what_is_not_http_says_nothing(serve):
    error = failure(HuggyNotifier(serve(answers(b"220 mail ready\r\n\r\n")).url, TOKEN, 7))
    assert known(error) == UNKNOWN


def test_a_certificate_of_nobody_gets_nothing(serve, authority):
    heard = []
    server = serve(lambda connection, _: heard.append(read_request(connection)), tls=authority[0])
    error = failure(HuggyNotifier(server.url, TOKEN, 7))
    assert (known(error), error.reason) == (LATER, "TLS: certificate not accepted")
    assert not heard
