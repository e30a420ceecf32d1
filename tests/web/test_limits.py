"""Rate limits: in memory and in Redis, and what becomes of them when Redis does not answer."""

import json
import secrets
from dataclasses import replace

import pytest
import redis

from schemas.reply import Viability
from tests.conftest import KEYS, REDIS
from webhook.web import limits


@pytest.fixture
def keys() -> dict[str, tuple[str, ...]]:
    """Of this test alone: Redis remembers those of others."""
    return {
        "huggy": (f"key-{secrets.token_hex(8)}", f"key-{secrets.token_hex(8)}"),
        "fivehub": ("fivehub-1",),
    }


@pytest.fixture
def limited(make_app, tenant, keys):
    """A client of a service with this limit."""

    def make(limit: str, url: str | None):
        return make_app(replace(tenant, keys=keys), rate_limit=limit, redis_url=url).test_client()

    return make


@pytest.fixture(params=[None, "redis"])
def store(request) -> str | None:
    """Where is counted: in the process, or in Redis."""
    return request.getfixturevalue("redis_url") if request.param else None


def call(client, key: str, action: str = "eco"):
    return client.post(f"/huggy/{action}", json={"nome": "Fulana"}, headers={"X-Webhook-Key": key})


def codes(client, key: str, calls: int) -> list[str]:
    return [call(client, key).get_json()["codigo"] for _ in range(calls)]


def test_off_unless_it_is_set(client):
    assert codes(client, KEYS["huggy"][0], 50) == ["eco"] * 50


def test_over_the_limit(limited, keys, store):
    client = limited("3/minute", store)
    first, second = keys["huggy"]
    assert codes(client, first, 5) == ["eco"] * 3 + ["limite_excedido"] * 2
    assert codes(client, second, 1) == ["eco"]
    answer = call(client, first, "viabilidade")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    reply = answer.get_json()
    assert list(reply) == list(Viability().fields)
    assert reply == dict.fromkeys(reply, "") | {
        "ok": "nao",
        "codigo": "limite_excedido",
        "mensagem": "Há muitas consultas ao mesmo tempo. Tente de novo daqui a pouco, por favor.",
        "protocolo": answer.headers["X-Request-ID"],
        "viavel": "indefinido",
    }


def test_of_several_limits_each_holds(limited, keys, store):
    client = limited("2/hour; 3/day", store)
    assert codes(client, keys["huggy"][0], 3) == ["eco", "eco", "limite_excedido"]
    assert int(call(client, keys["huggy"][0]).headers["Retry-After"]) > 60


def test_a_stranger_is_not_counted(limited, keys, store):
    client = limited("1/minute", store)
    assert codes(client, "wrong", 5) == ["chave_invalida"] * 5
    assert client.get("/healthz").status_code == client.get("/healthz").status_code == 200
    assert codes(client, keys["huggy"][0], 2) == ["eco", "limite_excedido"]


def test_processes_share_a_limit_in_redis_which_sees_no_key(limited, keys, redis_url):
    clients = [limited("3/minute", redis_url) for _ in range(2)]
    key = keys["huggy"][0]
    assert [code for client in clients for code in codes(client, key, 2)] == ["eco"] * 3 + ["limite_excedido"]
    with redis.Redis.from_url(REDIS) as server:
        names = [name.decode() for name in server.scan_iter("*webhook*")]
    assert names
    assert not [name for name in names if key in name]


def hangs(connection, stopping):
    stopping.wait(30)


def refuses(connection, _):
    connection.close()


def talks_nonsense(connection, _):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def wants_a_password(connection, _):
    while connection.recv(1000):
        connection.sendall(b"-NOAUTH Authentication required.\r\n")


@pytest.mark.parametrize("behave", [hangs, refuses, talks_nonsense, wants_a_password])
def test_without_redis_all_is_answered(limited, keys, serve, behave, capsys):
    server = serve(behave)
    client = limited("1/minute", f"redis://127.0.0.1:{server.port}")
    assert codes(client, keys["huggy"][0], 5) == ["eco"] * 5
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines if "event" in line] == ["redis unavailable"]
    assert all(line["ms"] < 1000 for line in lines if "ms" in line)
    assert server.connections <= 2


def test_when_redis_is_back_it_counts_again(limited, keys, redis_url, monkeypatch):
    client = limited("1/minute", redis_url)
    monkeypatch.setattr(limits, "REDIS_PAUSE", 0.0)
    with monkeypatch.context() as away:
        away.setattr("redis.connection.Connection._connect", lambda _: (_ for _ in ()).throw(OSError))
        assert codes(client, keys["huggy"][0], 3) == ["eco"] * 3
    assert codes(client, keys["huggy"][0], 2) == ["eco", "limite_excedido"]
