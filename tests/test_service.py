"""The service as the Procfile starts it: real processes, real sockets, and all that they print."""

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest
import requests

from sandbox import PLACES, Sandbox
from tests.conftest import KEYS

ROOT = Path(__file__).parents[1]
POINT = PLACES["viable"].point
COMMAND = re.search(r"^web: (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)[1]


class Service(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    def ask(self, path: str = "huggy/viabilidade", key: str = KEYS["huggy"][0], **options):
        return requests.post(
            f"http://127.0.0.1:{self.port}/{path}", headers={"X-Webhook-Key": key}, timeout=10, **options
        )

    def raw(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while received := connection.recv(65536):
                answer += received
            return answer


def environment(sandbox_url: str, **changes: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OZMAP_URL": sandbox_url,
        "OZMAP_TOKEN": "token-of-the-tests",
        "HUGGY_KEY": ",".join(KEYS["huggy"]),
        "FIVEHUB_KEY": ",".join(KEYS["fivehub"]),
        "REPLY_DEADLINE": "1.0",
        **changes,
    }


@contextmanager
def running(folder: Path, variables: dict[str, str], *options: str) -> Iterator[Service]:
    """The Procfile's command, in a process group of its own, that prints to a file in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    output = folder / "output"
    own = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/webhook.db"}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*shlex.split(COMMAND), *options],
            cwd=ROOT,
            env=own | variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = monotonic() + 30
            while output.read_bytes().count(b"Booting worker") < 2:
                assert process.poll() is None, output.read_text()
                assert monotonic() < deadline, output.read_text()
            yield Service(port, process, output)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="module")
def service(_shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    options = ["--log-level", "debug", "--access-logfile", "-"]
    with running(tmp_path_factory.mktemp("service"), environment(_shared_sandbox.url), *options) as service:
        yield service


def test_it_answers(service):
    reply = service.ask(json={"latitude": POINT.lat, "longitude": POINT.lng}).json()
    assert (reply["codigo"], reply["caixa_nome"]) == ("viavel", "CTO 04-04")


@pytest.mark.parametrize("fault", [{"broken": "silent"}, {"drip": 0.2, "drip_part": "headers"}], ids=str)
def test_the_caller_waits_no_longer_than_the_deadline(service, sandbox, fault):
    sandbox.faults.add("/", **fault)
    started = monotonic()
    reply = service.ask(json={"latitude": POINT.lat, "longitude": POINT.lng}).json()
    assert monotonic() - started < 1.5
    assert (reply["codigo"], reply["viavel"]) == ("ozmap_indisponivel", "indefinido")


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script-Name", "PATH_INFO", "Path-Info", "X-Script-Name"])
def test_no_header_changes_the_path(service, name):
    """A proxy lets /l/... through, and nothing of an operator's."""
    headers = {name: "/l" if "cript" in name.lower() else "/readyz"}
    for path in ("l/readyz", "l/openapi.json", "l/healthz"):
        answer = requests.get(f"http://127.0.0.1:{service.port}/{path}", headers=headers, timeout=10)
        assert answer.status_code == 404
        assert "stopping" not in answer.text


def test_a_request_line_of_8_kb(service):
    filler = "x" * 8000
    answer = requests.get(
        f"http://127.0.0.1:{service.port}/huggy/viabilidade?localizacao=0.0,0.0&filler={filler}",
        headers={"X-Webhook-Key": KEYS["huggy"][0]},
        timeout=10,
    )
    assert answer.json()["codigo"] == "localizacao_nao_entendida"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize(("size", "status"), [(64 * 1024, b"200"), (64 * 1024 + 1, b"413"), (80_000, b"413")])
def test_a_body_without_a_length_has_the_same_limit(service, kind, size, status):
    start, end = b'{"localizacao": "', b'"}'
    if kind.startswith("multipart"):
        start, end = b'--b\r\nContent-Disposition: form-data; name="nome"\r\n\r\n', b"\r\n--b--\r\n"
    body = start + b"x" * (size - len(start) - len(end)) + end
    head = f"POST /huggy/viabilidade HTTP/1.1\r\nHost: x\r\nX-Webhook-Key: {KEYS['huggy'][0]}\r\n"
    head += f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = service.raw(head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    assert answer.split(b" ")[1] == status


@pytest.mark.parametrize("key", [*KEYS["huggy"][:1], "wrong-key"])
@pytest.mark.parametrize("size", [2, 64 * 1024, 64 * 1024 + 1, 200_000])
def test_a_caller_is_told_when_the_connection_ends(service, key, size):
    """gunicorn closes it after a long body that nobody read: the next call on it would get no answer."""
    headers = {"X-Webhook-Key": key, "Content-Type": "application/json"}
    body = b"{}" + b" " * (size - 2)
    expected = 401 if key == "wrong-key" else 200 if size <= 64 * 1024 else 413
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        for _ in range(3):
            connection.request("POST", "/huggy/eco", body, headers)
            answer = connection.getresponse()
            assert (answer.status, "codigo" in json.loads(answer.read())) == (expected, True)
    assert answer.headers["Connection"] == ("keep-alive" if size == 2 else "close")


def test_callers_that_keep_closed_connections_open_hold_nobody_up(service):
    """gunicorn waits two seconds for each of them, in the one thread that takes in all requests."""
    started = monotonic()
    with ExitStack() as held:
        for _ in range(8):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", service.port), 10))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 404")
            assert service.ask("huggy/eco").status_code == 200
    assert monotonic() - started < 8 * 2


SECRETS = [
    "Fulana Beltrana",
    "Fulana",
    "Beltrana",
    "5548999887766",
    "123.456.789-00",
    "fulana@example.com",
    "Araucárias",
    "Arauc",
    str(POINT.lat),
    str(POINT.lng),
    "token-of-the-tests",
    *KEYS["huggy"],
    *KEYS["fivehub"],
    "almost-a-key",
]


def test_nothing_personal_and_no_key_is_ever_printed(service, sandbox):
    personal = {
        "nome": "Fulana Beltrana",
        "telefone": "5548999887766",
        "cpf": "123.456.789-00",
        "observacao": "fulana@example.com",
        "latitude": POINT.lat,
        "longitude": POINT.lng,
        "endereco": "Rua das Araucárias, 100",
    }
    place = f"localizacao={POINT.lat},{POINT.lng}&nome=Fulana%20Beltrana"
    key = KEYS["huggy"][0].encode()
    faults = [
        {},
        {"status": 500, "body": {"message": "no place for Fulana Beltrana, Rua das Araucárias"}},
        {"status": 422, "body": "CPF 123.456.789-00 is no CPF"},
        {"broken": "reset"},
        {"broken": "half"},
        {"status": 200, "body": "{}", "headers": {"X-Odd": "Fulana"}},
    ]
    for fault in faults:
        sandbox.faults.clear()
        if fault:
            sandbox.faults.add("/", **fault)
        for mode in ("poste", "raio"):
            service.ask(json=personal | {"modo": mode})
            service.ask(f"fivehub/viabilidade?{place}", key=KEYS["fivehub"][0], data=personal)
    sandbox.faults.clear()
    service.ask("huggy/eco", json=personal | {"Fulana Beltrana": 1})
    service.ask("huggy/Fulana%20Beltrana", json=personal)
    service.ask("huggy/eco", key="almost-a-key")
    service.ask("huggy/eco", data='{"nome": "Fulana Beltrana"')
    # What gunicorn itself refuses, and would quote.
    service.raw(b"GET /huggy/viabilidade?nome=Fulana Beltrana&" + place.encode() + b" HTTP/1.1\r\n\r\n")
    service.raw(b"FULANA\x00 / HTTP/1.1\r\nHost: x\r\n\r\n")
    service.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Webhook-Key : " + key + b"\r\n\r\n")
    service.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Webhook-Key: " + key + b"\x00\r\n\r\n")
    service.raw(b"GET /huggy/eco?" + place.encode() + b"&x=" + b"y" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    service.raw(b"POST /huggy/eco HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFulana\r\n")

    printed = service.output.read_text()
    assert printed.count('"action": "viabilidade"') >= 2 * len(faults)
    assert '"ozmap_failed": ["' in printed
    assert "Invalid request" in printed
    found = [secret for secret in SECRETS if secret.lower() in printed.lower()]
    assert not found, [line for line in printed.splitlines() if any(s.lower() in line.lower() for s in found)]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"OZMAP_TOKEN": ""}, "OZMAP_TOKEN is empty: give it a value or remove it"),
        ({"OZMAP_URL": "ftp://x"}, "OZMAP_URL must look like https://isp.ozmap.com.br:9994"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(changes, line):
    stopped = subprocess.run(
        shlex.split(COMMAND),
        cwd=ROOT,
        env=environment("http://127.0.0.1:1", **changes),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert stopped.returncode != 0
    assert stopped.stderr.startswith(line)
    assert stopped.stderr.count("\n") == 1
