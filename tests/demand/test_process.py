"""What is counted survives a TERM, over real processes."""

import signal

import pytest

from sandbox import PLACES, Sandbox, sample_network
from tests.process.test_stop_and_reload import wait_for
from tests.test_service import environment, running
from webhook.store import Store, demand
from webhook.store.migrate import migrate

POINT = PLACES["viable"].point


@pytest.fixture
def own_sandbox():
    with Sandbox(token="token-of-the-tests", network=sample_network()) as sandbox:
        yield sandbox


def ask(service, conversation):
    values = {"latitude": POINT.lat, "longitude": POINT.lng, "conversa_id": conversation}
    assert service.ask(json=values).json()["codigo"] == "viavel"


def counted(store):
    return sum(one.conversations for one in demand.cells(store, "2000-01-01", ["isp"]))


def test_a_stop_loses_nothing_and_a_process_writes_by_itself(own_sandbox, tmp_path, database_url):
    store = Store(database_url)
    migrate(store)
    variables = environment(own_sandbox.url, DATABASE_URL=database_url, REPLY_DEADLINE="4.5")
    with running(tmp_path, variables) as service:
        for number in range(20):
            ask(service, f"c{number}")
        wait_for(lambda: counted(store) == 20)
        for number in range(10, 30):
            ask(service, f"c{number}")
        service.process.send_signal(signal.SIGTERM)
        ask(service, "late: it still answers")
        assert service.process.wait(20) == 0
        assert '"defect"' not in service.output.read_text()
    assert counted(store) == 31
