"""Sales when the store is down, and on a host that throws its disk away."""

import pytest

from tests.conftest import KEYS
from tests.sales.shop import PERSON
from webhook.settings import SettingsError, load

KEY = {"X-Webhook-Key": KEYS["huggy"][0]}
ACTIONS = [
    "reserva",
    "reserva/consulta",
    "reserva/cancelamento",
    "reserva/ativacao",
    "prospect",
]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/webhook.db", "postgresql://postgres@127.0.0.1:1/none"])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_store_that_is_down_is_flat_and_feasibility_goes_on(make_app, sandbox, action, url):
    client = make_app(database_url=url).test_client()
    values = PERSON | {"conversa_id": "c1", "localizacao": "-27.598710, -48.519455"}
    answer = client.post(f"/huggy/{action}", json=values, headers=KEY)
    assert (answer.status_code, answer.get_json()["codigo"]) == (200, "ocupado")
    assert not [one for one in sandbox.requests if one.method != "GET"]
    reply = client.post("/huggy/viabilidade", json=values, headers=KEY).get_json()
    assert reply["codigo"] == "viavel"


def test_a_file_on_a_host_that_throws_its_disk_away_stops_the_start(monkeypatch):
    for name, value in {
        "OZMAP_URL": "http://ozmap", "OZMAP_TOKEN": "t", "HUGGY_KEY": "key-number-1", "DYNO": "web.1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="DATABASE_URL is a file, and this host"):
        load()
    monkeypatch.setenv("DATABASE_URL", "postgres://u:secret@host/db")
    assert "secret" not in repr(load())


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "x"])
def test_no_database_that_we_know(monkeypatch, url):
    for name, value in {"OZMAP_URL": "http://ozmap", "OZMAP_TOKEN": "t", "HUGGY_KEY": "key-number-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL must be sqlite:///"):
        load()
