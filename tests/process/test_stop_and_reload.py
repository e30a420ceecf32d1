"""TERM and HUP under load, over real processes and sockets: no request fails."""

import http.client
import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
import requests

from sandbox import PLACES, Sandbox
from tests.test_service import Service, environment, running

POINT = PLACES["viable"].point
OPERATOR = "key-of-the-operator"
ISP = """
[isp.norte]
ozmap_url = "{url}"
ozmap_token = "token-of-the-tests"
huggy_key = "{key}"
fivehub_key = "key-that-stays"
"""
RECIPE = """
descricao = "O nome do primeiro projeto"
caminho = "projects"
[chaves]
nome = "rows[0].name"
"""


@pytest.fixture
def own_sandbox() -> Iterator[Sandbox]:
    with Sandbox(token="token-of-the-tests") as sandbox:
        yield sandbox


def wait_for(happened) -> None:
    deadline = monotonic() + 30
    while not happened():
        assert monotonic() < deadline
        time.sleep(0.05)


def probe(service: Service) -> requests.Response:
    """On a connection of its own, as a load balancer asks."""
    return requests.get(f"http://127.0.0.1:{service.port}/readyz", timeout=10)


@pytest.mark.parametrize("tell", [os.kill, os.killpg], ids=["the master", "all processes, as honcho does"])
def test_a_stop_is_told_before_the_port_closes_and_running_requests_end(own_sandbox, tmp_path, tell):
    variables = environment(own_sandbox.url, REPLY_DEADLINE="4.5")
    with running(tmp_path, variables) as service, ThreadPoolExecutor(1) as pool:
        kept = counts_of(service)
        own_sandbox.faults.add("/ftth-viability", delay=3, when="after")
        asked = {"latitude": POINT.lat, "longitude": POINT.lng, "modo": "raio"}
        slow = pool.submit(service.ask, json=asked)
        wait_for(lambda: any("ftth-viability" in one.path for one in own_sandbox.requests))
        assert probe(service).json()["stopping"] is False

        tell(service.process.pid, signal.SIGTERM)
        wait_for(lambda: probe(service).json()["stopping"])
        told = probe(service)
        assert (told.status_code, told.json()["ready"], told.json()["store"]) == (503, False, "ok")
        assert service.ask("huggy/eco").json()["codigo"] == "eco"
        assert slow.result(20).json()["codigo"] == "viavel"
        assert service.process.wait(20) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", service.port), 5)
        assert "Traceback" not in service.output.read_text()
        assert not kept.exists()


def test_a_stop_does_not_wait_for_lookups_that_nobody_waits_for(own_sandbox, tmp_path):
    with running(tmp_path, environment(own_sandbox.url)) as service:
        own_sandbox.faults.add("/", delay=40)
        asked = {"latitude": POINT.lat, "longitude": POINT.lng, "conversa_id": "1"}
        assert service.ask(json=asked).json()["codigo"] == "consultando"
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(9) == 0, "2 s of pause, 2 s for kept connections"
        assert '"defect"' not in service.output.read_text()


def counts_of(service: Service) -> Path:
    """Where the service's processes count."""
    mapped = Path(f"/proc/{service.process.pid}/maps").read_text()
    return Path(re.search(r"(/\S+/webhook-metrics-[^/\s]+)/", mapped)[1])


class Client:
    """Asks one thing after the other on a connection that it keeps, until it is stopped."""

    def __init__(self, service: Service, key: str) -> None:
        self.done = Event()
        self.replies: list[str] = []
        self._service = service
        self._key = key

    def run(self) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=10)
        while not self.done.is_set():
            headers = {"X-Webhook-Key": self._key, "Content-Type": "application/json"}
            body = json.dumps({"latitude": POINT.lat, "longitude": POINT.lng})
            connection.request("POST", "/fivehub/viabilidade", body, headers)
            response = connection.getresponse()
            self.replies.append(json.loads(response.read())["codigo"])
        connection.close()
        return self.replies


def test_three_reloads_under_load_fail_no_request_and_load_the_file_anew(own_sandbox, tmp_path):
    file = tmp_path / "tenants" / "isps.toml"
    file.parent.mkdir()

    def write(key: str) -> None:
        file.write_text(ISP.format(url=own_sandbox.url, key=key))

    def codigo(key: str, action: str = "eco") -> str:
        return service.ask(f"huggy/{action}", key=key).json()["codigo"]

    write("key-number-0")
    own = {"TENANTS_FILE": str(file), "RECIPES_DIR": str(tmp_path), "OPERATOR_KEY": OPERATOR}
    own["REPLY_DEADLINE"] = "20"  # on a busy machine too no reply is late
    (tmp_path / "antiga.toml").write_text(RECIPE)
    shared = environment(own_sandbox.url, **own)
    alone = {"OZMAP_URL", "OZMAP_TOKEN", "HUGGY_KEY", "FIVEHUB_KEY"}
    variables = {name: value for name, value in shared.items() if name not in alone}
    with running(tmp_path, variables) as service, ThreadPoolExecutor(4) as pool:
        clients = [Client(service, "key-that-stays") for _ in range(4)]
        asking = [pool.submit(client.run) for client in clients]
        try:
            for number in (1, 2, 3):
                write(f"key-number-{number}")
                reload(service)
                assert codigo(f"key-number-{number}") == "eco"
                assert codigo(f"key-number-{number - 1}") == "chave_invalida"
        finally:
            for client in clients:
                client.done.set()
        assert codigo("key-number-3", "consulta/nova") == "consulta_desconhecida"
        replies = [reply for one in asking for reply in one.result(20)]
        assert set(replies) == {"viavel"}
        assert counted(service, "viabilidade", "viavel") == len(replies)

        file.write_text("[isp.norte]\nhuggy_kye = 'x'\n")
        reload(service)
        assert codigo("key-number-3") == "eco"
        printed = service.output.read_text()
        assert "HUP: nothing is changed, because of\n" in printed
        assert "[isp.norte] huggy_kye is not a setting: did you mean huggy_key?\n" in printed

        write("key-number-4")
        (tmp_path / "nova.toml").write_text(RECIPE)
        reload(service)
        assert codigo("key-number-4") == "eco"
        assert codigo("key-number-4", "consulta/nova") == "consulta_ok"


def reload(service: Service) -> None:
    """HUP, and until the old workers are gone."""
    before = service.output.read_text().count("Worker exiting")
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: service.output.read_text().count("Worker exiting") == before + 2)


def counted(service: Service, action: str, outcome: str) -> int:
    """By all processes that there are and were."""
    url = f"http://127.0.0.1:{service.port}/metrics"
    text = requests.get(url, headers={"Authorization": f"Bearer {OPERATOR}"}, timeout=10).text
    line = f'webhook_requests_total{{action="{action}",outcome="{outcome}",platform="fivehub"}} '
    return round(float(text.partition(line)[2].partition("\n")[0]))
