"""40 answers of 7 MB at once: every reply in time, the service alive, and memory within its limit."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import requests

from bench.processes import KEY, Webhook, settings_for, webhook
from tests.raw_server import RawServer, ok, read_request

AT_ONCE = 40
DEADLINE, LATEST = 4.0, 4.5
"""Seconds that the service has, and after which a reply is late on a busy machine too."""
SILENCE = 3.0
"""Seconds that /healthz may take there. `python -m bench hostile` asks for one second, on a quiet machine."""
MEMORY_MIB = 350
"""The bound of docs/performance.md."""
ROW = json.loads((Path(__file__).parents[1] / "fixtures" / "ozmap" / "box_row.json").read_text())
ROWS = 7_000_000 // len(json.dumps(ROW))
PAGE = ok(json.dumps({"total": ROWS, "rows": [ROW] * ROWS}).encode())
PLACE = {"localizacao": "-27.598710, -48.519455"}


def answers_at_length(connection: socket.socket, _: Event) -> None:
    while read_request(connection):
        connection.sendall(PAGE)


@pytest.fixture
def service() -> Iterator[Webhook]:
    with RawServer(answers_at_length) as ozmap:
        settings = settings_for(ozmap.port) | {"REPLY_DEADLINE": str(DEADLINE)}
        with webhook(settings) as service:
            yield service


def ask(service: Webhook) -> tuple[str, float]:
    """Outcome and seconds of a recipe."""
    url, headers = f"http://127.0.0.1:{service.port}/huggy/consulta/caixas_perto", {"X-Webhook-Key": KEY}
    started = time.monotonic()
    reply = requests.post(url, json=PLACE, headers=headers, timeout=30).json()
    return reply["codigo"], time.monotonic() - started


def test_all_in_time(service):
    assert ask(service)[0] == "consulta_ok"
    slowest, memory = 0.0, 0.0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(ask, service) for _ in range(AT_ONCE)]
        while not all(one.done() for one in asked):
            started = time.monotonic()
            assert requests.get(f"http://127.0.0.1:{service.port}/healthz", timeout=30).ok
            slowest = max(slowest, time.monotonic() - started)
            memory = max(memory, service.pss_mib())
            time.sleep(0.05)
    replies = [one.result() for one in asked]
    assert {code for code, _ in replies} <= {"consulta_ok", "ocupado"}
    assert max(seconds for _, seconds in replies) < LATEST
    assert slowest < SILENCE
    assert memory < MEMORY_MIB
    assert ask(service)[0] == "consulta_ok"
