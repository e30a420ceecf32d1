"""The worker's own metrics: what it delivers, on the loopback only."""

import socket

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.sales.shop import Shop
from webhook.cli import worker as command
from webhook.observe import metrics
from webhook.settings import SettingsError, load


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def value(port: int, name: str, **labels: str) -> float:
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def test_deliveries_are_counted_by_kind_and_result(own_sandbox, sqlite_url, port):
    metrics.serve(port)
    shop = Shop(own_sandbox, sqlite_url)
    done = {"kind": "reservation", "result": "done"}
    before = value(port, "webhook_worker_deliveries_total", **done)
    own_sandbox.faults.add("/", status=500)
    assert shop.reserve()["codigo"] == "reserva_pendente"
    own_sandbox.faults.clear()
    shop.pass_time()
    assert shop.worker.deliver_one()
    assert value(port, "webhook_worker_deliveries_total", **done) == before + 1
    assert value(port, "webhook_worker_delivery_seconds_count", kind="reservation") >= 1


def test_only_this_machine_sees_them(port):
    metrics.serve(port)
    others = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, port), 2)


def test_a_port_in_use_stops_the_start_with_one_line(sqlite_url, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as used:
        monkeypatch.setenv("WORKER_METRICS_PORT", str(used.getsockname()[1]))
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        monkeypatch.setenv("OZMAP_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("OZMAP_TOKEN", "x")
        monkeypatch.setenv("HUGGY_KEY", "key-of-huggy")
        assert load().worker_metrics_port == used.getsockname()[1]
        with pytest.raises(SettingsError, match="WORKER_METRICS_PORT"):
            command.run(None)
